/**
 * Kernels that move numbers without changing them: each is a list of pieces, copied from one place to another with
 * strides, after the result has been filled where the pieces do not cover it.
 */
import { NdArray } from "../graph/index.ts"
import { rows, whole } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import type { Movement } from "./Op.ts"
import type { Task } from "./Task.ts"

// pure core

/** How many rows all pieces and results can be cut into alike; a movement that cannot be cut is one unit. */
export const rowsOf = ({ pieces, results }: Movement): number | undefined => {
  const rows = results[0]?.shape[0]
  if (rows === undefined || rows < 2) return undefined
  const alike =
    results.every(({ shape }) => shape[0] === rows) &&
    pieces.every(({ shape, to }) => {
      const result = results.find(({ buffer }) => buffer === to.buffer)
      const perRow = result === undefined ? 0 : NdArray.size(result.shape) / rows
      return shape[0] === rows && to.strides[0] === perRow && to.offset < perRow
    })
  return alike ? rows : undefined
}

/** Elements of all results. */
export const elements = ({ results }: Movement): number =>
  results.reduce((sum, { shape }) => sum + NdArray.size(shape), 0)

// constructors

/** The task of a movement; nothing where the results have no elements. */
export const task = (machine: Machine, name: string, movement: Omit<Movement, "_tag">): Task | undefined => {
  const pieces = movement.pieces.filter(({ shape }) => NdArray.size(shape) > 0)
  const op: Movement = { ...movement, _tag: "Movement", pieces }
  if (elements(op) === 0) return undefined
  const count = rowsOf(op)
  const width = NdArray.bytesOf(op.dtype)
  return {
    name,
    op,
    reads: pieces.map(({ from }) => from.buffer),
    writes: op.results.map(({ buffer }) => buffer),
    inPlace: [],
    cost: machine.cost(op),
    units: count ?? 1,
    granule: machine.granule(op),
    reaches: [
      ...op.results.map(({ buffer, shape }) =>
        count === undefined ? whole(buffer, true) : rows(buffer, true, (NdArray.size(shape) / count) * width)
      ),
      ...pieces.map(({ shape, from: { buffer, offset, strides } }) => {
        const [row = 0, ...inner] = strides
        const extent = inner.reduce((sum, stride, d) => sum + stride * ((shape[d + 1] ?? 1) - 1), 1)
        return count === undefined || extent > row
          ? whole(buffer, false)
          : { buffer, write: false, offset: offset * width, stride: row * width, length: extent * width }
      })
    ],
    scratch: machine.scratch(op)
  }
}
