/**
 * Vectors of numbers as a set of instructions that an engine has, whatever their width: what is computed is said once on
 * them (`ElementwiseKernels`, `MathFunctions`), and each engine says how its machine does an instruction.
 *
 * `V` is what stands for a value while code is written. A value may be used any number of times where it was an operand or
 * came from `keep`; any other once.
 *
 * ```ts
 * const relu = <V>({ float32: { add, const: number, pmax } }: Lanes<V>, x: V) => add(pmax(x, number(0)), number(0))
 * ```
 */

// models

export interface Lanes<V> {
  readonly float32: Float32<V>
  readonly int32: Int32<V>
  readonly and: (a: V, b: V) => V
  readonly or: (a: V, b: V) => V
  readonly not: (a: V) => V
  /** `t` where the mask is set, `e` elsewhere. */
  readonly select: (mask: V, t: V, e: V) => V
  readonly keep: (value: V) => V
  /** The function of `float32` operands, computed in `float64` and rounded once. */
  readonly math: (f: MathFunction, x: V, y?: V) => V
}

/** `float32` arithmetic, every operation rounded; a comparison leaves a mask, all bits set for true. */
export interface Float32<V> {
  readonly const: (x: number) => V
  readonly abs: (a: V) => V
  readonly neg: (a: V) => V
  readonly sqrt: (a: V) => V
  readonly floor: (a: V) => V
  readonly add: (a: V, b: V) => V
  readonly sub: (a: V, b: V) => V
  readonly mul: (a: V, b: V) => V
  readonly div: (a: V, b: V) => V
  /** NaN where one is, and -0 below 0. */
  readonly min: (a: V, b: V) => V
  readonly max: (a: V, b: V) => V
  /** `a < b ? b : a`, one instruction where `max` needs several. */
  readonly pmax: (a: V, b: V) => V
  readonly eq: (a: V, b: V) => V
  readonly ne: (a: V, b: V) => V
  readonly lt: (a: V, b: V) => V
  readonly gt: (a: V, b: V) => V
  readonly le: (a: V, b: V) => V
  readonly ge: (a: V, b: V) => V
  readonly fromInt32: (a: V) => V
}

/** Signed integers that wrap around. */
export interface Int32<V> {
  readonly const: (n: number) => V
  readonly abs: (a: V) => V
  readonly neg: (a: V) => V
  readonly add: (a: V, b: V) => V
  readonly sub: (a: V, b: V) => V
  readonly mul: (a: V, b: V) => V
  readonly min: (a: V, b: V) => V
  readonly max: (a: V, b: V) => V
  readonly eq: (a: V, b: V) => V
  readonly ne: (a: V, b: V) => V
  readonly lt: (a: V, b: V) => V
  readonly gt: (a: V, b: V) => V
  readonly le: (a: V, b: V) => V
  readonly ge: (a: V, b: V) => V
  /** Towards zero; NaN becomes 0, what is outside the nearest that there is. */
  readonly fromFloat32: (a: V) => V
  /** `floor(a / b)` in `float64`, made an integer as in `fromFloat32`: that of 0 / 0 is 0. */
  readonly floorOfQuotient: (a: V, b: V) => V
}

/** `float64` arithmetic, and integers of as many bits. */
export interface Float64<D> {
  readonly const: (x: number) => D
  readonly bits: (word: bigint) => D
  readonly abs: (a: D) => D
  readonly neg: (a: D) => D
  readonly sqrt: (a: D) => D
  readonly trunc: (a: D) => D
  readonly add: (a: D, b: D) => D
  readonly sub: (a: D, b: D) => D
  readonly mul: (a: D, b: D) => D
  readonly div: (a: D, b: D) => D
  /** `b < a ? b : a`. */
  readonly pmin: (a: D, b: D) => D
  /** `a < b ? b : a`. */
  readonly pmax: (a: D, b: D) => D
  readonly eq: (a: D, b: D) => D
  readonly ne: (a: D, b: D) => D
  readonly lt: (a: D, b: D) => D
  readonly gt: (a: D, b: D) => D
  readonly ge: (a: D, b: D) => D
  readonly and: (a: D, b: D) => D
  readonly or: (a: D, b: D) => D
  readonly not: (a: D) => D
  readonly select: (mask: D, t: D, e: D) => D
  readonly addInt: (a: D, b: D) => D
  readonly shiftLeft: (a: D, bits: number) => D
  readonly shiftRight: (a: D, bits: number) => D
  readonly keep: (value: D) => D
}

/** A function of one or two `float32` numbers by way of `float64`. */
export interface MathFunction {
  readonly name: string
  readonly apply: <D>(set: Float64<D>, x: D, y: D) => D
  /** It goes through the origin and keeps the sign of its argument, also of zero. */
  readonly signed: boolean
}
