/**
 * The functions that IEEE 754 does not fix, as plain TypeScript: the formulas of `lanes/MathFunctions`, in float64, rounded
 * once. Only the operations that IEEE 754 fixes are used, in the same order, so the bits are the same.
 */

const bitsOf = (x: number): bigint => new BigUint64Array(Float64Array.of(x).buffer)[0]!
const numberOf = (bits: bigint): number =>
  new Float64Array(BigUint64Array.of(BigInt.asUintN(64, bits)).buffer)[0]!

/** `a` where it is not smaller; NaN of the first stays. */
const pmax = (a: number, b: number): number => (a < b ? b : a)
const pmin = (a: number, b: number): number => (b < a ? b : a)

const polynomial = (x: number, coefficients: ReadonlyArray<number>): number =>
  coefficients.reduceRight((sum, c, i) => (i === coefficients.length - 1 ? c : sum * x + c), 0)

const EXPM1 = Array.from(
  { length: 11 },
  (_, i) => 1 / Array.from({ length: i + 1 }, (_, j) => j + 1).reduce((a, b) => a * b, 1)
)
const ATANH = Array.from({ length: 10 }, (_, i) => 1 / (2 * i + 1))
const LIMIT = 200
const LN2_HIGH = 6.9314718036912381649e-1
const LN2_LOW = 1.90821492927058770002e-10
const ROUND = 6755399441055744

/** `x = n log(2) + r`: 2^n, and `exp(r) - 1`. */
const reduced = (x: number): readonly [scale: number, rest: number] => {
  const t = x * Math.LOG2E + ROUND
  const scale = numberOf((bitsOf(t) << 52n) + (1023n << 52n))
  const n = t - ROUND
  const r = x - n * LN2_HIGH - n * LN2_LOW
  return [scale, r * polynomial(r, EXPM1)]
}

const exp64 = (x: number): number => {
  const [scale, rest] = reduced(pmin(pmax(x, -LIMIT), LIMIT))
  return scale * (rest + 1)
}

const expm164 = (x: number, limit: number): number => {
  const [scale, rest] = reduced(pmin(pmax(x, -limit), limit))
  return scale * rest + (scale - 1)
}

/** `log(u)`; where `u` was rounded from `1 + x`, near one from `x`. */
const log64 = (u: number, x?: number): number => {
  const offset = 0x3fe6a09e00000000n
  const shifted = BigInt.asUintN(64, bitsOf(u) + (0x3ff0000000000000n - offset))
  const e = numberOf((shifted >> 52n) | 0x4330000000000000n) - (4503599627370496 + 1023)
  const near = numberOf((shifted & 0x000fffffffffffffn) + offset) - 1
  const f = x !== undefined && e === 0 ? x : near
  const s = f / (f + 2)
  const result = e * LN2_HIGH + e * LN2_LOW + (s + s) * polynomial(s * s, ATANH)
  if (!(u >= 0)) return Number.NaN
  if (u === 0) return Number.NEGATIVE_INFINITY
  return u === Number.POSITIVE_INFINITY ? u : result
}

const pow64 = (x: number, y: number): number => {
  if (y === 0) return 1
  const isWhole = Math.trunc(y) === y
  const isOdd = isWhole && Math.trunc(y * 0.5) !== y * 0.5
  const result = exp64(y * log64(Math.abs(x)))
  if (x < 0 && x > Number.NEGATIVE_INFINITY && !isWhole) return Number.NaN
  return isOdd && (x < 0 || Object.is(x, -0)) ? -result : result
}

/** The number with the sign of `x`. */
const signed = (result: number, x: number): number =>
  numberOf((bitsOf(result) & ((1n << 63n) - 1n)) | (bitsOf(x) & (1n << 63n)))

export const exp = (x: number): number => Math.fround(exp64(x))
export const expm1 = (x: number): number => signed(Math.fround(expm164(x, LIMIT)), x)
export const log = (x: number): number => Math.fround(log64(x))
export const log1p = (x: number): number => signed(Math.fround(log64(x + 1, x)), x)
export const tanh = (x: number): number => {
  const e = expm164(x + x, 40)
  return signed(Math.fround(e / (e + 2)), x)
}
export const sigmoid = (x: number): number => Math.fround(1 / (exp64(-x) + 1))
export const softplus = (x: number): number => {
  const e = exp64(x)
  return Math.fround(x > 100 ? x : log64(e + 1, e))
}
export const rsqrt = (x: number): number => Math.fround(1 / Math.sqrt(x))
export const selu = (x: number): number =>
  Math.fround(x >= 0 ? x * 1.0507009873554805 : expm164(x, LIMIT) * 1.7580993408473768)
export const pow = (x: number, y: number): number => Math.fround(pow64(x, y))
