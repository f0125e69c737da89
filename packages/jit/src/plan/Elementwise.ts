/**
 * Elementwise kernels, one or many fused: one pass over the result's elements, in which all intermediate values stay in
 * registers.
 */
import { type Graph, NdArray } from "../graph/index.ts"
import { type BufferId, rows, whole } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import * as Nest from "./Nest.ts"
import type { Elementwise } from "./Op.ts"
import type { Task } from "./Task.ts"

// models

/** An array as the loops walk it. Arrays that are walked alike share a pointer, named by `walk`. */
export interface Access {
  readonly buffer: BufferId
  readonly dtype: NdArray.DType
  readonly walk: number
}

/** How the arrays are walked, in bytes: every `walk`, the loops around the innermost, and the innermost. */
export interface Walks {
  readonly results: ReadonlyArray<Access>
  readonly inputs: ReadonlyArray<Access>
  /** Bytes of one element of each walk. */
  readonly bytes: ReadonlyArray<number>
  readonly outer: ReadonlyArray<Nest.Dimension>
  readonly inner: Nest.Dimension
}

// pure core

/** The element type that a step computes with: that of its first operand that is not a condition. */
export const typeOf = ({ operands, steps }: Elementwise, step: Graph.Step): NdArray.DType => {
  const source = step.kernel === "Select" ? step.operands[1] : step.operands[0]
  if (source === undefined) return step.dtype
  const from = "input" in source ? operands[source.input] : steps[source.step]
  if (from === undefined) throw new RangeError(`a step of ${step.kernel} reads what is not there`)
  return from.dtype
}

/** Shared strides, and the loops around the innermost. The first result's walk is number 0. */
export const walks = ({ operands, results, shape }: Elementwise): Walks => {
  const known: Array<{
    readonly key: string
    readonly strides: ReadonlyArray<number>
    readonly bytes: number
  }> = []
  const walkOf = (dtype: NdArray.DType, strides: ReadonlyArray<number>): number => {
    const bytes = NdArray.bytesOf(dtype)
    const key = `${bytes}:${strides.join()}`
    const place = known.findIndex((walk) => walk.key === key)
    return place >= 0 ? place : known.push({ key, strides, bytes }) - 1
  }
  const written = results.map(({ buffer, dtype }) => ({
    buffer,
    dtype,
    walk: walkOf(dtype, Nest.broadcast(shape, shape))
  }))
  const inputs = operands.map(({ buffer, dtype, shape: own }) => ({
    buffer,
    dtype,
    walk: walkOf(dtype, Nest.broadcast(own, shape))
  }))
  const dimensions = Nest.collapse(
    shape,
    known.map(({ strides }) => strides)
  ).map(({ size, strides }) => ({ size, strides: strides.map((stride, i) => stride * known[i]!.bytes) }))
  return {
    results: written,
    inputs,
    bytes: known.map(({ bytes }) => bytes),
    outer: dimensions.slice(0, -1),
    inner: dimensions.at(-1) ?? { size: 1, strides: known.map(() => 0) }
  }
}

/**
 * How many elements of the innermost loop a unit is, where that loop is the only one: single elements, or rows where
 * there are enough of them. `undefined` where a unit is one round of the outermost of several loops.
 */
export const elementsPerUnit = ({ shape }: Elementwise, { outer }: Walks): number | undefined => {
  if (outer.length > 0) return undefined
  const first = shape[0] ?? 1
  return shape.length > 1 && first >= 16 ? NdArray.size(shape) / first : 1
}

/** The arrays that a pass reads and writes; an operand that is a constant is not read. */
export const accesses = (
  { operands }: Elementwise,
  { inputs, results }: Walks
): ReadonlyArray<Access & { readonly write: boolean }> =>
  [
    ...inputs.map((access) => ({ ...access, write: false })),
    ...results.map((access) => ({ ...access, write: true }))
  ].filter((_, i) => operands[i]?.constant === undefined)

// constructors

/** The task of a pass; nothing where the result has no elements. */
export const task = (machine: Machine, name: string, op: Elementwise): Task | undefined => {
  const total = NdArray.size(op.shape)
  if (total === 0) return undefined
  const walked = walks(op)
  const { inner, inputs, outer, results } = walked
  const perUnit = elementsPerUnit(op, walked)
  return {
    name,
    op,
    reads: inputs.filter((_, i) => op.operands[i]!.constant === undefined).map(({ buffer }) => buffer),
    writes: results.map(({ buffer }) => buffer),
    inPlace: results.flatMap((result) =>
      inputs
        .filter(({ walk }) => walk === result.walk)
        .filter(({ buffer }) =>
          inputs.every((input) => input.buffer !== buffer || input.walk === result.walk)
        )
        .map(({ buffer }) => [result.buffer, buffer] as const)
    ),
    cost: machine.cost(op),
    units: perUnit === undefined ? outer[0]!.size : total / perUnit,
    granule: machine.granule(op),
    reaches: accesses(op, walked).map(({ buffer, walk, write }) => {
      const stride = perUnit === undefined ? outer[0]!.strides[walk]! : inner.strides[walk]! * perUnit
      return stride === 0 ? whole(buffer, write) : rows(buffer, write, stride)
    }),
    scratch: machine.scratch(op)
  }
}
