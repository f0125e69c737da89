/**
 * The instructions of `lanes` on x86-64: vectors of 16 elements (AVX-512) or 8 (AVX2), `float64` in two halves. Where V8
 * makes several instructions of one of WebAssembly's, so does this: the bits of a NaN are the same, too.
 */
import type { Float64, Lanes, MathFunction } from "../../lanes/index.ts"
import * as X from "../assembly/index.ts"
import type { Builder, Comparison, Leaf, Operation, Value } from "./Values.ts"

// models

/** Two vectors of `float64`: the lower and the upper half of the lanes. */
export interface Halves {
  readonly low: Value
  readonly high: Value
}

/** What writes values. */
export interface Writer {
  readonly lanes: Lanes<Value>
  readonly doubles: Float64<Halves>
  readonly promoted: (x: Value) => Halves
  readonly demoted: (halves: Halves) => Value
  /** What a math function of `x` still needs. */
  readonly finish: (f: MathFunction, result: Value, x: Value) => Value
  /** A pattern of bits in every element. */
  readonly word: (pattern: number) => Leaf
  readonly double: (x: number) => Leaf
}

/** What comparisons are called in an instruction's last byte. */
const FLOAT = { eq: 0, lt: 1, le: 2, ne: 4, ge: 13, gt: 14 }
const INTEGER = { eq: 0, lt: 1, le: 2, ne: 4, ge: 5, gt: 6 }

type Relation = keyof typeof FLOAT

/** Rounding down and towards zero, without raising that it was inexact. */
const FLOOR = 9
const TRUNCATE = 11

/** The mask register of a choice. */
const CHOICE = X.k(1)

/** Bits of a vector. */
export const widthOf = (level: X.Level): 256 | 512 => (level === "avx512" ? 512 : 256)

/** Elements of a vector of 32-bit elements. */
export const lanesOf = (level: X.Level): number => widthOf(level) / 32

/** Few elements are done by the shorter vectors: masks and 512 bits cost them more than they give. */
export const levelFor = (level: X.Level, elements: number): X.Level =>
  elements <= lanesOf("avx2") ? "avx2" : level

/** How many vector registers there are. */
export const registersOf = (level: X.Level): number => (level === "avx512" ? 32 : 16)

// pure core: bits of numbers

const words = new DataView(new ArrayBuffer(8))

export const bitsOf32 = (x: number): number => {
  words.setFloat32(0, x)
  return words.getInt32(0)
}

const bitsOf64 = (x: number): bigint => {
  words.setFloat64(0, x)
  return words.getBigUint64(0)
}

// constructors

/** Constants, each a leaf of its own. */
const constants = (level: X.Level) => {
  const bits = widthOf(level)
  const known = new Map<bigint | number, Leaf>()
  const once = (key: bigint | number, make: () => Leaf): Leaf => {
    const leaf = known.get(key) ?? make()
    known.set(key, leaf)
    return leaf
  }
  return {
    word: (pattern: number): Leaf =>
      once(pattern | 0, () => ({
        _tag: "Leaf",
        bits,
        isInvariant: true,
        load: ({ pool }, to) =>
          (pattern | 0) === 0
            ? [X.vxorps(X.resize(128, to), X.resize(128, to), X.resize(128, to))]
            : [X.vbroadcastss(to, pool.u32(pattern >>> 0))],
        operand: ({ pool }) =>
          level === "avx512" ? X.broadcast(pool.u32(pattern >>> 0)) : pool.splatBits(bits, pattern >>> 0)
      })),
    double: (pattern: bigint): Leaf =>
      once(pattern, () => ({
        _tag: "Leaf",
        bits,
        isInvariant: true,
        load: ({ pool }, to) => [X.vbroadcastsd(to, pool.u64(pattern))],
        operand: ({ pool }) =>
          level === "avx512" ? X.broadcast(pool.u64(pattern)) : pool.splatBits64(bits, pattern)
      }))
  }
}

