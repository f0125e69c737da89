/**
 * Transcendental functions on four `float32` numbers, written so that their bits are the same on every machine. They
 * compute in `float64`, two numbers at a time, with errors below 2^-39, and round once: results are within 1 ulp of
 * the exact value over the whole range, subnormal results and special values included.
 */
import {
  type Assembler,
  type Code,
  f32x4,
  f64x2,
  highHalf,
  i32,
  i64x2,
  type Local,
  lowHalves,
  v128
} from "../assembly/index.ts"

// models

/** Code that applies a function to code that leaves a `float32` vector. */
export interface MathFunctions {
  readonly exp: (x: Code) => Code
  /** `exp(x) - 1` without cancellation at zero. */
  readonly expm1: (x: Code) => Code
  readonly log: (x: Code) => Code
  /** `log(1 + x)` without cancellation at zero. */
  readonly log1p: (x: Code) => Code
  readonly tanh: (x: Code) => Code
  /** `1 / (1 + exp(-x))`. */
  readonly sigmoid: (x: Code) => Code
  /** `log(1 + exp(x))`. */
  readonly softplus: (x: Code) => Code
  /** `1 / sqrt(x)`. */
  readonly rsqrt: (x: Code) => Code
  /** `scale x` above zero, `scale alpha (exp(x) - 1)` below. */
  readonly selu: (x: Code) => Code
  /** `x` to the `y`, with the special cases of ECMAScript's `Math.pow`. */
  readonly pow: (x: Code, y: Code) => Code
}

// pure core: pieces, on two float64 numbers

const { add, sub, mul, div, pmin, pmax } = f64x2
const number = f64x2.const
const bits = i64x2.const

/** `c0 + c1 x + c2 x^2 + ...` by Horner's rule. */
const polynomial = (x: Code, coefficients: ReadonlyArray<number>): Code =>
  coefficients.reduceRight<Code>(
    (sum, c, i) => (i === coefficients.length - 1 ? number(c) : add(mul(sum, x), number(c))),
    []
  )

/** `low <= x <= high`; NaN stays. */
const clamp = (x: Code, low: number, high: number): Code => pmin(pmax(x, number(low)), number(high))

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

interface Locals {
  readonly vector: () => Local
}

/** Sets `scale` to 2^n and `rest` to `exp(x) / 2^n - 1`, for |x| <= 200. */
const reduceExp = (x: Local, scale: Local, rest: Local, scope: Locals): Code => {
  const t = scope.vector()
  const r = scope.vector()
  return [
    t.set(add(mul(x.get, number(Math.LOG2E)), number(ROUND))),
    scale.set(i64x2.add(i64x2.shl(t.get, i32.const(52)), bits(1023n << 52n))),
    t.set(sub(t.get, number(ROUND))),
    r.set(sub(sub(x.get, mul(t.get, number(LN2_HIGH))), mul(t.get, number(LN2_LOW)))),
    rest.set(mul(r.get, polynomial(r.get, EXPM1)))
  ]
}

/** `exp(x)` for any x, between exp(-200) and exp(200). */
const exp64 = (x: Code, scope: Locals): Code => {
  const [y, scale, rest] = [scope.vector(), scope.vector(), scope.vector()]
  return [
    y.set(clamp(x, -EXP_LIMIT, EXP_LIMIT)),
    reduceExp(y, scale, rest, scope),
    mul(scale.get, add(rest.get, number(1)))
  ]
}

const expm164 = (x: Code, limit: number, scope: Locals): Code => {
  const [y, scale, rest] = [scope.vector(), scope.vector(), scope.vector()]
  return [
    y.set(clamp(x, -limit, limit)),
    reduceExp(y, scale, rest, scope),
    add(mul(scale.get, rest.get), sub(scale.get, number(1)))
  ]
}

/**
 * `log(u)`, where `u = 1 + x` if `x` is given: near one it is computed from `x`, which has not lost its last bits.
 * With u = 2^e (1 + f), log(u) = e log(2) + 2 atanh(f / (2 + f)).
 */
const log64 = (u: Local, x: Local | undefined, scope: Locals): Code => {
  const [shifted, e, f, s, square, result] = [
    scope.vector(),
    scope.vector(),
    scope.vector(),
    scope.vector(),
    scope.vector(),
    scope.vector()
  ]
  // Shifting the exponent's steps from 1 to sqrt(1/2) centres 1 + f around one.
  const offset = 0x3fe6a09e00000000n
  return [
    shifted.set(i64x2.add(u.get, bits((0x3ff0000000000000n - offset) & 0xffffffffffffffffn))),
    e.set(
      sub(
        v128.or(i64x2.shrU(shifted.get, i32.const(52)), bits(0x4330000000000000n)),
        number(4503599627370496 + 1023)
      )
    ),
    f.set(sub(i64x2.add(v128.and(shifted.get, bits(0x000fffffffffffffn)), bits(offset)), number(1))),
    x === undefined ? [] : f.set(v128.bitselect(x.get, f.get, f64x2.eq(e.get, number(0)))),
    s.set(div(f.get, add(f.get, number(2)))),
    square.set(mul(s.get, s.get)),
    result.set(
      add(
        add(mul(e.get, number(LN2_HIGH)), mul(e.get, number(LN2_LOW))),
        mul(add(s.get, s.get), polynomial(square.get, ATANH))
      )
    ),
    result.set(v128.bitselect(u.get, result.get, f64x2.eq(u.get, number(Number.POSITIVE_INFINITY)))),
    result.set(v128.bitselect(number(Number.NEGATIVE_INFINITY), result.get, f64x2.eq(u.get, number(0)))),
    v128.bitselect(result.get, number(Number.NaN), f64x2.ge(u.get, number(0)))
  ]
}

