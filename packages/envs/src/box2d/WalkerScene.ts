/** What a walker looks like: a pale sky with clouds, green ground, obstacles, two legs, and the rays it sees by. */
import type * as Scene from "@ornstein/core/Scene"
import type * as Binding from "./Binding.ts"
import * as Outline from "./Outline.ts"
import * as WalkerTerrain from "./WalkerTerrain.ts"

// models

/** A body, its outline around its own origin, and its colours. */
export interface Figure {
  readonly body: Binding.Body
  readonly outline: ReadonlyArray<Scene.Point>
  readonly fill: Scene.Colour
  readonly stroke: Scene.Colour
}

export interface View {
  readonly terrain: WalkerTerrain.Terrain
  readonly clouds: ReadonlyArray<ReadonlyArray<Scene.Point>>
  /** In painting order. */
  readonly figures: ReadonlyArray<Figure>
  /** Each from the hull to what it meets. */
  readonly rays: ReadonlyArray<readonly [Scene.Point, Scene.Point]>
  /** Where the picture begins. */
  readonly left: number
}

const PIXEL = 1 / 30
const WIDTH = 600 * PIXEL
const HEIGHT = 400 * PIXEL
const SKY: Scene.Colour = [215, 215, 255]
const CLOUD: Scene.Colour = [255, 255, 255]
const EARTH: Scene.Colour = [102, 153, 76]
const TURF: readonly [Scene.Colour, Scene.Colour] = [
  [76, 255, 76],
  [76, 204, 76]
]
const BLOCK: Scene.Colour = [255, 255, 255]
const BLOCK_EDGE: Scene.Colour = [153, 153, 153]
const RAY: Scene.Colour = [255, 120, 120]
const POLE: Scene.Colour = [0, 0, 0]
const FLAG: Scene.Colour = [230, 51, 0]

// pure core

/** Does any of it lie in the picture? */
const isSeen =
  (left: number) =>
  (points: ReadonlyArray<Scene.Point>): boolean =>
    points.some(([x]) => x >= left - WalkerTerrain.STEP) &&
    points.some(([x]) => x <= left + WIDTH + WalkerTerrain.STEP)

const ground = (heights: ReadonlyArray<number>, left: number): ReadonlyArray<Scene.Shape> =>
  heights.slice(1).flatMap((y, i): ReadonlyArray<Scene.Shape> => {
    const from: Scene.Point = [i * WalkerTerrain.STEP, heights[i] ?? y]
    const to: Scene.Point = [(i + 1) * WalkerTerrain.STEP, y]
    if (!isSeen(left)([from, to])) return []
    return [
      { _tag: "Polygon", points: [from, to, [to[0], 0], [from[0], 0]], fill: EARTH },
      { _tag: "Line", points: [from, to], width: 2 * PIXEL, stroke: TURF[i % 2 === 0 ? 0 : 1] }
    ]
  })

/** At the start. */
const flag: ReadonlyArray<Scene.Shape> = [
  {
    _tag: "Line",
    points: [
      [3 * WalkerTerrain.STEP, WalkerTerrain.LEVEL],
      [3 * WalkerTerrain.STEP, WalkerTerrain.LEVEL + 50 * PIXEL]
    ],
    width: 2 * PIXEL,
    stroke: POLE
  },
  {
    _tag: "Polygon",
    points: [
      [3 * WalkerTerrain.STEP, WalkerTerrain.LEVEL + 50 * PIXEL],
      [3 * WalkerTerrain.STEP, WalkerTerrain.LEVEL + 40 * PIXEL],
      [3 * WalkerTerrain.STEP + 25 * PIXEL, WalkerTerrain.LEVEL + 45 * PIXEL]
    ],
    fill: FLAG
  }
]

export const draw = ({ clouds, figures, left, rays, terrain }: View): Scene.Scene => ({
  left,
  right: left + WIDTH,
  bottom: 0,
  top: HEIGHT,
  background: SKY,
  shapes: [
    // Clouds are far away: they pass at half the walker's pace.
    ...clouds
      .map((cloud) => cloud.map(([x, y]): Scene.Point => [x + left / 2, y]))
      .filter(isSeen(left))
      .map((points): Scene.Shape => ({ _tag: "Polygon", points, fill: CLOUD })),
    ...ground(terrain.heights, left),
    ...terrain.blocks.filter(isSeen(left)).flatMap((block) => Outline.edged(block, BLOCK, BLOCK_EDGE, PIXEL)),
    ...flag,
    ...rays.map((points): Scene.Shape => ({ _tag: "Line", points, width: PIXEL, stroke: RAY })),
    ...figures.flatMap(({ body, fill, outline, stroke }) =>
      Outline.edged(Outline.placed(body, outline), fill, stroke, 2 * PIXEL)
    )
  ]
})
