/** Elements in memory as vectors: `bool`, a byte each, becomes a mask, all bits set for true. */
import type { NdArray } from "../../../graph/index.ts"
import * as X from "../assembly/index.ts"
import * as Lanes from "./Lanes.ts"
import { SPARE } from "./Loops.ts"
import type { Builder, Effect, Leaf, Value } from "./Values.ts"

/** Which elements of an incomplete vector there are: `k2` (AVX-512), or the signs of the last register. */
export const FIRST = X.k(2)
export const FIRST_SIGNS = X.ymm(15)

/** For what is stored in pieces (AVX2). */
const PIECE = X.xmm(14)

/** How many registers are left for values where there are incomplete vectors. */
export const registersBeside = (level: X.Level): number => (level === "avx512" ? 32 : 14)

const COMPARED = X.k(1)

/** The bytes of a mask that has its first `count` of `lanes` signs set. */
const signs = (lanes: number, count: number): Uint8Array =>
  Uint8Array.from({ length: 4 * lanes }, (_, i) => (i < 4 * count ? 255 : 0))

/** Makes loads and stores of the first `count` elements possible. */
export const limit = (
  level: X.Level,
  { pool }: X.Assembler.Assembler,
  count: number
): ReadonlyArray<X.Instruction> =>
  level === "avx512"
    ? [X.mov32(SPARE[0], (1 << count) - 1), X.kmovw(FIRST, SPARE[0])]
    : [X.vmovups(FIRST_SIGNS, pool.bytes(signs(8, count)))]

/** All bits where a 32-bit element is not zero. */
const maskOfWords = (
  level: X.Level,
  { pool }: X.Assembler.Assembler,
  to: X.Vec
): ReadonlyArray<X.Instruction> =>
  level === "avx512"
    ? [X.vptestmd(COMPARED, to, to), X.vpmovm2d(to, COMPARED)]
    : [X.vpcmpgtd(to, to, pool.splatBits(256, 0))]

/** `count` bytes one by one, the first lowest. */
const gathered = (to: X.Vec, at: X.Mem, count: number): ReadonlyArray<X.Instruction> => {
  const [all, one] = SPARE
  return [
    X.mov32(all, 0),
    ...Array.from({ length: count }, (_, i) => [
      X.shl(all, 8),
      X.movzx8(one, X.offset(at, count - 1 - i)),
      X.or(all, one)
    ]).flat(),
    X.vmovq(X.resize(128, to), all)
  ]
}

/** Loads the first `count` elements, fewer than all, as `limit` allows; the others become zero. */
export const first = (level: X.Level, count: number, to: X.Vec, at: X.Mem): X.Instruction => {
  if (level === "avx512") return X.vmovups(to, at, X.zeroing(FIRST))
  const low = X.resize(128, to)
  switch (count) {
    case 1:
      return X.vmovss(low, at)
    case 2:
      return X.vmovsd(low, at)
    case 4:
      return X.vmovups(low, at)
    default:
      return X.vmaskmovps(to, FIRST_SIGNS, at)
  }
}

/**
 * Stores the first `count` elements, fewer than all. Without mask registers they are stored in pieces: `vmaskmovps`
 * to memory takes several times as long on Zen.
 */
export const storeFirst = (
  level: X.Level,
  count: number,
  at: X.Mem,
  from: X.Vec
): ReadonlyArray<X.Instruction> => {
  if (level === "avx512") return [X.vmovups(at, from, X.merging(FIRST))]
  const low = X.resize(128, from)
  if (count >= 4) {
    const rest =
      count === 4
        ? []
        : [X.vextractf128(PIECE, from, 1), ...storeFirst(level, count - 4, X.offset(at, 16), PIECE)]
    return [X.vmovups(at, low), ...rest]
  }
  switch (count) {
    case 1:
      return [X.vmovss(at, low)]
    case 2:
      return [X.vmovsd(at, low)]
    default:
      return [X.vmovsd(at, low), X.vpermilps(PIECE, low, 2), X.vmovss(X.offset(at, 8), PIECE)]
  }
}

