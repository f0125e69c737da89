/**
 * The machine code of a matrix product. Products of the same sizes are one subroutine; a batch calls it for every matrix. An
 * activation other than Relu follows as a pass over what was computed.
 */
import { NdArray } from "../../../graph/index.ts"
import { Nest, type Op, Product } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"
import type * as Blocks from "./Blocks.ts"
import * as Elementwise from "./Elementwise.ts"
import { BASE, type Code, type Emitter, type Kernel, type Part, type Target } from "./Emitter.ts"
import * as Loops from "./Loops.ts"
import * as MatMul from "./MatMul.ts"

// models

/** What a part computes, and where its corner lies in each array, in bytes. */
interface Corner {
  readonly product: MatMul.MatMul
  readonly numbers: number
  readonly vectors: number
  readonly c: number
  readonly bias: number
}

/** The arrays that a batch walks through, by their number in its strides. */
const [NUMBERS, VECTORS, RESULT] = [0, 1, 2]

/** Registers of the loops over a batch; none of them holds an argument. */
const LOOPS: ReadonlyArray<X.Gpr> = [X.r15, X.r12, X.r13, X.r14, X.rbx, X.rbp, X.r10, X.r11]

/** Steps of `k` whose panel stays in the first cache. */
const MOST_STEPS = 448

/** Bytes of numbers that stay in the second cache beside all else. */
const NEAR = 1 << 18

/** A pass for each row of each matrix is written out: beyond so many the engine `wasm` is as good. */
const MOST_PASSES = 64

// pure core

type Machine = Pick<Target, "fused" | "level">

/** The whole product as the kernel sees it. */
const kernelOf = (op: Op.Product, { fused, level }: Machine): MatMul.MatMul => {
  const { activation, bias, transposeA, transposeB } = op
  const { k, m, n } = Product.sizes(op)
  // With one step of k both orders are the same: that of neighbours along the result.
  const a = transposeA || k === 1 ? { along: 4, step: 4 * m } : { along: 4 * k, step: 4 }
  const b = transposeB && k !== 1 ? { along: 4 * k, step: 4 } : { along: 4, step: 4 * n }
  const isSwapped = n === 1 && m > 1
  return {
    level,
    fused,
    k,
    isSwapped,
    continues: false,
    rows: isSwapped ? n : m,
    columns: isSwapped ? m : n,
    numbers: isSwapped ? b : a,
    vectors: isSwapped ? a : b,
    c: 4 * n,
    bias: bias === undefined ? "none" : NdArray.size(bias.shape) === 1 ? "scalar" : "row",
    relu: activation === "Relu"
  }
}

const cornerOf = (product: MatMul.MatMul, splitsRows: boolean, { end, start }: Part): Corner => {
  const ofRows = splitsRows !== product.isSwapped
  // Without a step of k there is nothing to read.
  const [row, column] = ofRows ? [start, 0] : [0, start]
  const read = product.k === 0 ? 0 : 1
  return {
    product: {
      ...product,
      rows: ofRows ? end - start : product.rows,
      columns: ofRows ? product.columns : end - start
    },
    numbers: read * row * product.numbers.along,
    vectors: read * column * product.vectors.along,
    c: row * product.c + 4 * column,
    bias: product.bias === "row" ? 4 * column : 0
  }
}

/** `count` in as few equal pieces as have at most `most`: how large they are, multiples of `unit` if there are more than one. */
const pieceOf = (count: number, most: number, unit: number): number => {
  const pieces = Math.ceil(count / most)
  return pieces <= 1 ? count : Math.ceil(count / pieces / unit) * unit
}

/**
 * A product in pieces, so that panels stay in the first cache and the numbers that they meet in the second: steps of `k`
 * (sums wait in `c` meanwhile, which changes no bit), and rows of a single product.
 */
const piecesOf = (
  { k, rows }: MatMul.MatMul,
  isSingle: boolean
): { readonly steps: number; readonly rows: number } => {
  if (rows < MatMul.FEW_ROWS) return { steps: Math.max(1, k), rows }
  const steps = Math.max(1, pieceOf(k, MOST_STEPS, 16))
  return {
    steps,
    rows: isSingle ? pieceOf(rows, Math.max(MatMul.FEW_ROWS, Math.floor(NEAR / (4 * steps))), 8) : rows
  }
}

/** Bytes from the first element of a factor that is read to behind the last. */
const extent = ({ along, step }: Blocks.Strides, count: number, k: number): number =>
  k === 0 ? 0 : (count - 1) * along + (k - 1) * step + 4

/** Bytes of scratch memory that any part needs at any level. */
export const scratchBytes = (op: Op.Product): number =>
  (["avx512", "avx2"] as const).reduce(
    (most, level) => Math.max(most, MatMul.scratchBytes(kernelOf(op, { fused: false, level }))),
    0
  )

// combinators

