/**
 * What tasks compute, as data. Addresses are not known yet: arrays are named by their buffers. An engine that runs plans
 * has code for every one of them, `{ [T in Op.Tag]: ... }`, and nothing else.
 *
 * `float32` arithmetic is strict IEEE 754, every operation rounded. What an elementwise kernel computes of special values
 * follows TensorFlow.js' CPU backend; functions that IEEE 754 does not fix are computed in `float64`
 * (`engines/lanes/MathFunctions`) and rounded once.
 */
import type { Graph, NdArray } from "../graph/index.ts"
import type { BufferId } from "./Buffers.ts"

// models

/** An input: an array that broadcasts to the result's shape, or one number known when planned. */
export interface ElementwiseOperand {
  readonly buffer: BufferId
  readonly shape: ReadonlyArray<number>
  readonly dtype: NdArray.DType
  readonly constant: number | undefined
}

export interface ElementwiseResult {
  readonly buffer: BufferId
  readonly dtype: NdArray.DType
  /** Which step it is. */
  readonly step: number
  /** Whether the next call starts from it; then a `float32` below 2^-126 in size, also -0, is stored as 0. */
  readonly lasts: boolean
}

export interface Elementwise {
  readonly _tag: "Elementwise"
  readonly shape: ReadonlyArray<number>
  readonly operands: ReadonlyArray<ElementwiseOperand>
  readonly steps: ReadonlyArray<Graph.Step>
  readonly results: ReadonlyArray<ElementwiseResult>
}

export interface Matrices {
  readonly buffer: BufferId
  /** Its last two dimensions are the matrix; those before broadcast to the result's. */
  readonly shape: ReadonlyArray<number>
}

export interface Product {
  readonly _tag: "Product"
  readonly a: Matrices
  readonly b: Matrices
  /** A row of `n` numbers or one number, added to every row. */
  readonly bias: Matrices | undefined
  readonly output: Matrices
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** The elementwise kernel applied at the end. */
  readonly activation: string | undefined
}

/** An array's place in a buffer, in elements: where its first lies, and how far its neighbours are. */
export interface View {
  readonly buffer: BufferId
  readonly offset: number
  readonly strides: ReadonlyArray<number>
}

export interface Piece {
  readonly shape: ReadonlyArray<number>
  readonly from: View
  readonly to: View
}

export interface Movement {
  readonly _tag: "Movement"
  readonly dtype: NdArray.DType
  /** The shapes of the results by buffer. */
  readonly results: ReadonlyArray<{ readonly buffer: BufferId; readonly shape: ReadonlyArray<number> }>
  /** Those with elements. */
  readonly pieces: ReadonlyArray<Piece>
  /** What the results hold before the pieces are copied, if they do not cover them. */
  readonly fill: number | undefined
}

export type ReductionKind = "Sum" | "Mean" | "Prod" | "Max" | "Min" | "All" | "Any" | "ArgMax" | "ArgMin"

export interface Reduction {
  readonly _tag: "Reduction"
  readonly kind: ReductionKind
  readonly input: BufferId
  readonly output: BufferId
  readonly dtype: NdArray.DType
  readonly shape: ReadonlyArray<number>
  /** Which dimensions of `shape` go. */
  readonly axes: ReadonlySet<number>
}

/** An array `[outer, size, inner]`, scanned along its middle axis. A unit is a round of `outer`. */
export interface Scan {
  readonly _tag: "Scan"
  readonly input: BufferId
  readonly output: BufferId
  readonly dtype: NdArray.DType
  readonly outer: number
  readonly size: number
  readonly inner: number
  readonly product: boolean
  /** Element i of the result contains the elements before i only. */
  readonly exclusive: boolean
  readonly reverse: boolean
}

/** `out[b, o, i, :] = x[b, o, indices[b, i], :]`; zeros where the index is outside. */
export interface Gather {
  readonly _tag: "Gather"
  readonly x: BufferId
  readonly indices: BufferId
  readonly output: BufferId
  readonly dtype: NdArray.DType
  readonly batch: number
  readonly outer: number
  readonly size: number
  readonly count: number
  readonly inner: number
}

/** `out[s, :]` is the sum, in order, of the `x[i, :]` with `ids[i] = s`. */
export interface SegmentSum {
  readonly _tag: "SegmentSum"
  readonly x: BufferId
  readonly ids: BufferId
  readonly output: BufferId
  readonly dtype: NdArray.DType
  readonly count: number
  readonly segments: number
  readonly inner: number
}

/** `out[i, indices[i]] = on`, `off` elsewhere; a row whose index is outside is `off`. */
export interface OneHot {
  readonly _tag: "OneHot"
  readonly indices: BufferId
  readonly output: BufferId
  readonly dtype: NdArray.DType
  readonly count: number
  readonly depth: number
  readonly on: number
  readonly off: number
}

export type Op = Elementwise | Gather | Movement | OneHot | Product | Reduction | Scan | SegmentSum

export type Tag = Op["_tag"]

/** The operation of that name. */
export type Of<T extends Tag> = Extract<Op, { readonly _tag: T }>
