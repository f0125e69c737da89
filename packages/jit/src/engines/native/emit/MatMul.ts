/**
 * Matrix products as machine code: `c = a b`, `rows x columns` of it, then the bias and Relu.
 *
 * Every element of `c` is one chain of multiply, then add, over `k` in order, started at zero (or where the steps before ended): so the width of a vector, the
 * shape of a block and who computes it change no bit. A product of two numbers is `b * a` in that order, as in the engine
 * `wasm`: it decides which NaN comes out where both are one.
 *
 * A block of `rows x vectors` sums stays in registers over all of `k`. Vectors are neighbours in a row of `b`; each number
 * of `a` is repeated, with AVX-512 by the multiplication itself. Where `c` has one column the factors change places: vectors
 * are then neighbours in a column of `a`.
 */
import * as X from "../assembly/index.ts"
import * as Blocks from "./Blocks.ts"
import * as Panels from "./Panels.ts"
import * as TurnedRow from "./TurnedRow.ts"

// models

export interface MatMul extends Blocks.End {
  readonly level: X.Level
  readonly rows: number
  readonly columns: number
  readonly k: number
  /** The factor whose numbers are repeated. */
  readonly numbers: Blocks.Strides
  /** The factor whose vectors are loaded; one of the two distances is 4. */
  readonly vectors: Blocks.Strides
  /** Bytes from a row of `c` to the next; its columns are neighbours. */
  readonly c: number
  /** The numbers are those of `b`: the factors have changed places. */
  readonly isSwapped: boolean
  readonly fused: boolean
  /** The sums begin with what `c` holds, not with zero. */
  readonly continues: boolean
}

/** How a panel is computed: the width of its vectors, how many there are, and how many rows at most make a block. */
export interface Block {
  readonly bits: X.Bits
  readonly vectors: number
  readonly rows: number
}

// pure core

/** What is given: the addresses of the numbers, of the vectors, of `c`, of the bias and of scratch memory. */
export const ARGUMENTS = {
  numbers: X.rsi,
  vectors: X.rdx,
  c: X.rcx,
  bias: X.r8,
  scratch: X.r9
} as const

const [SPARE, ROW, COUNT, OUT, PANELS, X_AT, X_FAR, Y_AT, STEPS] = [
  X.rax,
  X.rbp,
  X.r14,
  X.r13,
  X.rbx,
  X.r10,
  X.r15,
  X.r11,
  X.r12
]

/** How many sums stay in registers. */
const sumsOf = (level: X.Level): number => (level === "avx512" ? 16 : 12)

/**
 * Vectors of a panel that is turned. Lines of 32 rows stay in the first cache, wherever they begin; of 16, the panel does,
 * too: enough where many rows make up for it.
 */
const mostTurned = ({ level, rows }: Pick<MatMul, "level" | "rows">): number =>
  level === "avx2" ? 4 : rows < 8 ? 2 : 1

/** Whether the vectors' factor has its columns in rows. */
const isTurned = ({ vectors }: Pick<MatMul, "vectors">): boolean => vectors.step === 4

/** With so few steps a product is made of stores: many along a row. */
const SHORT = { avx512: 2, avx2: 8 }

/** Vectors in a block of 1, 2 or 3 rows where there are 16 registers: one is kept free for the mask (AVX2). */
const WANTED = [12, 12, 5, 3]

/** How the last `columns` columns of a product are computed, or all panels if there are more. */
export const blockOf = (product: MatMul, columns: number): Block => {
  const { k, level } = product
  const rows = k <= SHORT[level] ? Math.min(2, product.rows) : product.rows
  const sums = sumsOf(level)
  const widest = level === "avx512" ? 512 : 256
  const narrowest = isTurned(product) ? 256 : 128
  const bits = columns > 8 ? widest : columns > 4 ? 256 : narrowest
  // Few rows: more vectors, so that enough sums are on their way at a time.
  const wanted = level === "avx512" ? Math.max(2, Math.floor(sums / rows)) : (WANTED[rows] ?? 2)
  const most = isTurned(product) ? mostTurned(product) : sums
  const vectors = Math.min(Math.ceil((32 * columns) / bits), wanted, most)
  return { bits, vectors, rows: Math.min(rows, Math.floor(sums / vectors)) }
}

/** The rows of blocks one after the other: as many whole ones as there are, then what is left in few. */
export const heights = (
  rows: number,
  most: number
): { readonly whole: number; readonly rest: ReadonlyArray<number> } => {
  const rest = rows % most
  const whole = (rows - rest) / most
  // A block of one or two rows waits for its own sums: the last two share their rows.
  if (rest > 0 && 2 * rest < most && whole > 0) {
    const both = most + rest
    return { whole: whole - 1, rest: [Math.ceil(both / 2), Math.floor(both / 2)] }
  }
  return { whole, rest: rest > 0 ? [rest] : [] }
}

