/** What a lander looks like: black sky, white moon, two flags around the pad, flames where engines burn. */
import * as Scene from "@ornstein/core/Scene"
import type * as Binding from "./Binding.ts"
import * as Outline from "./Outline.ts"

// models

/** A body, and its outline around its own origin. */
export interface Figure {
  readonly body: Binding.Body
  readonly outline: ReadonlyArray<Scene.Point>
}

export interface View {
  /** The moon's surface, from the left edge to the right. */
  readonly hills: ReadonlyArray<Scene.Point>
  readonly height: number
  readonly hull: Figure
  readonly legs: ReadonlyArray<Figure>
  /** Powers of the engines, 0 where they are off; the side's is negative where it pushes to the left. */
  readonly main: number
  readonly side: number
}

const PIXEL = 1 / 30
const HULL: Scene.Colour = [128, 102, 230]
const EDGE: Scene.Colour = [77, 77, 128]
const FLAG: Scene.Colour = [204, 204, 0]
const FLAME: Scene.Colour = [255, 153, 51]

// pure core

const flag = ([x, ground]: Scene.Point): ReadonlyArray<Scene.Shape> => {
  const top = ground + 50 * PIXEL
  return [
    Scene.line(
      [
        [x, ground],
        [x, top]
      ],
      PIXEL,
      Scene.white
    ),
    {
      _tag: "Polygon",
      points: [
        [x, top],
        [x, top - 10 * PIXEL],
        [x + 25 * PIXEL, top - 5 * PIXEL]
      ],
      fill: FLAG
    }
  ]
}

const flame = ({ body }: Figure, points: ReadonlyArray<Scene.Point>): Scene.Shape => ({
  _tag: "Polygon",
  points: Outline.placed(
    body,
    points.map(([x, y]): Scene.Point => [x * PIXEL, y * PIXEL])
  ),
  fill: FLAME
})

/** Below the hull, longer with more power. */
const mainFlame = (hull: Figure, power: number): ReadonlyArray<Scene.Shape> =>
  power === 0
    ? []
    : [
        flame(hull, [
          [-6, -10],
          [6, -10],
          [0, -10 - 24 * power]
        ])
      ]

/** On the side that it pushes away from. */
const sideFlame = (hull: Figure, power: number): ReadonlyArray<Scene.Shape> =>
  power === 0
    ? []
    : [
        flame(hull, [
          [-Math.sign(power) * 15, 10],
          [-Math.sign(power) * 15, 16],
          [-Math.sign(power) * 15 - 16 * power, 13]
        ])
      ]

export const draw = ({ height, hills, hull, legs, main, side }: View): Scene.Scene => {
  const right = hills.at(-1)?.[0] ?? 0
  const figure = ({ body, outline }: Figure) =>
    Outline.edged(Outline.placed(body, outline), HULL, EDGE, 2 * PIXEL)
  return {
    left: 0,
    right,
    bottom: 0,
    top: height,
    background: Scene.black,
    shapes: [
      { _tag: "Polygon", points: [...hills, [right, 0], [0, 0]], fill: Scene.white },
      ...mainFlame(hull, main),
      ...sideFlame(hull, side),
      ...legs.flatMap(figure),
      ...figure(hull),
      ...[4, 6].flatMap((i) => flag(hills[i] ?? [0, 0]))
    ]
  }
}
