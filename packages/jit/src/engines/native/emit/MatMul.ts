/**
 * Matrix products as machine code: `c = a b`, `rows x columns` of it, then the bias and Relu.
 *
 * Every element of `c` is one chain of multiply, then add, over `k` in order, started at zero: so the width of a vector, the
 * shape of a block and who computes it change no bit. A product of two numbers is `b * a` in that order, as in the engine
 * `wasm`: it decides which NaN comes out where both are one.
 *
 * A block of `rows x vectors` sums stays in registers over all of `k`. Vectors are neighbours in a row of `b`; each number
 * of `a` is repeated, with AVX-512 by the multiplication itself. Where `c` has one column the factors change places: vectors
 * are then neighbours in a column of `a`.
 */
import * as X from "../assembly/index.ts"
import * as Panels from "./Panels.ts"
import * as TurnedRow from "./TurnedRow.ts"

// models

/** A factor in memory, distances in bytes. */
export interface Strides {
  /** From a row of `a`, or a column of `b`, to the next. */
  readonly along: number
  /** From a step of `k` to the next. */
  readonly step: number
}

export interface MatMul {
  readonly level: X.Level
  readonly rows: number
  readonly columns: number
  readonly k: number
  /** The factor whose numbers are repeated. */
  readonly numbers: Strides
  /** The factor whose vectors are loaded; one of the two distances is 4. */
  readonly vectors: Strides
  /** Bytes from a row of `c` to the next; its columns are neighbours. */
  readonly c: number
  readonly bias: "none" | "row" | "scalar"
  readonly relu: boolean
  /** The numbers are those of `b`: the factors have changed places. */
  readonly isSwapped: boolean
  readonly fused: boolean
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

/** Steps of `k` that are written out in a loop. */
const UNROLL = 4

/** Bytes beyond which neighbours are no longer reached by short displacements. */
const FAR = 32

/** How many sums stay in registers. */
const sumsOf = (level: X.Level): number => (level === "avx512" ? 16 : 12)

/** Blocks of so few rows keep the numbers in registers, and load one vector at a time. */
const FEW = 3

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

/**
 * Panels are put together where they must be, and where they are used often and either vectors come faster than the caches
 * give them from rows far apart (AVX2), or there are many such rows.
 */
const isPacked = (product: MatMul, { bits, rows: height, vectors }: Block, columns: number): boolean => {
  const { k, level, rows, vectors: factor } = product
  if (isTurned(product)) return true
  if (level === "avx2" && height > FEW && columns % (bits / 32) > 0) return true
  return rows >= 24 && (vectors * bits) / 8 < factor.step && k >= (level === "avx2" ? 64 : 512)
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
  const { bias, c, columns, fused, isSwapped, k, level, numbers, relu, rows, vectors: factor } = product
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
  const wide = level === "avx512"

  /** A panel of `columns` columns, all of its blocks. */
  const panel = (block: Block, columns: number): void => {
    const { bits, vectors } = block
    const packed = isPacked(product, block, columns)
    const rest = columns % (bits / 32)
    const width = bits / 8
    const sum = (r: number, v: number) => X.vec(bits, r * vectors + v)
    // The registers behind the sums. Which columns there are (AVX2) stays in the last one, or is known at the end only.
    const spare = (height: number, i: number) => X.vec(bits, height * vectors + i)
    const limitAt = (height: number) => Panels.columnsLimit(packed ? spare(height, 1) : X.ymm(15))
    const limitOf = (height: number, v: number) =>
      rest > 0 && v === vectors - 1 ? limitAt(height) : undefined
    const yStep = packed ? Panels.stepOf(block) : factor.step

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
    if ((wide || !packed) && rest > 0) Panels.limitTo(x, limitAt(0), rest, SPARE)

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
    const middle = !wide && UNROLL * yStep <= 256 ? 128 : 0
    const loadVector = (to: X.Vec, height: number, v: number, u: number): void => {
      const at = X.mem({ base: Y_AT, displacement: u * yStep + v * width - middle })
      put(Panels.load(level, to, at, packed ? undefined : limitOf(height, v)))
    }
    /** `to` plus `p` times `q`; the product goes to `through`. */
    const multiplyAdd = (to: X.Vec, p: X.Vec, q: X.Mem | X.Vec, through: X.Vec): void => {
      if (fused) put(X.vfmadd231ps(to, p, q))
      else put(X.vmulps(through, p, q), X.vaddps(to, to, through))
    }
    /** The vectors in registers, the numbers one after the other. */
    const stepOfMany = (height: number, u: number): void => {
      const vector = (v: number) => spare(height, v)
      const [number, through] = [spare(height, vectors), spare(height, vectors + 1)]
      for (let v = 0; v < vectors; v++) loadVector(vector(v), height, v, u)
      for (let r = 0; r < height; r++) {
        if (!wide) put(X.vbroadcastss(number, numberAt(r, u)))
        for (let v = 0; v < vectors; v++) {
          if (wide) multiplyAdd(sum(r, v), vector(v), X.broadcast(numberAt(r, u)), through)
          // The last product takes the number's place.
          else multiplyAdd(sum(r, v), vector(v), number, v === vectors - 1 ? number : through)
        }
      }
    }
    /** The numbers in registers, the vectors one after the other. */
    const stepOfFew = (height: number, u: number): void => {
      const number = (r: number) => spare(height, r)
      const [vector, through] = [spare(height, height), spare(height, height + 1)]
      for (let r = 0; r < height; r++) put(X.vbroadcastss(number(r), numberAt(r, u)))
      for (let v = 0; v < vectors; v++) {
        loadVector(vector, height, v, u)
        for (let r = 0; r < height; r++) {
          const [p, q] = isSwapped ? [number(r), vector] : [vector, number(r)]
          multiplyAdd(sum(r, v), p, q, r === height - 1 ? vector : through)
        }
      }
    }
    const step = (height: number, u: number): void =>
      height > FEW ? stepOfMany(height, u) : stepOfFew(height, u)
    const finish = (height: number): void => {
      const added = spare(height, 0)
      if (!wide && packed && rest > 0 && bias === "row") Panels.limitTo(x, limitAt(height), rest, SPARE)
      const biased = bias === "none" ? 0 : vectors
      for (let v = 0; v < biased; v++) {
        put(
          bias === "scalar"
            ? X.vbroadcastss(added, X.mem({ base: ARGUMENTS.bias }))
            : Panels.load(
                level,
                added,
                X.mem({ base: ARGUMENTS.bias, displacement: v * width }),
                limitOf(height, v)
              )
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
          const at = X.mem({ base: OUT, displacement: r * c + v * width })
          const count = rest > 0 && v === vectors - 1 ? rest : bits / 32
          put(...Panels.store(level, at, sum(r, v), count, limitAt(height).mask))
        }
      }
    }
    const compute = (height: number): void => {
      for (let i = 0; i < height * vectors; i++) {
        const each = X.vec(bits, i)
        put(
          i < 16
            ? X.vxorps(X.resize(128, each), X.resize(128, each), X.resize(128, each))
            : X.vpxor(each, each, each)
        )
      }
      const y = packed ? ARGUMENTS.scratch : ARGUMENTS.vectors
      put(X.mov(X_AT, ROW), X.lea(Y_AT, X.mem({ base: y, displacement: middle })))
      if (isFar) put(X.mov(SPARE, far), X.lea(X_FAR, X.mem({ base: X_AT, displacement: 3 * far })))
      Panels.repeat(
        x,
        STEPS,
        k,
        UNROLL,
        (u) => step(height, u),
        (rounds) => {
          put(X.add(X_AT, rounds * numbers.step), X.add(Y_AT, rounds * yStep))
          if (isFar) put(X.add(X_FAR, rounds * numbers.step))
        }
      )
      finish(height)
    }
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
