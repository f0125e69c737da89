/**
 * Spaces: the sets that observations and actions come from. A `Box` is a product of intervals, a `Discrete` the
 * numbers 0, 1, ..., n - 1. Learners see the actions of a box in [-1, 1]; `fromUnit` and `toUnit` carry them over, each
 * dimension with its own bounds.
 */
import { Key } from "../random/index.ts"

// models

/** Numbers on the per-step path. A function that fills them writes in place. */
export type Numbers = Float32Array | Float64Array

export interface Box {
  readonly _tag: "Box"
  readonly shape: ReadonlyArray<number>
  /** One bound per element, row-major; may be infinite. */
  readonly low: ReadonlyArray<number>
  readonly high: ReadonlyArray<number>
  readonly dtype: "float32" | "float64"
}

export interface Discrete {
  readonly _tag: "Discrete"
  readonly n: number
}

export type Space = Box | Discrete

// constructors

/**
 * A box. Bounds are one number for all elements or one per element.
 *
 * ```ts
 * Space.box({ shape: [3], low: [-1, -1, -8], high: [1, 1, 8] })
 * ```
 *
 * Throws a `RangeError` for bounds of another count than the shape's, or a lower bound above its upper bound.
 */
export const box = (options: {
  readonly shape: ReadonlyArray<number>
  readonly low: number | ReadonlyArray<number>
  readonly high: number | ReadonlyArray<number>
  readonly dtype?: "float32" | "float64"
}): Box => {
  const length = options.shape.reduce((product, n) => product * n, 1)
  const bounds = (bound: number | ReadonlyArray<number>): ReadonlyArray<number> =>
    typeof bound === "number" ? Array.from({ length }, () => bound) : bound
  const low = bounds(options.low)
  const high = bounds(options.high)
  if (low.length !== length || high.length !== length) {
    throw new RangeError(`a box of shape [${options.shape.join(", ")}] has ${length} bounds on each side`)
  }
  const empty = low.findIndex((bound, i) => !(bound <= high[i]!))
  if (empty >= 0) {
    throw new RangeError(`element ${empty} of the box is empty: [${low[empty]}, ${high[empty]}]`)
  }
  return { _tag: "Box", shape: options.shape, low, high, dtype: options.dtype ?? "float32" }
}

/** The numbers 0, 1, ..., n - 1. */
export const discrete = (n: number): Discrete => {
  if (!(Number.isInteger(n) && n >= 1))
    throw new RangeError(`a discrete space has at least one element, not ${n}`)
  return { _tag: "Discrete", n }
}

// properties

/** How many numbers an element takes: the product of a box's shape; 1 for an index. */
export const size = (space: Space): number => (space._tag === "Box" ? space.low.length : 1)

/** Fresh zeroed storage for one element. */
export const allocate = (space: Space, count = 1): Numbers =>
  space._tag === "Box" && space.dtype === "float64"
    ? new Float64Array(count * size(space))
    : new Float32Array(count * size(space))

/** Is every bound finite? Only then can actions be rescaled. */
export const isBounded = (space: Box): boolean =>
  space.low.every(Number.isFinite) && space.high.every(Number.isFinite)

/** Is it [-1, 1] in every dimension, so that rescaling changes nothing? */
export const isUnit = (space: Box): boolean =>
  space.low.every((bound) => bound === -1) && space.high.every((bound) => bound === 1)

/** Does the space hold these numbers? Bounds are compared in the numbers' own precision. */
export const contains = (space: Space, numbers: Numbers): boolean => {
  if (numbers.length !== size(space)) return false
  if (space._tag === "Discrete") {
    return Number.isInteger(numbers[0]) && numbers[0]! >= 0 && numbers[0]! < space.n
  }
  const single = numbers instanceof Float32Array
  for (let i = 0; i < numbers.length; i++) {
    const low = single ? Math.fround(space.low[i]!) : space.low[i]!
    const high = single ? Math.fround(space.high[i]!) : space.high[i]!
    // Written so that NaN is outside.
    if (!(numbers[i]! >= low && numbers[i]! <= high)) return false
  }
  return true
}

// combinators

/**
 * Fills `out` with a random element: uniform where both bounds are finite, exponential from the one finite bound,
 * standard normal where there is none (as Gymnasium samples).
 */
export const sample = <N extends Numbers>(space: Space, key: Key.Key, out: N): N => {
  if (space._tag === "Discrete") {
    out[0] = Key.integer(key, space.n)
    return out
  }
  for (let i = 0; i < out.length; i++) {
    const low = space.low[i]!
    const high = space.high[i]!
    if (Number.isFinite(low) && Number.isFinite(high)) out[i] = low + (high - low) * Key.uniform(key, i)
    else if (Number.isFinite(low)) out[i] = low + Key.exponential(key, i)
    else if (Number.isFinite(high)) out[i] = high - Key.exponential(key, i)
    else out[i] = Key.normal(key, i)
  }
  return out
}

/**
 * From [-1, 1] to the box, `low + (u + 1) (high - low) / 2` per dimension; u is clipped to [-1, 1] first, and the ends
 * are met exactly.
 */
export const fromUnit = (space: Box, unit: Numbers, out: Numbers): void => {
  for (let i = 0; i < out.length; i++) {
    const u = Math.max(-1, Math.min(1, unit[i]!))
    const low = space.low[i]!
    const high = space.high[i]!
    out[i] = Math.max(low, Math.min(high, low + 0.5 * (u + 1) * (high - low)))
  }
}

/** From the box to [-1, 1]: the inverse of `fromUnit`. A dimension of one point goes to 0. */
export const toUnit = (space: Box, element: Numbers, out: Numbers): void => {
  for (let i = 0; i < out.length; i++) {
    const width = space.high[i]! - space.low[i]!
    out[i] = width === 0 ? 0 : (2 * (element[i]! - space.low[i]!)) / width - 1
  }
}

/** `Box([3], float32, [-1, -1, -8] to [1, 1, 8])`, `Discrete(2)`: what listings show. */
export const format = (space: Space): string => {
  if (space._tag === "Discrete") return `Discrete(${space.n})`
  const bound = (bounds: ReadonlyArray<number>): string =>
    bounds.every((value) => value === bounds[0])
      ? String(bounds[0])
      : `[${bounds.map((value) => String(Number(value.toPrecision(4)))).join(", ")}]`
  return `Box([${space.shape.join(", ")}], ${space.dtype}, ${bound(space.low)} to ${bound(space.high)})`
}
