/**
 * Panels of a factor, put together in scratch memory: for every step of `k` the vectors that are needed next to each other,
 * on lines of 64 bytes.
 */
import * as X from "../assembly/index.ts"

// models

/** Some columns of a factor `[k, columns]` as vectors. */
export interface Panel {
  readonly bits: X.Bits
  /** How many, the last one perhaps not whole. */
  readonly vectors: number
  readonly columns: number
  readonly k: number
  /** Bytes from a step of `k` to the next, or from a column to the next where the factor is transposed. */
  readonly stride: number
}

/** Where the panel begins, where it goes, and what may be used. The first two are kept. */
export interface Registers {
  readonly from: X.Gpr
  readonly to: X.Gpr
  readonly spare: readonly [X.Gpr, X.Gpr, X.Gpr]
}

// pure core

/** Bytes of a step of `k` in the panel. */
export const stepOf = ({ bits, vectors }: Pick<Panel, "bits" | "vectors">): number => (vectors * bits) / 8

/** How many elements of the last vector there are; 0 if all. */
export const restOf = ({ bits, columns }: Pick<Panel, "bits" | "columns">): number => columns % (bits / 32)

// combinators: moves of a part of a vector

/** The mask register of the columns of a panel, and that of the steps left over in `turn`. */
const COLUMNS = X.k(1)
const STEPS = X.k(2)

/** Which elements are moved: a mask (AVX-512) or the signs of a vector register, set by `limit`. */
export interface Limit {
  readonly mask: X.Mask
  readonly signs: X.Vec
}

/** The first `count` elements, as `limit`. */
export const limitTo = (
  { level, pool, put }: X.Assembler.Assembler,
  { mask, signs }: Limit,
  count: number,
  spare: X.Gpr
): void => {
  if (level === "avx512") put(X.mov32(spare, (1 << count) - 1), X.kmovw(mask, spare))
  else {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => (i < 4 * count ? 255 : 0))
    put(X.vmovups(X.resize(256, signs), pool.bytes(bytes)))
  }
}

/** Steps of `k` in a line of 64 bytes. */
const LINE = 16

/** Loads what the limit lets, zeros elsewhere; all of the vector without one. */
export const load = (level: X.Level, to: X.Vec, from: X.Mem, limit: Limit | undefined): X.Instruction =>
  limit === undefined
    ? X.vmovups(to, from)
    : level === "avx512"
      ? X.vmovups(to, from, X.zeroing(limit.mask))
      : X.vmaskmovps(to, X.resize(to.bits, limit.signs), from)

/**
 * Stores the first `count` elements, of as many as there are or fewer; the vector is lost. AVX-512 has set its mask by
 * `limitTo`. With AVX2 pieces are stored: a masked store takes many times as long.
 */
export const store = (
  level: X.Level,
  to: X.Mem,
  from: X.Vec,
  count: number,
  mask: X.Mask
): ReadonlyArray<X.Instruction> => {
  if (count === from.bits / 32) return [X.vmovups(to, from)]
  if (level === "avx512") return [X.vmovups(to, from, X.merging(mask))]
  const low = X.resize(128, from)
  if (count >= 4) {
    const rest = count - 4
    const upper = rest === 0 ? [] : [X.vextractf128(low, from, 1)]
    return [
      X.vmovups(to, low),
      ...upper,
      ...(rest === 0 ? [] : store(level, X.offset(to, 16), low, rest, mask))
    ]
  }
  if (count >= 2) {
    const rest = count - 2
    return [
      X.vmovsd(to, low),
      ...(rest === 0 ? [] : [X.vunpckhpd(low, low, low), X.vmovss(X.offset(to, 8), low)])
    ]
  }
  return [X.vmovss(to, low)]
}

/** The limit of a panel's last vector. */
export const columnsLimit = (signs: X.Vec): Limit => ({ mask: COLUMNS, signs })

// combinators: panels

/**
 * A loop that runs `count` times, `unroll` rounds written out; `advance` moves pointers by so many rounds. How many rounds
 * they are behind at the end is what comes back.
 */
export const repeat = (
  { align, bind, label, put }: X.Assembler.Assembler,
  counter: X.Gpr,
  count: number,
  unroll: number,
  round: (u: number) => void,
  advance: (rounds: number) => void
): number => {
  const turns = Math.floor(count / unroll)
  const rest = count % unroll
  if (turns > 0) {
    const top = label()
    if (turns > 1) {
      put(X.mov32(counter, turns))
      align(32)
      bind(top)
    }
    for (let u = 0; u < unroll; u++) round(u)
    if (turns > 1 || rest > 0) advance(unroll)
    if (turns > 1) put(X.sub32(counter, 1), X.jne(top))
  }
  for (let u = 0; u < rest; u++) round(u)
  return rest > 0 ? rest : turns === 1 ? unroll : 0
}