/** Where operations go and what they can use. */
const instructions = (level: X.Level, builder: Builder) => {
  const { operation } = builder
  const bits = widthOf(level)
  const half = bits === 512 ? 256 : 128
  const wide = level === "avx512"
  const { double, word } = constants(level)

  const binary =
    (instruction: X.Forms.Rvm) =>
    (a: Value, b: Value): Operation =>
      operation(bits, [a, b], (to, from) => [instruction(to, from.vec(0), from.any(1))])
  const swapped =
    (instruction: X.Forms.Rvm) =>
    (a: Value, b: Value): Operation =>
      binary(instruction)(b, a)
  const unary =
    (instruction: X.Forms.Rm) =>
    (a: Value): Operation =>
      operation(bits, [a], (to, from) => [instruction(to, from.any(0))])
  const rounded =
    (instruction: X.Forms.Rmi, mode: number) =>
    (a: Value): Operation =>
      operation(bits, [a], (to, from) => [instruction(to, from.any(0), mode)])
  const shifted =
    (instruction: X.Forms.Vmi, by: number) =>
    (a: Value): Operation =>
      operation(bits, [a], (to, from) => [instruction(to, from.vec(0), by)], { memory: [] })

  /** A comparison whose mask is wanted as a vector. */
  const masked = (
    sources: Comparison["sources"],
    write: Comparison["write"],
    ofMask: X.MaskForms.OfMask
  ): Operation =>
    operation(bits, sources, (to, from) => [write(from.vec(0), from.any(1)), ofMask(to, CHOICE)], {
      comparison: { sources, write }
    })
  const compareFloat =
    (instruction: X.Forms.Compare, ofMask: X.MaskForms.OfMask, relation: Relation) =>
    (a: Value, b: Value): Operation =>
      wide
        ? masked([a, b], (x, y) => instruction(CHOICE, x, y, FLOAT[relation]), ofMask)
        : operation(bits, [a, b], (to, from) => [instruction(to, from.vec(0), from.any(1), FLOAT[relation])])

  const not = (a: Value): Operation => binary(X.vpxor)(a, word(-1))
  const greater = (a: Value, b: Value): Operation =>
    operation(bits, [a, b], (to, from) => [X.vpcmpgtd(to, from.vec(0), from.any(1))])
  const equal = (a: Value, b: Value): Operation =>
    operation(bits, [a, b], (to, from) => [X.vpcmpeqd(to, from.vec(0), from.any(1))])
  const compareInt =
    (relation: Relation) =>
    (a: Value, b: Value): Operation => {
      if (wide) {
        return masked([a, b], (x, y) => X.vpcmpd(CHOICE, x, y, INTEGER[relation]), X.vpmovm2d)
      }
      switch (relation) {
        case "eq":
          return equal(a, b)
        case "ne":
          return not(equal(a, b))
        case "gt":
          return greater(a, b)
        case "lt":
          return greater(b, a)
        case "le":
          return not(greater(a, b))
        case "ge":
          return not(greater(b, a))
      }
    }

  const select =
    (blend: X.Forms.Rvm, toMask: X.MaskForms.MaskOf, chosen: X.Forms.Blend) =>
    (mask: Value, t: Value, e: Value): Operation => {
      if (!wide) {
        return operation(
          bits,
          [e, mask, t],
          (to, from) => [chosen(to, from.vec(0), from.any(2), from.vec(1))],
          { memory: [2] }
        )
      }
      const comparison = mask._tag === "Operation" ? mask.comparison : undefined
      return comparison === undefined
        ? operation(
            bits,
            [e, mask, t],
            (to, from) => [
              toMask(CHOICE, from.vec(1)),
              blend(to, from.vec(0), from.any(2), X.merging(CHOICE))
            ],
            { memory: [2] }
          )
        : operation(
            bits,
            [e, ...comparison.sources, t],
            (to, from) => [
              comparison.write(from.vec(1), from.any(2)),
              blend(to, from.vec(0), from.any(3), X.merging(CHOICE))
            ],
            { memory: [2, 3] }
          )
    }

  return {
    binary,
    bits,
    compareFloat,
    compareInt,
    double,
    half,
    not,
    operation,
    rounded,
    select,
    shifted,
    swapped,
    unary,
    wide,
    word
  } as const
}

type Instructions = ReturnType<typeof instructions>