/** A pass over the elements of a part, in place. */
const followed = (op: Op.Product, kernel: string, target: Target): Kernel => {
  const size = NdArray.size(op.output.shape)
  const { m, n } = Product.sizes(op)
  const pass = Elementwise.emit(
    {
      _tag: "Elementwise",
      shape: [size],
      operands: [{ buffer: op.output.buffer, shape: [size], dtype: "float32", constant: undefined }],
      steps: [{ kernel, operands: [{ input: 0 }], inputNames: ["x"], attributes: {}, dtype: "float32" }],
      results: [{ buffer: op.output.buffer, dtype: "float32", step: 0, lasts: false }]
    },
    target
  )
  if (pass === undefined) throw new RangeError("one dimension needs no more registers than there are")
  return (code, part) => {
    const { end, scratch, start } = part
    const range = (from: number, to: number) => pass(code, { start: from, end: to, scratch })
    const ofRows = Product.splitsRows({ m })
    if (start === 0 && end === (ofRows ? m : n)) return range(0, size)
    for (let matrix = 0; matrix < size; matrix += m * n) {
      if (ofRows) range(matrix + start * n, matrix + end * n)
      else for (let row = 0; row < m; row++) range(matrix + row * n + start, matrix + row * n + end)
    }
  }
}

// constructors

export const emit: Emitter<"Product"> = (op, target) => {
  const { a, activation, b, bias, output } = op
  const whole = kernelOf(op, target)
  const batch = Product.batch(op)
  const { m } = Product.sizes(op)
  const [numbers, vectors] = whole.isSwapped ? [b, a] : [a, b]
  const sizeOf = ({ shape }: Op.Matrices) => 4 * NdArray.size(shape.slice(-2))
  const arrays = [numbers, vectors, output]
  const dimensions = Nest.collapse(
    batch,
    arrays.map(({ shape }) => Nest.broadcast(shape.slice(0, -2), batch))
  ).map(({ size, strides }) => ({
    size,
    strides: strides.map((stride, i) => stride * sizeOf(arrays[i] ?? output))
  }))
  /** Bytes from the first matrix of the batch to the last. */
  const span = (array: number) =>
    dimensions.reduce((sum, { size, strides }) => sum + (size - 1) * (strides[array] ?? 0), 0)
  const from: Loops.Pointers = new Map([NUMBERS, VECTORS, RESULT].map((array) => [array, BASE]))
  if (Loops.needed(dimensions, from.keys()) > LOOPS.length) return undefined
  const follows = activation !== undefined && !whole.relu
  if (follows && NdArray.size(batch) * Math.min(m, 8) > MOST_PASSES) return undefined
  const pass = follows ? followed(op, activation, target) : undefined

  const subroutine = (code: Code, product: MatMul.MatMul): X.Label =>
    code.shared(`MatMul ${JSON.stringify(product)}`, ({ assembler }) => MatMul.append(assembler, product))

  return (code, part) => {
    const { put } = code.assembler
    const corner = cornerOf(whole, Product.splitsRows({ m }), part)
    const { product } = corner
    const { columns, k, rows } = product
    if (rows === 0 || columns === 0) return
    const at = {
      numbers: target.range(numbers.buffer, corner.numbers, span(NUMBERS) + extent(product.numbers, rows, k)),
      vectors: target.range(
        vectors.buffer,
        corner.vectors,
        span(VECTORS) + extent(product.vectors, columns, k)
      ),
      c: target.range(output.buffer, corner.c, span(RESULT) + (rows - 1) * product.c + 4 * columns),
      bias:
        bias === undefined
          ? 0
          : target.range(bias.buffer, corner.bias, product.bias === "row" ? 4 * columns : 4)
    }
    const pieces = piecesOf(product, dimensions.length === 0)
    const repeated = Math.floor(rows / pieces.rows)
    /** `count` rows from `row` on, all steps of `k`: calls, around which the registers `used` are kept. */
    const compute = (
      pointers: Loops.Pointers,
      used: ReadonlyArray<X.Gpr>,
      row: number,
      count: number
    ): void => {
      const lea = (to: X.Gpr, array: number | undefined, displacement: number) =>
        X.lea(
          to,
          X.mem({ base: (array === undefined ? undefined : pointers.get(array)) ?? BASE, displacement })
        )
      for (let step = 0; step === 0 || step < k; step += pieces.steps) {
        const ends = step + pieces.steps >= k
        const label = subroutine(code, {
          ...product,
          rows: count,
          k: ends ? k - step : pieces.steps,
          continues: step > 0,
          bias: ends ? product.bias : "none",
          relu: ends && product.relu
        })
        put(
          ...used.map(X.push),
          lea(
            MatMul.ARGUMENTS.numbers,
            NUMBERS,
            at.numbers + row * product.numbers.along + step * product.numbers.step
          ),
          lea(MatMul.ARGUMENTS.vectors, VECTORS, at.vectors + step * product.vectors.step),
          lea(MatMul.ARGUMENTS.c, RESULT, at.c + row * product.c),
          lea(MatMul.ARGUMENTS.bias, undefined, at.bias),
          lea(MatMul.ARGUMENTS.scratch, undefined, part.scratch),
          X.call(label),
          ...used.toReversed().map(X.pop)
        )
      }
    }
    const chunks: Nest.Dimension = {
      size: repeated,
      strides: [pieces.rows * product.numbers.along, 0, pieces.rows * product.c]
    }
    const all = repeated > 1 ? [...dimensions, chunks] : dimensions
    Loops.nest(
      code.assembler,
      { dimensions: all, from, range: undefined, registers: LOOPS },
      (pointers, left) => compute(pointers, LOOPS.slice(0, LOOPS.length - left.length), 0, pieces.rows)
    )
    const rest = rows - repeated * pieces.rows
    if (rest > 0) compute(from, [], rows - rest, rest)
    pass?.(code, part)
  }
}
