/** Rules of kernels that sum: products, reductions, softmax, running sums. */
import { Attributes, type Graph, Kernels, NdArray } from "../graph/index.ts"
import { fused } from "./ElementwiseRules.ts"
import type * as Op from "./Op.ts"
import * as Product from "./Product.ts"
import * as Reduction from "./Reduction.ts"
import { type Context, refuse, type Rule, type Tasks, type Value } from "./Rule.ts"
import * as Scan from "./Scan.ts"
import type { Task } from "./Task.ts"

// products

export const product: Rule = (context) => {
  const { machine, node, inputs, output } = context
  const [a, b, bias] = inputs
  if (a === undefined || b === undefined) return refuse(context, "it needs two matrices")
  const given = node.attributes["activation"]
  const name = typeof given === "string" ? given : "linear"
  const activation = name === "linear" ? undefined : Kernels.activations.get(name)
  if (name !== "linear" && (activation === undefined || !Kernels.joinsProduct(activation))) {
    return refuse(context, `the activation ${name} is not supported in a product`)
  }
  const columns = output().shape.at(-1)
  if (bias !== undefined && NdArray.size(bias.shape) !== 1 && NdArray.size(bias.shape) !== columns) {
    return refuse(context, `a bias of shape [${bias.shape.join(", ")}] is not supported`)
  }
  if (![a, b, output()].every(({ dtype }) => dtype === "float32")) {
    return refuse(context, "matrices must be float32")
  }
  return [
    Product.task(machine, {
      _tag: "Product",
      a,
      b,
      bias,
      output: output(),
      transposeA: Attributes.flag(node, "transposeA"),
      transposeB: Attributes.flag(node, "transposeB"),
      activation
    })
  ]
}

// reductions and scans

const reduced = (
  context: Context,
  kind: Op.ReductionKind,
  input: Value,
  axes: ReadonlyArray<number>,
  output: Value
): Task | undefined => {
  const { machine, node } = context
  const { shape } = input
  if (input.dtype === "bool" && kind !== "All" && kind !== "Any") {
    return refuse(context, "it is not supported for bool")
  }
  return Reduction.task(machine, node.kernel, {
    _tag: "Reduction",
    kind,
    input: input.buffer,
    output: output.buffer,
    dtype: input.dtype,
    shape,
    axes: new Set(axes)
  })
}

const step = (
  kernel: string,
  operands: Graph.Step["operands"],
  attributes: Graph.Attributes = {}
): Graph.Step => ({ kernel, operands, inputNames: [], attributes, dtype: "float32" })

/** The numbers as floats: a mean of whole numbers is none. */
const floats = (context: Context, input: Value): readonly [Value, Tasks] => {
  const value = context.temporary({ shape: input.shape, dtype: "float32" })
  const cast = step("Cast", [{ input: 0 }], { dtype: "float32" })
  return [value, fused(context, [cast], [{ value, step: 0 }], [input])]
}

export const reduction =
  (kind: Op.ReductionKind): Rule =>
  (context) => {
    const given = context.input(0)
    const isCast = kind === "Mean" && given.dtype !== "float32"
    const [input, tasks] = isCast ? floats(context, given) : [given, []]
    const axes = Attributes.reducedAxes(context.node, input.shape.length)
    return [...tasks, reduced(context, kind, input, axes, context.output())]
  }

/** `exp(x - max) / sum(exp(x - max))` along the last axis. */
export const softmax: Rule = (context) => {
  const x = context.input(0)
  const y = context.output()
  const last = x.shape.length - 1
  const one = { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype }
  const [largest, power, sum] = [context.temporary(one), context.temporary(x), context.temporary(one)]
  return [
    reduced(context, "Max", x, [last], largest),
    ...fused(
      context,
      [step("Sub", [{ input: 0 }, { input: 1 }]), step("Exp", [{ step: 0 }])],
      [{ value: power, step: 1 }],
      [x, largest]
    ),
    reduced(context, "Sum", power, [last], sum),
    ...fused(context, [step("RealDiv", [{ input: 0 }, { input: 1 }])], [{ value: y, step: 0 }], [power, sum])
  ]
}

export const scan =
  (multiplies: boolean): Rule =>
  (context) => {
    const { machine, node, input, output } = context
    const { buffer, shape, dtype } = input(0)
    if (dtype === "bool") return refuse(context, "it is not supported for bool")
    const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), shape.length)
    return [
      Scan.task(machine, node.kernel, {
        _tag: "Scan",
        input: buffer,
        output: output().buffer,
        dtype,
        outer: NdArray.size(shape.slice(0, axis)),
        size: shape[axis] ?? 1,
        inner: NdArray.size(shape.slice(axis + 1)),
        product: multiplies,
        exclusive: Attributes.flag(node, "exclusive"),
        reverse: Attributes.flag(node, "reverse")
      })
    ]
  }
