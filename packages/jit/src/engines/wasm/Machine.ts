/** What planning must know of WebAssembly. Costs were measured: only how they compare with each other matters. */
import { NdArray } from "../../graph/index.ts"
import { Elementwise, type Machine, Movement, type Op, Product, Reduction } from "../../plan/index.ts"
import { MatMul } from "./emit/index.ts"
import * as Team from "./Team.ts"

/** All the memory that the engine has: addresses are compared as signed numbers. */
export const MOST_BYTES = 2 ** 31 - 65536

/** Nanoseconds of a whole program under which waking the workers does not pay. */
export const SHARE_ABOVE = 30_000

/** Nanoseconds of four elements. */
const COST = { access: 0.4, step: 0.3, transcendental: 15 }

const TRANSCENDENTAL = new Set("Exp Expm1 Log Log1p Tanh Sigmoid Softplus Elu Selu Pow".split(" "))

const elementwise = (op: Op.Elementwise): number => {
  const walks = Elementwise.walks(op)
  const heavy = op.steps.filter(({ kernel }) => TRANSCENDENTAL.has(kernel)).length
  const perVector =
    COST.access * Elementwise.accesses(op, walks).length +
    COST.step * op.steps.length +
    COST.transcendental * heavy
  return 10 + (perVector * NdArray.size(op.shape)) / 4 + walks.bytes.length
}

const cost = (op: Op.Op): number => {
  switch (op._tag) {
    case "Elementwise":
      return elementwise(op)
    case "Product":
      return 20 + Product.flops(op) / 25
    case "Movement":
      return 10 + 0.4 * Movement.elements(op)
    case "Reduction": {
      const { gone, kept } = Reduction.split(op)
      return 10 + 0.5 * Reduction.count(kept) * Reduction.count(gone)
    }
    case "Scan":
      return 10 + 2 * op.outer * op.size * op.inner
    case "Gather":
      return 10 + op.batch * op.outer * op.count * op.inner + 2 * op.count
    case "SegmentSum":
      return 10 + 2 * op.count * op.inner
    case "OneHot":
      return 10 + op.count * op.depth
  }
}

/** Single elements in whole cache lines; rows by eights. */
const granule = (op: Op.Op): number => {
  switch (op._tag) {
    case "Elementwise":
      return Elementwise.elementsPerUnit(op, Elementwise.walks(op)) === 1 ? 16 : 8
    case "Product":
      return MatMul.granule({ ...Product.sizes(op), transposeB: op.transposeB })
    case "Reduction": {
      const { columns, kept } = Reduction.split(op)
      return columns && kept.length === 1 ? 16 : 8
    }
    case "Movement":
    case "Scan":
      return 8
    case "Gather":
    case "OneHot":
    case "SegmentSum":
      return 1
  }
}

export const machine: Machine.Machine = {
  engine: "wasm",
  cost,
  granule,
  scratch: (op) =>
    op._tag === "Product" ? MatMul.scratchBytes({ ...Product.sizes(op), transposeB: op.transposeB }) : 0,
  reserved: Team.CONTROL_BYTES,
  mostBytes: MOST_BYTES
}
