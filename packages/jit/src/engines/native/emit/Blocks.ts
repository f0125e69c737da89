/**
 * A block of a product: `rows x vectors` sums that stay in registers over all of `k`, then the bias, Relu and the stores.
 */
import * as X from "../assembly/index.ts"
import * as Panels from "./Panels.ts"

// models

/** A factor in memory, distances in bytes. */
export interface Strides {
  /** From a row of `a`, or a column of `b`, to the next. */
  readonly along: number
  /** From a step of `k` to the next. */
  readonly step: number
}

/** What follows the sums. */
export interface End {
  readonly bias: "none" | "row" | "scalar"
  readonly relu: boolean
}

/** What the blocks of a panel have in common. */
export interface Panel extends End {
  readonly bits: X.Bits
  readonly vectors: number
  readonly columns: number
  readonly k: number
  /** The factor whose numbers are repeated. */
  readonly numbers: Strides
  /** Bytes from a step of `k` to the next in the panel's vectors. */
  readonly step: number
  /** The panel lies in scratch memory, where the last vector is whole. */
  readonly isPacked: boolean
  /** Bytes from a row of `c` to the next. */
  readonly c: number
  /** The numbers come first in every multiplication. */
  readonly isSwapped: boolean
  readonly fused: boolean
  /** The sums begin with what `c` holds: that of the steps of `k` before. */
  readonly continues: boolean
}

/** Where the block's numbers, vectors, part of `c` and bias begin; these are kept. */
export interface Places {
  readonly numbers: X.Gpr
  readonly vectors: X.Gpr
  readonly c: X.Gpr
  readonly bias: X.Gpr
}

/** `to` becomes itself plus `p` times `q`; the product goes through a register. */
interface Product {
  readonly to: X.Vec
  readonly p: X.Vec
  readonly q: X.Mem | X.Vec
  readonly through: X.Vec
}

/** What a block may use. */
export type Spare = readonly [number: X.Gpr, far: X.Gpr, vector: X.Gpr, rounds: X.Gpr, other: X.Gpr]

/** Steps of `k` that are written out in a loop. */
const UNROLL = 4

/** Bytes beyond which neighbours are no longer reached by short displacements. */
const FAR = 32

/** Blocks of so few rows keep the numbers in registers, and load one vector at a time. */
export const FEW = 3

// pure core

/** Where it is known which columns the last vector has (AVX2): in the last register, or behind the sums at the end. */
const limitAt = ({ bits, isPacked, vectors }: Panel, height: number): Panels.Limit =>
  Panels.columnsLimit(isPacked ? X.vec(bits, height * vectors + 1) : X.ymm(15))

// combinators

/** To be written before the blocks of a panel. */
export const prepare = (x: X.Assembler.Assembler, panel: Panel, spare: X.Gpr): void => {
  const rest = Panels.restOf(panel)
  if (rest > 0 && (x.level === "avx512" || !panel.isPacked)) Panels.limitTo(x, limitAt(panel, 0), rest, spare)
}