/** The lower and the upper half of a vector, each widened to its width. */
const halvesOf =
  ({ bits, half, operation, wide }: Instructions, widen: X.Forms.Widen) =>
  (a: Value): Halves => {
    const upper = operation(
      half,
      [a],
      (to, from) => [wide ? X.vextractf64x4(to, from.vec(0), 1) : X.vextractf128(to, from.vec(0), 1)],
      { memory: [] }
    )
    const widened = (of: Value) =>
      operation(bits, [of], (to, from) => [widen(to, X.resize(half, from.vec(0)))], { memory: [] })
    return { low: widened(a), high: widened(upper) }
  }

/** Both halves narrowed, and put together. */
const joined =
  ({ bits, half, operation, wide }: Instructions, narrow: X.Forms.Narrow) =>
  ({ high, low }: Halves): Value => {
    const narrowed = (of: Value) =>
      operation(half, [of], (to, from) => [narrow(to, from.vec(0))], { memory: [] })
    const [first, second] = [narrowed(low), narrowed(high)]
    return operation(
      bits,
      [first, second],
      (to, from) => [
        (wide ? X.vinsertf64x4 : X.vinsertf128)(to, X.resize(bits, from.vec(0)), from.vec(1), 1)
      ],
      { memory: [] }
    )
  }

const float64 = (set: Instructions): Float64<Halves> => {
  const { compareFloat, double, rounded, shifted, swapped, unary } = set
  const same = (value: Value): Halves => ({ low: value, high: value })
  const one =
    (f: (a: Value) => Value) =>
    (a: Halves): Halves => ({ low: f(a.low), high: f(a.high) })
  const two =
    (f: (a: Value, b: Value) => Value) =>
    (a: Halves, b: Halves): Halves => ({ low: f(a.low, b.low), high: f(a.high, b.high) })
  const compare = (relation: Relation) => two(compareFloat(X.vcmppd, X.vpmovm2q, relation))
  const select = set.select(X.vblendmpd, X.vpmovq2m, X.vblendvpd)
  const binary = (instruction: X.Forms.Rvm) => two(set.binary(instruction))
  return {
    const: (x) => same(double(bitsOf64(x))),
    bits: (pattern) => same(double(BigInt.asUintN(64, pattern))),
    abs: one((a) => set.binary(X.vandpd)(a, double((1n << 63n) - 1n))),
    neg: one((a) => set.binary(X.vxorpd)(a, double(1n << 63n))),
    sqrt: one(unary(X.vsqrtpd)),
    trunc: one(rounded(X.vroundpd, TRUNCATE)),
    add: binary(X.vaddpd),
    sub: binary(X.vsubpd),
    mul: binary(X.vmulpd),
    div: binary(X.vdivpd),
    pmin: two(swapped(X.vminpd)),
    pmax: two(swapped(X.vmaxpd)),
    eq: compare("eq"),
    ne: compare("ne"),
    lt: compare("lt"),
    gt: compare("gt"),
    ge: compare("ge"),
    and: binary(X.vandpd),
    or: binary(X.vorpd),
    not: one((a) => set.binary(X.vxorpd)(a, double((1n << 64n) - 1n))),
    select: (mask, t, e) => ({
      low: select(mask.low, t.low, e.low),
      high: select(mask.high, t.high, e.high)
    }),
    addInt: binary(X.vpaddq),
    shiftLeft: (a, by) => one(shifted(X.vpsllq, by))(a),
    shiftRight: (a, by) => one(shifted(X.vpsrlq, by))(a),
    keep: (value) => value
  }
}

/** V8's sequence for `f32x4.max` and `f32x4.min`. */
const extremes = (set: Instructions) => {
  const { bits, binary, operation, select, wide, word } = set
  const choose = select(X.vblendmps, X.vpmovd2m, X.vblendvps)
  const unordered = (a: Value, b: Value): Operation =>
    wide
      ? operation(bits, [a, b], () => [], {
          comparison: { sources: [a, b], write: (x, y) => X.vcmpps(CHOICE, x, y, 3) }
        })
      : operation(bits, [a, b], (to, from) => [X.vcmpps(to, from.vec(0), from.any(1), 3)])
  return {
    min: (a: Value, b: Value): Value => {
      const either = binary(X.vorps)(binary(X.vminps)(a, b), binary(X.vminps)(b, a))
      return choose(unordered(either, either), word(-0x400000), either)
    },
    max: (a: Value, b: Value): Value => {
      const first = binary(X.vmaxps)(a, b)
      const differs = binary(X.vxorps)(binary(X.vmaxps)(b, a), first)
      const found = binary(X.vsubps)(binary(X.vorps)(first, differs), differs)
      return choose(unordered(found, found), binary(X.vandps)(found, word(-0x400000)), found)
    }
  }
}

