/** Shapes: sizes of axes, outermost first. */

export type Shape = ReadonlyArray<number>

export const equals = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i])

/**
 * The shape that elementwise operands broadcast to: aligned at the last axis, an axis of size 1 stretches. Throws a
 * `RangeError` if two sizes differ otherwise.
 *
 * @example
 * Shape.broadcast([[64, 1], [3]]) // [64, 3]
 */
export const broadcast = (shapes: ReadonlyArray<Shape>): Shape => {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0)
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((n) => n !== 1)
    const [size = 1] = sizes
    if (sizes.some((n) => n !== size)) {
      throw new RangeError(
        `the shapes ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")} do not broadcast`
      )
    }
    return size
  })
}
