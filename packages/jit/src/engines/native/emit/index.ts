/** The machine code of operations. */
import type { Op } from "../../../plan/index.ts"
import * as Elementwise from "./Elementwise.ts"
import type { Emitter, Kernel, Target } from "./Emitter.ts"
import * as Gather from "./Gather.ts"
import * as Movement from "./Movement.ts"
import * as OneHot from "./OneHot.ts"
import * as Product from "./Product.ts"
import * as Reduction from "./Reduction.ts"
import * as Scan from "./Scan.ts"
import * as SegmentSum from "./SegmentSum.ts"

export { code, type Kernel, target } from "./Emitter.ts"
export { scratchBytes } from "./Product.ts"
export * as Routine from "./Routine.ts"

const emitters: { readonly [T in Op.Tag]: Emitter<T> } = {
  Elementwise: Elementwise.emit,
  Gather: Gather.emit,
  Movement: Movement.emit,
  OneHot: OneHot.emit,
  Product: Product.emit,
  Reduction: Reduction.emit,
  Scan: Scan.emit,
  SegmentSum: SegmentSum.emit
}

const emitOp = <T extends Op.Tag>(tag: T, op: Op.Of<T>, target: Target): Kernel | undefined =>
  emitters[tag](op, target)

/** The code of an operation; `undefined` where there is none: WebAssembly does it in the same programs. */
export const emit = (op: Op.Op, target: Target): Kernel | undefined => emitOp(op._tag, op, target)