/** Rows of the factor are steps of `k`: they are copied. What the last vector lacks is zero. */
export const copy = (x: X.Assembler.Assembler, panel: Panel, registers: Registers): void => {
  const { bits, k, stride, vectors } = panel
  const [from, to, counter] = registers.spare
  const rest = restOf(panel)
  const limit = columnsLimit(X.ymm(15))
  if (rest > 0) limitTo(x, limit, rest, counter)
  x.put(X.mov(from, registers.from), X.mov(to, registers.to))
  const step = stepOf(panel)
  repeat(
    x,
    counter,
    k,
    4,
    (u) => {
      for (let v = 0; v < vectors; v++) {
        const isLast = rest > 0 && v === vectors - 1
        const at = X.vec(bits, v % 8)
        x.put(
          load(
            x.level,
            at,
            X.mem({ base: from, displacement: u * stride + (v * bits) / 8 }),
            isLast ? limit : undefined
          ),
          X.vmovups(X.mem({ base: to, displacement: u * step + (v * bits) / 8 }), at)
        )
      }
    },
    (rounds) => x.put(X.add(from, rounds * stride), X.add(to, rounds * step))
  )
}

/**
 * Rows of the factor are the panel's columns: eight of them at a time are turned, four steps of `k` each. What the last
 * vector lacks is zero.
 */
export const turn = (x: X.Assembler.Assembler, panel: Panel, registers: Registers): void => {
  const { bits, columns, k, stride, vectors } = panel
  if (bits === 128) throw new RangeError("a panel that is turned has eight columns at least")
  const { level, put } = x
  const [from, to, counter] = registers.spare
  const step = stepOf(panel)
  const steps: Limit = { mask: STEPS, signs: X.ymm(15) }
  const groups = (vectors * bits) / 256
  const zero = X.ymm(12)
  put(X.vxorps(X.xmm(12), X.xmm(12), X.xmm(12)))

  /** Steps `at` to `at + count` of the eight columns of group `g`. */
  const tile = (g: number, at: number, count: number): void => {
    const limit = count < 4 ? steps : undefined
    const part = (row: number) => X.mem({ base: from, displacement: (8 * g + row) * stride + 4 * at })
    const rows = [0, 1, 2, 3].map((row) => {
      const low = X.ymm(row)
      if (8 * g + row >= columns) return zero
      put(load(level, X.xmm(row), part(row), limit))
      if (8 * g + row + 4 < columns) {
        if (limit === undefined) put(X.vinsertf128(low, low, part(row + 4), 1))
        else put(load(level, X.xmm(4), part(row + 4), limit), X.vinsertf128(low, low, X.xmm(4), 1))
      }
      return low
    })
    const [r0 = zero, r1 = zero, r2 = zero, r3 = zero] = rows
    const [a, b, c, d] = [X.ymm(5), X.ymm(6), X.ymm(7), X.ymm(8)]
    put(X.vunpcklps(a, r0, r1), X.vunpckhps(b, r0, r1), X.vunpcklps(c, r2, r3), X.vunpckhps(d, r2, r3))
    const out = [X.ymm(9), X.ymm(10), X.ymm(11), X.ymm(13)]
    const turned = [X.vunpcklpd, X.vunpckhpd, X.vunpcklpd, X.vunpckhpd]
    out.slice(0, count).forEach((each, i) => {
      const instruction = turned[i] ?? X.vunpcklpd
      put(
        instruction(each, i < 2 ? a : b, i < 2 ? c : d),
        X.vmovups(X.mem({ base: to, displacement: (at + i) * step + 32 * g }), each)
      )
    })
  }
  /** So many steps from the pointers on: a line of a row is used up before the next rows come. */
  const all = (count: number): void => {
    for (let g = 0; g < groups; g++)
      for (let at = 0; at < count; at += 4) tile(g, at, Math.min(4, count - at))
  }

  put(X.mov(from, registers.from), X.mov(to, registers.to))
  if (k % 4 > 0) limitTo(x, steps, k % 4, counter)
  const behind = repeat(
    x,
    counter,
    Math.floor(k / LINE),
    1,
    () => all(LINE),
    (rounds) => put(X.add(from, 4 * LINE * rounds), X.add(to, LINE * rounds * step))
  )
  if (k % LINE > 0 && behind > 0) put(X.add(from, 4 * LINE * behind), X.add(to, LINE * behind * step))
  all(k % LINE)
}
