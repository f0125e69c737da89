/** The outlines of bodies, where they are now: what pictures are made of. */
import type * as Scene from "@ornstein/core/Scene"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import type * as Binding from "./Binding.ts"

// pure core

/** A rectangle around 0. */
export const rectangle = (halfWidth: number, halfHeight: number): ReadonlyArray<Scene.Point> => [
  [-halfWidth, -halfHeight],
  [halfWidth, -halfHeight],
  [halfWidth, halfHeight],
  [-halfWidth, halfHeight]
]

/** Points of a body, turned and moved as it is. */
export const placed = (
  body: Binding.Body,
  points: ReadonlyArray<Scene.Point>
): ReadonlyArray<Scene.Point> => {
  const position = body.GetPosition()
  const [left, bottom] = [position.get_x(), position.get_y()]
  const angle = body.GetAngle()
  const [sin, cos] = [Trigonometry.sin(angle), Trigonometry.cos(angle)]
  return points.map(([x, y]) => [left + cos * x - sin * y, bottom + sin * x + cos * y])
}

/** A filled shape with an edge around it. */
export const edged = (
  points: ReadonlyArray<Scene.Point>,
  fill: Scene.Colour,
  stroke: Scene.Colour,
  width: number
): ReadonlyArray<Scene.Shape> => [
  { _tag: "Polygon", points, fill },
  { _tag: "Line", points: [...points, ...points.slice(0, 1)], width, stroke }
]