/** With fewer rows a panel is used too seldom for its place to matter. */
export const FEW_ROWS = 24

/**
 * Panels are put together where they must be, and where they are used often and vectors come faster than the caches give them
 * from rows far apart (AVX2).
 */
const isPacked = (product: MatMul, { bits, rows: height, vectors }: Block, columns: number): boolean => {
  const { k, level, rows, vectors: factor } = product
  if (isTurned(product)) return true
  if (level === "avx512") return false
  if (height > Blocks.FEW && columns % (bits / 32) > 0) return true
  return rows >= FEW_ROWS && (vectors * bits) / 8 < factor.step && k >= 64
}

/** Bytes of scratch memory that a product needs, or any part of it: its widest panel. */
export const scratchBytes = (product: MatMul): number => {
  const { columns, k, level, rows } = product
  if (rows === 1 && isTurned(product)) return 0
  const most = level === "avx512" || isTurned(product) ? 128 : 64
  return k * Math.min(most, 64 * Math.ceil(columns / 16))
}

// combinators

/** Appends a subroutine that computes the product. */
export const append = (x: X.Assembler.Assembler, product: MatMul): void => {
  const { bias, c, columns, continues, fused, isSwapped, k, numbers, relu, rows, vectors: factor } = product
  const { bind, label, put } = x
  if (rows === 1 && isTurned(product)) {
    TurnedRow.append(
      x,
      { columns, k, along: factor.along, step: numbers.step, bias, relu, isSwapped, fused },
      { ...ARGUMENTS, spare: [SPARE, X_AT, Y_AT, PANELS] }
    )
    put(X.ret)
    return
  }

  /** A panel of `columns` columns, all of its blocks. */
  const panel = (block: Block, columns: number): void => {
    const { bits, vectors } = block
    const packed = isPacked(product, block, columns)
    const all: Blocks.Panel = {
      bits,
      vectors,
      columns,
      k,
      numbers,
      step: packed ? Panels.stepOf(block) : factor.step,
      isPacked: packed,
      c,
      bias,
      relu,
      isSwapped,
      fused,
      continues
    }
    if (packed) {
      if (k * Panels.stepOf(block) > scratchBytes(product)) throw new RangeError("a panel has no place")
      const shape = { bits, vectors, columns, k, stride: isTurned(product) ? factor.along : factor.step }
      const registers = {
        from: ARGUMENTS.vectors,
        to: ARGUMENTS.scratch,
        spare: [X_AT, Y_AT, SPARE]
      } as const
      if (isTurned(product)) Panels.turn(x, shape, registers)
      else Panels.copy(x, shape, registers)
    }
    Blocks.prepare(x, all, SPARE)
    const places = {
      numbers: ROW,
      vectors: packed ? ARGUMENTS.scratch : ARGUMENTS.vectors,
      c: OUT,
      bias: ARGUMENTS.bias
    }
    const compute = (height: number): void =>
      Blocks.append(x, all, height, places, [X_AT, X_FAR, Y_AT, STEPS, SPARE])
    const forward = (height: number): void => put(X.add(ROW, height * numbers.along), X.add(OUT, height * c))

    put(X.mov(ROW, ARGUMENTS.numbers), X.mov(OUT, ARGUMENTS.c))
    const { rest: last, whole } = heights(rows, block.rows)
    if (whole > 0) {
      const top = label()
      if (whole > 1) {
        put(X.mov32(COUNT, whole))
        bind(top)
      }
      compute(block.rows)
      forward(block.rows)
      if (whole > 1) put(X.sub32(COUNT, 1), X.jne(top))
    }
    last.forEach((height, i) => {
      compute(height)
      if (i < last.length - 1) forward(height)
    })
  }

  const block = blockOf(product, columns)
  const perPanel = (block.vectors * block.bits) / 32
  const whole = Math.floor(columns / perPanel)
  const rest = columns % perPanel
  const next = (): void => {
    put(X.add(ARGUMENTS.vectors, perPanel * factor.along), X.add(ARGUMENTS.c, 4 * perPanel))
    if (bias === "row") put(X.add(ARGUMENTS.bias, 4 * perPanel))
  }
  if (whole > 0) {
    const top = label()
    if (whole > 1) {
      put(X.mov32(PANELS, whole))
      bind(top)
    }
    panel(block, perPanel)
    if (whole > 1 || rest > 0) next()
    if (whole > 1) put(X.sub32(PANELS, 1), X.jne(top))
  }
  if (rest > 0) panel(blockOf(product, rest), rest)
  put(X.ret)
}
