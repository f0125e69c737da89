/**
 * Scenes: what an environment looks like, as data; whoever shows it to people draws it. A flat scene has shapes in its own
 * units, y upwards; a scene in space has solids, z upwards, and a camera.
 */
import { Trigonometry } from "../random/index.ts"

// models

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [number, number, number]

export type Point = readonly [number, number]

export type Shape =
  | { readonly _tag: "Polygon"; readonly points: ReadonlyArray<Point>; readonly fill: Colour }
  | { readonly _tag: "Circle"; readonly centre: Point; readonly radius: number; readonly fill: Colour }
  | {
      /** Through the points, with round ends and corners. */
      readonly _tag: "Line"
      readonly points: ReadonlyArray<Point>
      readonly width: number
      readonly stroke: Colour
    }
  | {
      /** Printable ASCII; `at` is the lower left corner, `height` that of a capital letter. */
      readonly _tag: "Text"
      readonly at: Point
      readonly text: string
      readonly height: number
      readonly fill: Colour
    }
  | Pixels

/** A picture that somebody else has drawn, in the rectangle with this lower left corner. */
export interface Pixels {
  readonly _tag: "Pixels"
  readonly at: Point
  readonly width: number
  readonly height: number
  /** How many there are in a row; rows from the top, red, green and blue of each. */
  readonly columns: number
  readonly colours: Uint8Array
}

/** Shapes in painting order inside the rectangle from (left, bottom) to (right, top). */
export interface Scene {
  readonly _tag?: "Flat"
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
  readonly background: Colour
  readonly shapes: ReadonlyArray<Shape>
}

// models: scenes in space

export type Vector = readonly [x: number, y: number, z: number]

/** Three by three, row by row; its columns are the solid's own axes in the world. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number]

/** A solid around its position, its axis along its own z. */
export interface Solid {
  readonly _tag: "Plane" | "Sphere" | "Ellipsoid" | "Capsule" | "Cylinder" | "Box"
  /**
   * Half its lengths along its own axes: of a sphere three times the radius, of a capsule (radius, radius, half the length
   * without the round ends). A plane has no height, and does not end where x or y is 0.
   */
  readonly size: Vector
  readonly position: Vector
  readonly rotation: Rotation
  readonly fill: Colour
  /** Every other square of a plane, with sides of this length, has this colour: motion over it can be seen. */
  readonly checker?: { readonly fill: Colour; readonly side: number }
}

export interface Camera {
  readonly eye: Vector
  readonly target: Vector
  readonly up: Vector
  /** From the lower edge of the picture to the upper one, in degrees. */
  readonly fieldOfView: number
}

/** Solids seen by a camera. */
export interface Spatial {
  readonly _tag: "Spatial"
  readonly solids: ReadonlyArray<Solid>
  readonly camera: Camera
  /** The picture's width over its height. */
  readonly aspect: number
  readonly sky: { readonly horizon: Colour; readonly zenith: Colour }
}

/** What an environment may show. */
export type Picture = Scene | Spatial

// constructors

export const white: Colour = [255, 255, 255]

export const black: Colour = [0, 0, 0]

/** A rectangle with its sides along the axes. */
export const rectangle = ([left, bottom]: Point, [right, top]: Point, fill: Colour): Shape => ({
  _tag: "Polygon",
  points: [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top]
  ],
  fill
})

export const line = (points: ReadonlyArray<Point>, width: number, stroke: Colour): Shape => ({
  _tag: "Line",
  points,
  width,
  stroke
})

export const circle = (centre: Point, radius: number, fill: Colour): Shape => ({
  _tag: "Circle",
  centre,
  radius,
  fill
})

/** A picture that was drawn elsewhere: rows from the top, red, green and blue of each pixel, which is a unit of the scene. */
export const pixels = (columns: number, rows: number, colours: Uint8Array): Scene => ({
  left: 0,
  right: columns,
  bottom: 0,
  top: rows,
  background: black,
  shapes: [{ _tag: "Pixels", at: [0, 0], width: columns, height: rows, columns, colours }]
})

