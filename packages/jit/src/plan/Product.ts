/**
 * Matrix products: `c = activation(a b + bias)` with `a` `[m, k]` (or `[k, m]`, transposed) and `b` `[k, n]` (or
 * `[n, k]`); batched ones run over every matrix of the batch.
 *
 * Every element of `c` is one chain of multiply, then add, over `k` in order, started at zero, wherever it lies in a
 * block and whoever computes it. So the bits depend on neither the blocking nor the threads.
 */
import { NdArray } from "../graph/index.ts"
import { rows, whole } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import type { Product } from "./Op.ts"
import type { Task } from "./Task.ts"

// models

/** The sizes of one matrix product. */
export interface Sizes {
  readonly m: number
  readonly k: number
  readonly n: number
}

// pure core

const matrix = (shape: ReadonlyArray<number>): readonly [rows: number, columns: number] => [
  shape.at(-2) ?? 1,
  shape.at(-1) ?? 1
]

export const sizes = ({ a, output, transposeA }: Product): Sizes => {
  const [m, n] = matrix(output.shape)
  const [rows, columns] = matrix(a.shape)
  return { m, n, k: transposeA ? rows : columns }
}

/** The sizes of the batch. */
export const batch = ({ output }: Product): ReadonlyArray<number> => output.shape.slice(0, -2)

/** Whether units are rows of `c`; else they are columns. */
export const splitsRows = ({ m }: Pick<Sizes, "m">): boolean => m >= 8

/** Floating point operations of the whole product. */
export const flops = (op: Product): number => {
  const { m, n, k } = sizes(op)
  return 2 * m * n * k * NdArray.size(batch(op))
}

// constructors

/** Nothing where the result has no elements. */
export const task = (machine: Machine, op: Product): Task | undefined => {
  const { a, b, bias, output, transposeA } = op
  const { m, n, k } = sizes(op)
  if (NdArray.size(output.shape) === 0) return undefined
  const byRows = splitsRows({ m })
  const single = NdArray.size(batch(op)) === 1
  return {
    name: `MatMul ${m}x${k}x${n}`,
    op,
    reads: [a.buffer, b.buffer, ...(bias === undefined ? [] : [bias.buffer])],
    writes: [output.buffer],
    inPlace: [],
    cost: machine.cost(op),
    units: byRows ? m : n,
    granule: machine.granule(op),
    reaches: [
      byRows && single && !transposeA ? rows(a.buffer, false, 4 * k) : whole(a.buffer, false),
      whole(b.buffer, false),
      ...(bias === undefined ? [] : [whole(bias.buffer, false)]),
      byRows && single ? rows(output.buffer, true, 4 * n) : whole(output.buffer, true)
    ],
    scratch: machine.scratch(op)
  }
}
