/**
 * Transcendental functions of `float32` numbers, written so that their bits are the same on every machine. They compute in
 * `float64` with errors below 2^-39 and round once: results are within 1 ulp of the exact value over the whole range,
 * subnormal results and special values included.
 */
import type { Float64, MathFunction } from "./Lanes.ts"

// pure core: pieces

/** `c0 + c1 x + c2 x^2 + ...` by Horner's rule. */
const polynomial = <D>(set: Float64<D>, x: D, coefficients: ReadonlyArray<number>): D =>
  coefficients
    .slice(0, -1)
    .reduceRight<D>((sum, c) => set.add(set.mul(sum, x), set.const(c)), set.const(coefficients.at(-1) ?? 0))

/** `low <= x <= high`; NaN stays. */
const clamp = <D>(set: Float64<D>, x: D, low: number, high: number): D =>
  set.pmin(set.pmax(x, set.const(low)), set.const(high))

/** Taylor's series of `(exp(r) - 1) / r`: for |r| <= log(2) / 2 it errs by 2^-40. */
const EXPM1 = Array.from(
  { length: 11 },
  (_, i) => 1 / Array.from({ length: i + 1 }, (_, j) => j + 1).reduce((a, b) => a * b, 1)
)

/** The series of `atanh(s) / s` in s^2: for |s| <= 0.172 it errs by 2^-49. */
const ATANH = Array.from({ length: 10 }, (_, i) => 1 / (2 * i + 1))

/** Beyond these `exp` is zero or infinite in `float32`. */
const EXP_LIMIT = 200

/** `log(2)` in two parts; the first has 21 zero bits at its end, so its products with small integers are exact. */
const LN2_HIGH = 6.9314718036912381649e-1
const LN2_LOW = 1.90821492927058770002e-10

/** Klambauer et al., 2017: the scale, and the scale times their alpha. */
const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.7580993408473768

/** Adding it rounds to an integer and leaves that integer in the lowest bits. */
const ROUND = 6755399441055744

/** 2^n, and `exp(x) / 2^n - 1`, for |x| <= 200. */
const reduceExp = <D>(set: Float64<D>, x: D): { readonly scale: D; readonly rest: D } => {
  const { add, keep, mul, sub } = set
  const shifted = keep(add(mul(x, set.const(Math.LOG2E)), set.const(ROUND)))
  const scale = keep(set.addInt(set.shiftLeft(shifted, 52), set.bits(1023n << 52n)))
  const n = keep(sub(shifted, set.const(ROUND)))
  const r = keep(sub(sub(x, mul(n, set.const(LN2_HIGH))), mul(n, set.const(LN2_LOW))))
  return { scale, rest: keep(mul(r, polynomial(set, r, EXPM1))) }
}

/** `exp(x)` for any x, between exp(-200) and exp(200). */
const exp64 = <D>(set: Float64<D>, x: D): D => {
  const { rest, scale } = reduceExp(set, set.keep(clamp(set, x, -EXP_LIMIT, EXP_LIMIT)))
  return set.mul(scale, set.add(rest, set.const(1)))
}

const expm164 = <D>(set: Float64<D>, x: D, limit: number): D => {
  const { rest, scale } = reduceExp(set, set.keep(clamp(set, x, -limit, limit)))
  return set.add(set.mul(scale, rest), set.sub(scale, set.const(1)))
}

/**
 * `log(u)`, where `u = 1 + x` if `x` is given: near one it is computed from `x`, which has not lost its last bits.
 * With u = 2^e (1 + f), log(u) = e log(2) + 2 atanh(f / (2 + f)).
 */
