/**
 * Reductions. Sums, means and products of `float32` are accumulated in `float64` and rounded once; every other reduction
 * is exact. The order of a sum is fixed: where the last axis goes (`columns` is false), element i of it is added to
 * partial sum i mod 8 and the eight are added pairwise at the end, `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`; else
 * elements are added in order. It depends on shapes only, not on threads.
 */
import { NdArray } from "../graph/index.ts"
import { rows, whole } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import * as Nest from "./Nest.ts"
import type { Reduction } from "./Op.ts"
import type { Task } from "./Task.ts"

// models

export interface Axis {
  readonly size: number
  /** Distance of neighbours in the input. */
  readonly stride: number
}

export interface Axes {
  readonly kept: ReadonlyArray<Axis>
  readonly gone: ReadonlyArray<Axis>
  /** Whether the elements of the result are neighbours in the input, so that several are reduced at a time. */
  readonly columns: boolean
}

// pure core

export const resultType = ({ kind, dtype }: Pick<Reduction, "kind" | "dtype">): NdArray.DType =>
  kind === "ArgMax" || kind === "ArgMin" ? "int32" : kind === "Mean" ? "float32" : dtype

/** Neighbouring axes of one kind are merged. */
export const split = ({ shape, axes }: Reduction): Axes => {
  const own = Nest.strides(shape)
  const merged: Array<Axis & { readonly goes: boolean }> = []
  shape.forEach((size, d) => {
    if (size === 1) return
    const goes = axes.has(d)
    const outer = merged.at(-1)
    if (outer !== undefined && outer.goes === goes) {
      merged[merged.length - 1] = { goes, size: outer.size * size, stride: own[d] ?? 1 }
    } else merged.push({ goes, size, stride: own[d] ?? 1 })
  })
  const kept = merged.filter(({ goes }) => !goes)
  const gone = merged.filter(({ goes }) => goes)
  return { kept, gone, columns: merged.at(-1)?.goes === false }
}

/** How many elements the axes have together. */
export const count = (axes: ReadonlyArray<Axis>): number =>
  axes.reduce((product, { size }) => product * size, 1)

/** The result's own distances along the kept axes. */
export const resultStrides = (kept: ReadonlyArray<Axis>): ReadonlyArray<number> =>
  Nest.strides(kept.map(({ size }) => size))

// constructors

/** The task of a reduction; nothing where the result has no elements. A unit is a round of the first kept axis. */
export const task = (machine: Machine, name: string, op: Reduction): Task | undefined => {
  const { kept, gone, columns } = split(op)
  const total = count(kept)
  if (total === 0) return undefined
  const first = kept[0]
  const contiguous = first !== undefined && first.stride * first.size === total * count(gone)
  const read = contiguous && !(columns && kept.length === 1)
  return {
    name,
    op,
    reads: [op.input],
    writes: [op.output],
    inPlace: [],
    cost: machine.cost(op),
    units: first?.size ?? 1,
    granule: machine.granule(op),
    reaches: [
      read ? rows(op.input, false, first.stride * NdArray.bytesOf(op.dtype)) : whole(op.input, false),
      rows(op.output, true, (total / (first?.size ?? 1)) * NdArray.bytesOf(resultType(op)))
    ],
    scratch: machine.scratch(op)
  }
}
