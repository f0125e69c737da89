/**
 * A traced program as data: kernels of TensorFlow.js in an order in which they can run, every shape known. Passes
 * are functions `Graph => Graph`; engines run what is left; `print` shows it.
 *
 * ```text
 * state  %0 actor.0.w   float32[3, 256]
 * input  %1 observation float32[64, 3]
 * %2 = BatchMatMul(%1, %0) {transposeA: false, transposeB: false} : float32[64, 256]
 * ```
 */
import type * as NdArray from "./NdArray.ts"

// models

/** The index of a value in `Graph.values`. */
export type ValueId = number

/** What a kernel may be told besides its inputs: the plain attributes of TensorFlow.js. */
export type Attribute =
  | number
  | boolean
  | string
  | null
  | undefined
  | ReadonlyArray<Attribute>
  | { readonly [name: string]: Attribute }

export type Attributes = { readonly [name: string]: Attribute }

export interface Node {
  /** TensorFlow.js' name of the kernel, or `FusedElementwise`. */
  readonly kernel: string
  /** In TensorFlow.js' order of the kernel's named inputs (`inputNames`). */
  readonly inputs: ReadonlyArray<ValueId>
  /** The kernel's names of its inputs (`x`, `a`, `b`, ...; numbered `0`, `1`, ... where the kernel takes a list). */
  readonly inputNames: ReadonlyArray<string>
  readonly attributes: Attributes
  readonly outputs: ReadonlyArray<ValueId>
  /** Where the user's code asked for it (`file:line:column`), for error messages. */
  readonly site: string
}

/** A value that comes from outside. `state` lives in the engine's memory between calls; `input` is set by the caller. */
export interface Parameter {
  readonly role: "state" | "input"
  readonly path: string
  readonly value: ValueId
}

export interface Constant {
  readonly value: ValueId
  readonly data: NdArray.Data
}

/** A value that the caller sees: an `output`, or the new value of the `state` at `path`. */
export interface Result {
  readonly role: "state" | "output"
  readonly path: string
  readonly value: ValueId
}

export interface Graph {
  readonly values: ReadonlyArray<NdArray.Spec>
  readonly parameters: ReadonlyArray<Parameter>
  readonly constants: ReadonlyArray<Constant>
  /** In an order in which they can run. */
  readonly nodes: ReadonlyArray<Node>
  /** A state whose result is its own parameter is not listed: it did not change. */
  readonly results: ReadonlyArray<Result>
}

/**
 * The attributes of a `FusedElementwise` node: a straight line of elementwise kernels evaluated together, one
 * element at a time. All of the node's outputs have one shape; inputs broadcast to it.
 */
export interface Elementwise {
  readonly steps: ReadonlyArray<Step>
  /** Which steps the node's outputs are, in their order. */
  readonly outputs: ReadonlyArray<number>
}

export interface Step {
  readonly kernel: string
  /** `{ input: k }` is the node's k-th input, `{ step: k }` the value of an earlier step. */
  readonly operands: ReadonlyArray<{ readonly input: number } | { readonly step: number }>
  readonly inputNames: ReadonlyArray<string>
  readonly attributes: Attributes
  readonly dtype: NdArray.DType
}