const log64 = <D>(set: Float64<D>, u: D, x: D | undefined): D => {
  const { add, bits, div, eq, keep, mul, select, sub } = set
  const number = set.const
  // Shifting the exponent's steps from 1 to sqrt(1/2) centres 1 + f around one.
  const offset = 0x3fe6a09e00000000n
  const shifted = keep(set.addInt(u, bits(0x3ff0000000000000n - offset)))
  const e = keep(
    sub(set.or(set.shiftRight(shifted, 52), bits(0x4330000000000000n)), number(4503599627370496 + 1023))
  )
  const near = sub(set.addInt(set.and(shifted, bits(0x000fffffffffffffn)), bits(offset)), number(1))
  const f = keep(x === undefined ? near : select(eq(e, number(0)), x, near))
  const s = keep(div(f, add(f, number(2))))
  const square = keep(mul(s, s))
  const result = add(
    add(mul(e, number(LN2_HIGH)), mul(e, number(LN2_LOW))),
    mul(add(s, s), polynomial(set, square, ATANH))
  )
  const finite = select(eq(u, number(Number.POSITIVE_INFINITY)), u, result)
  const ofZero = select(eq(u, number(0)), number(Number.NEGATIVE_INFINITY), finite)
  return select(set.ge(u, number(0)), ofZero, number(Number.NaN))
}

const pow64 = <D>(set: Float64<D>, x: D, y: D): D => {
  const { and, eq, keep, mul, select, trunc } = set
  const number = set.const
  const size = keep(set.abs(x))
  const whole = keep(eq(trunc(y), y))
  const half = keep(mul(y, number(0.5)))
  const odd = and(whole, set.ne(trunc(half), half))
  const result = exp64(set, mul(y, log64(set, size, undefined)))
  // A negative base: the result has its sign where y is odd, and is not a number where y is no integer.
  const turned = set.or(result, and(and(odd, x), set.bits(1n << 63n)))
  const undefinedAt = and(
    and(set.lt(x, number(0)), set.gt(x, number(Number.NEGATIVE_INFINITY))),
    set.not(whole)
  )
  return select(eq(y, number(0)), number(1), select(undefinedAt, number(Number.NaN), turned))
}

const softplus64 = <D>(set: Float64<D>, x: D): D => {
  const e = set.keep(exp64(set, x))
  const u = set.keep(set.add(e, set.const(1)))
  return set.select(set.gt(x, set.const(100)), x, log64(set, u, e))
}

const tanh64 = <D>(set: Float64<D>, x: D): D => {
  const e = set.keep(expm164(set, set.add(x, x), 40))
  return set.div(e, set.add(e, set.const(2)))
}

// constructors

const plain = (name: string, apply: MathFunction["apply"]): MathFunction => ({ name, apply, signed: false })

const signed = (name: string, apply: MathFunction["apply"]): MathFunction => ({ name, apply, signed: true })

export const exp = plain("exp", exp64)
/** `exp(x) - 1` without cancellation at zero. */
export const expm1 = signed("expm1", (set, x) => expm164(set, x, EXP_LIMIT))
export const log = plain("log", (set, x) => log64(set, x, undefined))
/** `log(1 + x)` without cancellation at zero. */
export const log1p = signed("log1p", (set, x) => log64(set, set.keep(set.add(x, set.const(1))), x))
export const tanh = signed("tanh", tanh64)
/** `1 / (1 + exp(-x))`. */
export const sigmoid = plain("sigmoid", (set, x) =>
  set.div(set.const(1), set.add(exp64(set, set.neg(x)), set.const(1)))
)
/** `log(1 + exp(x))`. */
export const softplus = plain("softplus", softplus64)
/** `1 / sqrt(x)`. */
export const rsqrt = plain("rsqrt", (set, x) => set.div(set.const(1), set.sqrt(x)))
/** `scale x` above zero, `scale alpha (exp(x) - 1)` below. */
export const selu = plain("selu", (set, x) =>
  set.select(
    set.ge(x, set.const(0)),
    set.mul(x, set.const(SELU_SCALE)),
    set.mul(expm164(set, x, EXP_LIMIT), set.const(SELU_ALPHA))
  )
)
/** `x` to the `y`, with the special cases of ECMAScript's `Math.pow`. */
export const pow = plain("pow", pow64)