const pow64 = (x: Local, y: Local, scope: Locals): Code => {
  const [size, odd, whole, result] = [scope.vector(), scope.vector(), scope.vector(), scope.vector()]
  const half = mul(y.get, number(0.5))
  return [
    size.set(f64x2.abs(x.get)),
    whole.set(f64x2.eq(f64x2.trunc(y.get), y.get)),
    odd.set(v128.and(whole.get, f64x2.ne(f64x2.trunc(half), half))),
    result.set(exp64(mul(y.get, log64(size, undefined, scope)), scope)),
    // A negative base: the result has its sign where y is odd, and is not a number where y is no integer.
    result.set(v128.or(result.get, v128.and(v128.and(odd.get, x.get), bits(1n << 63n)))),
    result.set(
      v128.bitselect(
        number(Number.NaN),
        result.get,
        v128.and(
          v128.and(f64x2.lt(x.get, number(0)), f64x2.gt(x.get, number(Number.NEGATIVE_INFINITY))),
          v128.not(whole.get)
        )
      )
    ),
    v128.bitselect(number(1), result.get, f64x2.eq(y.get, number(0)))
  ]
}

// constructors

/** The functions, each added to the module when it is first asked for. */
export const make = (module: Assembler.Assembler): MathFunctions => {
  const known = new Map<string, Assembler.Func>()
  const once = (name: string, define: () => Assembler.Func): Assembler.Func => {
    const func = known.get(name) ?? define()
    known.set(name, func)
    return func
  }

  /** `f` on the low and the high half of its arguments, put together and finished on all four lanes. */
  const lifted = (
    name: string,
    f: (x: Local, y: Local, scope: Locals) => Code,
    finish: (result: Code, x: Local) => Code = (result) => result
  ) => {
    const halves = () =>
      once(`${name}64`, () =>
        module.define(`${name}64`, ["v128", "v128"], ["v128"], (scope, [x, y]) =>
          f(x, y, { vector: () => scope.local("v128") })
        )
      )
    const whole = () =>
      once(name, () => {
        const half = halves()
        return module.define(name, ["v128", "v128"], ["v128"], (_, [x, y]) => {
          const promoted = (part: (v: Code) => Code) =>
            f32x4.demoteF64x2Zero(
              half.call(f64x2.promoteLowF32x4(part(x.get)), f64x2.promoteLowF32x4(part(y.get)))
            )
          return finish(
            lowHalves(
              promoted((v) => v),
              promoted(highHalf)
            ),
            x
          )
        })
      })
    return (x: Code, y: Code = f32x4.const(0)): Code => whole().call(x, y)
  }

  /** Functions through the origin keep the sign of their argument, also of zero. */
  const signed = (result: Code, x: Local): Code => v128.bitselect(x.get, result, f32x4.const(-0))

  return {
    exp: lifted("exp", (x, _, scope) => exp64(x.get, scope)),
    expm1: lifted("expm1", (x, _, scope) => expm164(x.get, EXP_LIMIT, scope), signed),
    log: lifted("log", (x, _, scope) => log64(x, undefined, scope)),
    log1p: lifted(
      "log1p",
      (x, _, scope) => {
        const u = scope.vector()
        return [u.set(add(x.get, number(1))), log64(u, x, scope)]
      },
      signed
    ),
    tanh: lifted(
      "tanh",
      (x, _, scope) => {
        const e = scope.vector()
        return [e.set(expm164(add(x.get, x.get), 40, scope)), div(e.get, add(e.get, number(2)))]
      },
      signed
    ),
    sigmoid: lifted("sigmoid", (x, _, scope) =>
      div(number(1), add(exp64(f64x2.neg(x.get), scope), number(1)))
    ),
    softplus: lifted("softplus", (x, _, scope) => {
      const [e, u] = [scope.vector(), scope.vector()]
      return [
        e.set(exp64(x.get, scope)),
        u.set(add(e.get, number(1))),
        v128.bitselect(x.get, log64(u, e, scope), f64x2.gt(x.get, number(100)))
      ]
    }),
    rsqrt: lifted("rsqrt", (x) => div(number(1), f64x2.sqrt(x.get))),
    selu: lifted("selu", (x, _, scope) =>
      v128.bitselect(
        mul(x.get, number(SELU_SCALE)),
        mul(expm164(x.get, EXP_LIMIT, scope), number(SELU_ALPHA)),
        f64x2.ge(x.get, number(0))
      )
    ),
    pow: lifted("pow", pow64)
  }
}
