/** The WebAssembly of every operation. */
import type { Op, Task } from "../../../plan/index.ts"
import * as Elementwise from "./Elementwise.ts"
import type { Emitter, Part, Target } from "./Emitter.ts"
import * as Gather from "./Gather.ts"
import * as Movement from "./Movement.ts"
import * as OneHot from "./OneHot.ts"
import * as Product from "./Product.ts"
import * as Reduction from "./Reduction.ts"
import * as Scan from "./Scan.ts"
import * as SegmentSum from "./SegmentSum.ts"

export type { Part, Target } from "./Emitter.ts"
export * as MathFunctions from "./MathFunctions.ts"
export * as MatMul from "./MatMul.ts"

export type Emitters = { readonly [T in Op.Tag]: Emitter<T> }

/** Emitters from elsewhere for some operations; `undefined` is left to our own. */
export type Others = {
  readonly [T in Op.Tag]?: (...given: Parameters<Emitter<T>>) => Part | undefined
}

export const emitters: Emitters = {
  Elementwise: Elementwise.emit,
  Gather: Gather.emit,
  Movement: Movement.emit,
  OneHot: OneHot.emit,
  Product: Product.emit,
  Reduction: Reduction.emit,
  Scan: Scan.emit,
  SegmentSum: SegmentSum.emit
}

const emitOp = <T extends Op.Tag>(tag: T, others: Others, ...given: Parameters<Emitter<T>>): Part =>
  others[tag]?.(...given) ?? emitters[tag](...given)

/** Writes the code of a task into the module; what comes back calls it. */
export const emit = ({ name, op }: Task.Task, target: Target, others: Others): Part =>
  emitOp(op._tag, others, op, target, name)