/** Appends a block of `height` rows. */
export const append = (
  x: X.Assembler.Assembler,
  panel: Panel,
  height: number,
  places: Places,
  [X_AT, X_FAR, Y_AT, ROUNDS, SPARE]: Spare
): void => {
  const { bias, bits, c, continues, fused, isPacked, isSwapped, k, numbers, relu, vectors } = panel
  const { level, put } = x
  const wide = level === "avx512"
  const rest = Panels.restOf(panel)
  const width = bits / 8
  const sum = (r: number, v: number) => X.vec(bits, r * vectors + v)
  const spare = (i: number) => X.vec(bits, height * vectors + i)
  const limit = limitAt(panel, height)
  const resultAt = (r: number, v: number) => X.mem({ base: places.c, displacement: r * c + v * width })
  const limitOf = (v: number) => (rest > 0 && v === vectors - 1 ? limit : undefined)

  // Short displacements keep the code small: rows (or steps) that lie far apart are reached by an index, three from each
  // of two pointers, and the vectors from the middle of what a round reads.
  const ofRows = numbers.along > numbers.step
  const far = ofRows ? numbers.along : numbers.step
  const isFar = far > FAR
  const numberAt = (r: number, u: number): X.Mem => {
    const [i, near] = ofRows ? [r, u * numbers.step] : [u, r * numbers.along]
    if (!isFar || i > 5) return X.mem({ base: X_AT, displacement: i * far + near })
    const base = i < 3 ? X_AT : X_FAR
    return i % 3 === 0
      ? X.mem({ base, displacement: near })
      : X.mem({ base, index: SPARE, scale: i % 3 === 1 ? 1 : 2, displacement: near })
  }
  const middle = !wide && UNROLL * panel.step <= 256 ? 128 : 0
  const loadVector = (to: X.Vec, v: number, u: number): void => {
    const at = X.mem({ base: Y_AT, displacement: u * panel.step + v * width - middle })
    put(Panels.load(level, to, at, isPacked ? undefined : limitOf(v)))
  }
  /**
   * Adds products to sums: all multiplications first. Zen 4 gives instructions to its pipes in order, and where each product
   * is followed by its sum some pipes stay idle (8 % with 6 rows, 20 % with 4).
   */
  const multiplyAdd = (products: ReadonlyArray<Product>): void => {
    if (fused) put(...products.map(({ p, q, to }) => X.vfmadd231ps(to, p, q)))
    else {
      put(...products.map(({ p, q, through }) => X.vmulps(through, p, q)))
      put(...products.map(({ through, to }) => X.vaddps(to, to, through)))
    }
  }
  /** The vectors in registers, the numbers one after the other. */
  const stepOfMany = (u: number): void => {
    const vector = (v: number) => spare(v)
    const number = spare(vectors)
    for (let v = 0; v < vectors; v++) loadVector(vector(v), v, u)
    for (let r = 0; r < height; r++) {
      if (!wide) put(X.vbroadcastss(number, numberAt(r, u)))
      multiplyAdd(
        Array.from({ length: vectors }, (_, v) => ({
          to: sum(r, v),
          p: vector(v),
          q: wide ? X.broadcast(numberAt(r, u)) : number,
          // The last product takes the number's place.
          through: spare(v === vectors - 1 ? vectors : vectors + 1 + v)
        }))
      )
    }
  }
  /** The numbers in registers, the vectors one after the other. */
  const stepOfFew = (u: number): void => {
    const number = (r: number) => spare(r)
    const vector = spare(height)
    for (let r = 0; r < height; r++) put(X.vbroadcastss(number(r), numberAt(r, u)))
    for (let v = 0; v < vectors; v++) {
      loadVector(vector, v, u)
      multiplyAdd(
        Array.from({ length: height }, (_, r) => {
          const [p, q] = isSwapped ? [number(r), vector] : [vector, number(r)]
          return { to: sum(r, v), p, q, through: spare(r === height - 1 ? height : height + 1 + r) }
        })
      )
    }
  }
  const step = (u: number): void => (height > FEW ? stepOfMany(u) : stepOfFew(u))
  const finish = (): void => {
    const added = spare(0)
    if (!wide && isPacked && rest > 0 && bias === "row") Panels.limitTo(x, limit, rest, SPARE)
    const biased = bias === "none" ? 0 : vectors
    for (let v = 0; v < biased; v++) {
      put(
        bias === "scalar"
          ? X.vbroadcastss(added, X.mem({ base: places.bias }))
          : Panels.load(level, added, X.mem({ base: places.bias, displacement: v * width }), limitOf(v))
      )
      for (let r = 0; r < height; r++) put(X.vaddps(sum(r, v), sum(r, v), added))
    }
    if (relu) {
      // max(x, 0) + 0, which makes 0 of -0.
      put(X.vxorps(X.resize(128, added), X.resize(128, added), X.resize(128, added)))
      for (let i = 0; i < height * vectors; i++) {
        const each = X.vec(bits, i)
        put(X.vmaxps(each, added, each), X.vaddps(each, each, added))
      }
    }
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) {
        const count = rest > 0 && v === vectors - 1 ? rest : bits / 32
        put(...Panels.store(level, resultAt(r, v), sum(r, v), count, limit.mask))
      }
    }
  }
  const begin = (): void => {
    if (!continues) {
      for (let i = 0; i < height * vectors; i++) {
        const each = X.vec(bits, i)
        put(
          i < 16
            ? X.vxorps(X.resize(128, each), X.resize(128, each), X.resize(128, each))
            : X.vpxor(each, each, each)
        )
      }
      return
    }
    if (!wide && isPacked && rest > 0) Panels.limitTo(x, limit, rest, SPARE)
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) put(Panels.load(level, sum(r, v), resultAt(r, v), limitOf(v)))
    }
  }

  begin()
  put(X.mov(X_AT, places.numbers), X.lea(Y_AT, X.mem({ base: places.vectors, displacement: middle })))
  if (isFar) put(X.mov(SPARE, far), X.lea(X_FAR, X.mem({ base: X_AT, displacement: 3 * far })))
  Panels.repeat(
    x,
    ROUNDS,
    k,
    UNROLL,
    (u) => step(u),
    (rounds) => {
      put(X.add(X_AT, rounds * numbers.step), X.add(Y_AT, rounds * panel.step))
      if (isFar) put(X.add(X_FAR, rounds * numbers.step))
    }
  )
  finish()
}
