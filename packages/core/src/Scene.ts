/** Scenes: what an environment looks like, as data. Coordinates are in the scene's own units, y upwards. */

// models

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [number, number, number]

export type Point = readonly [number, number]

export type Shape =
  | { readonly _tag: "Polygon"; readonly points: ReadonlyArray<Point>; readonly fill: Colour }
  | { readonly _tag: "Circle"; readonly centre: Point; readonly radius: number; readonly fill: Colour }
  | {
      readonly _tag: "Line"
      readonly points: ReadonlyArray<Point>
      readonly width: number
      readonly stroke: Colour
    }
  | {
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
