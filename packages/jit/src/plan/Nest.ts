/**
 * Loops over arrays of one shape that lie in memory in different ways: dimensions of size one are dropped and
 * neighbours that every array walks through alike are merged, so that the loop inside is as long as can be.
 */

// models

/** A dimension and, for every array, the distance of its elements. */
export interface Dimension {
  readonly size: number
  readonly strides: ReadonlyArray<number>
}

// pure core

/** Distances of an array's elements in row-major order. */
export const strides = (shape: ReadonlyArray<number>): ReadonlyArray<number> =>
  shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1))

/** The strides of an array of `shape` walked as if it had the shape `to`: zero where it broadcasts. */
export const broadcast = (shape: ReadonlyArray<number>, to: ReadonlyArray<number>): ReadonlyArray<number> => {
  const own = strides(shape)
  const lead = to.length - shape.length
  return to.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : (own[i - lead] ?? 0)))
}

/** The fewest dimensions that walk the arrays in the same order; `[]` for one element. */
export const collapse = (
  shape: ReadonlyArray<number>,
  arrays: ReadonlyArray<ReadonlyArray<number>>
): ReadonlyArray<Dimension> => {
  const out: Array<Dimension> = []
  shape.forEach((size, d) => {
    if (size === 1) return
    const inner: Dimension = { size, strides: arrays.map((array) => array[d] ?? 0) }
    const outer = out.at(-1)
    if (outer?.strides.every((stride, i) => stride === (inner.strides[i] ?? 0) * size)) {
      out[out.length - 1] = { size: outer.size * size, strides: inner.strides }
    } else out.push(inner)
  })
  return out
}