/** `count` elements at a place, all of a vector or the first. */
export const input = (level: X.Level, dtype: NdArray.DType, count: number, at: X.Mem): Leaf => {
  const bits = Lanes.widthOf(level)
  const isWhole = count === Lanes.lanesOf(level)
  const load = (assembler: X.Assembler.Assembler, to: X.Vec): ReadonlyArray<X.Instruction> => {
    if (dtype !== "bool") {
      return [isWhole ? X.vmovups(to, at) : first(level, count, to, at)]
    }
    const widened =
      isWhole || level === "avx512"
        ? [X.vpmovzxbd(to, at, isWhole ? undefined : X.zeroing(FIRST))]
        : [...gathered(to, at, count), X.vpmovzxbd(to, X.resize(128, to))]
    return [...widened, ...maskOfWords(level, assembler, to)]
  }
  return {
    _tag: "Leaf",
    bits,
    isInvariant: false,
    load,
    operand: dtype !== "bool" && isWhole ? () => at : undefined
  }
}

/** The element at a place, in every lane; the place may be the same in every round of a loop. */
export const repeated = (level: X.Level, dtype: NdArray.DType, at: X.Mem, isInvariant = true): Leaf => ({
  _tag: "Leaf",
  bits: Lanes.widthOf(level),
  isInvariant,
  load: (assembler, to) =>
    dtype === "bool"
      ? [
          X.vpbroadcastb(X.resize(128, to), at),
          X.vpmovzxbd(to, X.resize(128, to)),
          ...maskOfWords(level, assembler, to)
        ]
      : [X.vbroadcastss(to, at)],
  operand: dtype !== "bool" && level === "avx512" ? () => X.broadcast(at) : undefined
})

/** A whole vector of `float32` at a place, as `float64`. */
export const promoted = (level: X.Level, at: X.Mem): Lanes.Halves => {
  const bits = Lanes.widthOf(level)
  const half = (offset: number): Leaf => ({
    _tag: "Leaf",
    bits,
    isInvariant: false,
    load: (_, to) => [X.vcvtps2pd(to, X.offset(at, offset))],
    operand: undefined
  })
  return { low: half(0), high: half(bits / 16) }
}

/** Stores the first `count` lanes of a value. */
export const output = (
  level: X.Level,
  { operation }: Builder,
  dtype: NdArray.DType,
  count: number,
  value: Value,
  at: X.Mem
): Effect => {
  const bits = Lanes.widthOf(level)
  const isWhole = count === Lanes.lanesOf(level)
  if (dtype !== "bool") {
    return {
      sources: [value],
      write: ({ vec }) => (isWhole ? [X.vmovups(at, vec(0))] : storeFirst(level, count, at, vec(0)))
    }
  }
  const ones = operation(bits, [value], (to, { vec }) => [X.vpsrld(to, vec(0), 31)], { memory: [] })
  if (level === "avx512") {
    return {
      sources: [ones],
      write: ({ vec }) => [X.vpmovdb(at, vec(0), isWhole ? undefined : X.merging(FIRST))]
    }
  }
  const upper = operation(128, [ones], (to, { vec }) => [X.vextracti128(to, vec(0), 1)], { memory: [] })
  const halves = operation(
    128,
    [ones, upper],
    (to, { vec }) => [X.vpackusdw(to, X.resize(128, vec(0)), vec(1)), X.vpackuswb(to, to, to)],
    { memory: [] }
  )
  const [all] = SPARE
  return {
    sources: [halves],
    write: ({ vec }) =>
      isWhole
        ? [X.vmovsd(at, vec(0))]
        : [
            X.vmovq(all, vec(0)),
            ...Array.from({ length: count }, (_, i) => [X.mov8(X.offset(at, i), all), X.shr(all, 8)]).flat()
          ]
  }
}
