/** The machine code of operations. */
import type { Op } from "../../../plan/index.ts"
import * as Elementwise from "./Elementwise.ts"
import type { Emitter, Kernel, Target } from "./Emitter.ts"
import * as Product from "./Product.ts"
import * as Reduction from "./Reduction.ts"

export { code, type Kernel, target } from "./Emitter.ts"
export { scratchBytes } from "./Product.ts"
export * as Routine from "./Routine.ts"

/** Operations without code are done by WebAssembly in the same programs. */
const emitters: { readonly [T in Op.Tag]?: Emitter<T> } = {
  Elementwise: Elementwise.emit,
  Product: Product.emit,
  Reduction: Reduction.emit
}

const emitOp = <T extends Op.Tag>(tag: T, op: Op.Of<T>, target: Target): Kernel | undefined =>
  emitters[tag]?.(op, target)

/** The code of an operation; `undefined` where there is none. */
export const emit = (op: Op.Op, target: Target): Kernel | undefined => emitOp(op._tag, op, target)
