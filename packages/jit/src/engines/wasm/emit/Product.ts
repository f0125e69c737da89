/** The code of a matrix product, batched products included: every matrix of a batch runs the same kernel. */
import { NdArray } from "../../../graph/index.ts"
import { Nest, type Op, Product } from "../../../plan/index.ts"
import { ElementwiseKernels } from "../../lanes/index.ts"
import { type Code, i32, type Local } from "../assembly/index.ts"
import type { Emitter, Target } from "./Emitter.ts"
import * as Lanes from "./Lanes.ts"
import * as MatMul from "./MatMul.ts"
import { walk } from "./Walk.ts"

/** The kernel's view of the operation. */
const kernelOf = (op: Op.Product, relaxed: boolean): MatMul.MatMul => {
  const { bias, transposeA, transposeB } = op
  return {
    ...Product.sizes(op),
    transposeA,
    transposeB,
    bias: bias === undefined ? "none" : NdArray.size(bias.shape) === 1 ? "scalar" : "row",
    relaxed
  }
}

const define = (op: Op.Product, target: Target) => {
  const product = kernelOf(op, target.relaxed)
  const { activation } = op
  const { m, k, n, transposeA, transposeB, bias } = product
  const name = `MatMul ${m}x${k}x${n}${transposeA ? " A'" : ""}${transposeB ? " B'" : ""} ${bias} ${activation ?? ""}`
  const activate =
    (spare: Local) =>
    (x: Local): Code => {
      if (activation === undefined) return x.get
      const { finish, lanes } = Lanes.make(target.math, spare)
      return finish(
        ElementwiseKernels.apply(activation, {
          lanes,
          operands: [x.get],
          from: "float32",
          to: "float32",
          attributes: {},
          constant: undefined
        })
      )
    }
  return target.shared(name, () => MatMul.define(target.module, name, product, activate))
}

export const emit: Emitter<"Product"> = (op, target) => {
  const { a, b, bias, output } = op
  const kernel = define(op, target)
  const addresses = [a, b, output].map(({ buffer }) => target.address(buffer))
  const biasAt = i32.const(bias === undefined ? 0 : target.address(bias.buffer))
  const batch = Product.batch(op)
  if (NdArray.size(batch) === 1) {
    return (start, end, scratch) =>
      kernel.call(
        ...addresses.map((address) => i32.const(address)),
        biasAt,
        i32.const(scratch),
        i32.const(start),
        i32.const(end)
      )
  }
  const size = ({ shape }: Op.Matrices) => 4 * NdArray.size(shape.slice(-2))
  const dimensions = Nest.collapse(
    batch,
    [a, b, output].map(({ shape }) => Nest.broadcast(shape.slice(0, -2), batch))
  ).map((dimension) => ({
    ...dimension,
    strides: dimension.strides.map((stride, i) => stride * size([a, b, output][i] ?? output))
  }))
  const name = `batched ${kernel.index}`
  const func = target.module.define(name, ["i32", "i32", "i32"], [], (scope, [scratch, start, end]) => {
    const base = addresses.map(() => scope.local("i32"))
    return [
      base.map((pointer, i) => pointer.set(i32.const(addresses[i] ?? 0))),
      walk(scope, dimensions, base, (pointers) =>
        kernel.call(...pointers.map(({ get }) => get), biasAt, scratch.get, start.get, end.get)
      )
    ]
  })
  return (start, end, scratch) => func.call(i32.const(scratch), i32.const(start), i32.const(end))
}