/** The instructions, whose results go to the builder. */
export const make = (level: X.Level, builder: Builder): Writer => {
  const set = instructions(level, builder)
  const { binary, bits, compareFloat, compareInt, double, not, rounded, swapped, unary, wide, word } = set
  const select = set.select(X.vblendmps, X.vpmovd2m, X.vblendvps)
  const compare = (relation: Relation) => compareFloat(X.vcmpps, X.vpmovm2d, relation)
  const doubles = float64(set)
  const number = (x: number) => word(bitsOf32(x))
  const promoted = halvesOf(set, X.vcvtps2pd)
  const demoted = joined(set, X.vcvtpd2ps)
  const signOf = (x: Value): Value => binary(X.vandps)(x, word(-0x80000000))
  const sizeOf = (x: Value): Value => binary(X.vandps)(x, word(0x7fffffff))
  const eq = compare("eq")
  const ge = compare("ge")
  const finish: Writer["finish"] = (f, result, x) => {
    if (!f.signed) return result
    return wide
      ? set.operation(
          bits,
          [result, word(0x7fffffff), x],
          // Bits of the result where those of the middle are set, else of x.
          (to, from) => [X.vpternlogd(to, from.vec(1), from.vec(2), 0xe2)],
          { isTied: true, memory: [] }
        )
      : binary(X.vorps)(sizeOf(result), signOf(x))
  }
  const lanes: Lanes<Value> = {
    float32: {
      const: number,
      abs: sizeOf,
      neg: (a) => binary(X.vxorps)(a, word(-0x80000000)),
      sqrt: unary(X.vsqrtps),
      floor: rounded(X.vroundps, FLOOR),
      add: binary(X.vaddps),
      sub: binary(X.vsubps),
      mul: binary(X.vmulps),
      div: binary(X.vdivps),
      ...extremes(set),
      pmax: swapped(X.vmaxps),
      eq,
      ne: compare("ne"),
      lt: compare("lt"),
      gt: compare("gt"),
      le: compare("le"),
      ge,
      fromInt32: unary(X.vcvtdq2ps)
    },
    int32: {
      const: word,
      abs: unary(X.vpabsd),
      neg: (a) => binary(X.vpsubd)(word(0), a),
      add: binary(X.vpaddd),
      sub: binary(X.vpsubd),
      mul: binary(X.vpmulld),
      min: binary(X.vpminsd),
      max: binary(X.vpmaxsd),
      eq: compareInt("eq"),
      ne: compareInt("ne"),
      lt: compareInt("lt"),
      gt: compareInt("gt"),
      le: compareInt("le"),
      ge: compareInt("ge"),
      fromFloat32: (a) => {
        // What does not fit becomes the smallest integer.
        const cut = unary(X.vcvttps2dq)(a)
        const most = select(ge(a, number(2147483648)), word(0x7fffffff), cut)
        return select(eq(a, a), most, word(0))
      },
      floorOfQuotient: (a, b) => {
        const integers = halvesOf(set, X.vcvtdq2pd)
        const quotient = doubles.div(integers(a), integers(b))
        const most = double(bitsOf64(2147483647))
        const floor = (of: Value): Value => binary(X.vminpd)(rounded(X.vroundpd, FLOOR)(of), most)
        return joined(set, X.vcvttpd2dq)({ low: floor(quotient.low), high: floor(quotient.high) })
      }
    },
    and: binary(X.vpand),
    or: binary(X.vpor),
    not,
    select,
    keep: (value) => value,
    math: (f, x, y) => {
      const halves = f.apply(doubles, promoted(x), y === undefined ? doubles.const(0) : promoted(y))
      return finish(f, demoted(halves), x)
    }
  }
  return { lanes, doubles, promoted, demoted, finish, word, double: (x) => double(bitsOf64(x)) }
}
