/** What planning must know of the processor. Costs were measured: only how they compare with each other matters. */
import type { Machine, Op } from "../../plan/index.ts"
import { WasmEngine } from "../wasm/index.ts"
import { scratchBytes } from "./emit/index.ts"

/** How much faster than WebAssembly an operation is, roughly. */
const FASTER: { readonly [T in Op.Tag]: number } = {
  Elementwise: 2.5,
  Gather: 2,
  Movement: 1.5,
  OneHot: 1.5,
  Product: 2.7,
  Reduction: 2,
  Scan: 1,
  SegmentSum: 1
}

/** What WebAssembly does in the same programs shares its memory, and has its parts and scratch memory. */
export const machine: Machine.Machine = {
  ...WasmEngine.machine,
  engine: "native",
  cost: (op) => WasmEngine.machine.cost(op) / FASTER[op._tag],
  scratch: (op) => Math.max(WasmEngine.machine.scratch(op), op._tag === "Product" ? scratchBytes(op) : 0)
}
