/**
 * Scenes: what an environment looks like, as data; whoever shows it to people draws it. Coordinates are in the scene's
 * own units, y upwards.
 */

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

/** Shapes in painting order inside the rectangle from (left, bottom) to (right, top). */
export interface Scene {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
  readonly background: Colour
  readonly shapes: ReadonlyArray<Shape>
}

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