/** Numbers as bars up and down from a line at 0: a picture of anything. Bars reach the edge at +-`range`. */
export const bars = (values: ArrayLike<number>, range: number): Scene => ({
  // At least as wide as high: a few bars stand in the middle.
  left: Math.min(0, values.length / 2 - 1.1),
  right: Math.max(values.length, values.length / 2 + 1.1),
  bottom: -1.1,
  top: 1.1,
  background: white,
  shapes: [
    ...Array.from(values, (value, i) =>
      rectangle([i + 0.1, 0], [i + 0.9, Math.max(-1.1, Math.min(1.1, value / range))], [77, 121, 204])
    ),
    line(
      [
        [Math.min(0, values.length / 2 - 1.1), 0],
        [Math.max(values.length, values.length / 2 + 1.1), 0]
      ],
      0.02,
      black
    )
  ]
})

/** Upright: a solid that is not turned. */
export const upright: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/**
 * A camera that looks at a target from this distance, `elevation` degrees above it, and as far around it as `azimuth` says:
 * from the side of -y at 90 degrees, from -x at 0. Whatever the target is, it stands in the middle: following is looking at
 * where it is now.
 *
 * ```ts
 * const camera = Scene.orbit([x, 0, 0.6], { distance: 3, azimuth: 90, elevation: 15 })
 * ```
 */
export const orbit = (
  target: Vector,
  {
    azimuth,
    distance,
    elevation,
    fieldOfView = 45
  }: {
    readonly distance: number
    readonly azimuth: number
    readonly elevation: number
    readonly fieldOfView?: number
  }
): Camera => {
  const [around, above] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180]
  const flat = distance * Trigonometry.cos(above)
  return {
    eye: [
      target[0] - flat * Trigonometry.cos(around),
      target[1] - flat * Trigonometry.sin(around),
      target[2] + distance * Trigonometry.sin(above)
    ],
    target,
    up: [0, 0, 1],
    fieldOfView
  }
}

/** A sky that is neither bright nor dark, so that pictures stand well on pages of either kind. */
const dusk: Spatial["sky"] = { horizon: [206, 219, 230], zenith: [116, 152, 190] }

/** A scene in space under a calm sky, 4 by 3. */
export const spatial = (
  solids: ReadonlyArray<Solid>,
  camera: Camera,
  { aspect = 4 / 3, sky = dusk }: Partial<Pick<Spatial, "aspect" | "sky">> = {}
): Spatial => ({ _tag: "Spatial", solids, camera, aspect, sky })

/** A floor at this height that does not end, with squares of one unit. */
export const floor = (height = 0): Solid => ({
  _tag: "Plane",
  size: [0, 0, 0],
  position: [0, 0, height],
  rotation: upright,
  fill: [173, 180, 188],
  checker: { fill: [146, 154, 164], side: 1 }
})

// pure core

const isPlace = (numbers: ReadonlyArray<number>): boolean => numbers.every(Number.isFinite)

/** Can this be drawn: has it an extent, things in it, and only finite numbers? */
export const isDrawable = (self: Picture): boolean => {
  if (self._tag !== "Spatial") {
    const { bottom, left, right, shapes, top } = self
    return isPlace([left, right, bottom, top]) && left < right && bottom < top && shapes.length > 0
  }
  const { aspect, camera, solids } = self
  const { eye, fieldOfView, target, up } = camera
  return (
    solids.length > 0 &&
    solids.every(
      ({ position, rotation, size }) =>
        isPlace([...position, ...rotation, ...size]) && size.every((x) => x >= 0)
    ) &&
    isPlace([...eye, ...target, ...up, aspect]) &&
    aspect > 0 &&
    eye.some((x, i) => x !== target[i]) &&
    fieldOfView > 0 &&
    fieldOfView < 180
  )
}

// combinators

/** The width of a letter with the gap behind it, in heights of a capital. */
const LETTER = 6 / 7

/** The scene with a line of text in its upper left corner, as large as fits. */
export const caption = (self: Scene, text: string): Scene => {
  const width = self.right - self.left
  const height = Math.min(
    0.035 * Math.max(width, self.top - self.bottom),
    // A margin of its height on either side.
    width / (LETTER * text.length + 2)
  )
  const at: Point = [self.left + height, self.top - 2 * height]
  return { ...self, shapes: [...self.shapes, { _tag: "Text", at, text, height, fill: [90, 90, 90] }] }
}
