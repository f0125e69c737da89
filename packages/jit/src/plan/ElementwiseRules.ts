/** Rules of elementwise kernels, single and fused. */
import { type Graph, Kernels, type NdArray } from "../graph/index.ts"
import * as Elementwise from "./Elementwise.ts"
import type * as Op from "./Op.ts"
import { type Context, refuse, type Rule, type Tasks, type Value } from "./Rule.ts"

/** Kernels that are defined for whole numbers and for truth values; all but the logical ones are for `float32`. */
const INT32 = new Set(
  (
    "Abs Add AddN Cast Equal FloorDiv Greater GreaterEqual Less LessEqual Maximum Minimum Multiply Neg NotEqual OnesLike " +
    "Relu Select Square SquaredDifference Sub ZerosLike"
  ).split(" ")
)
const LOGICAL = new Set("LogicalAnd LogicalNot LogicalOr".split(" "))
const BOOL = new Set([..."Cast Equal Multiply NotEqual OnesLike Select ZerosLike".split(" "), ...LOGICAL])

/** Whether the elementwise kernel is defined for operands of this type. */
export const isDefined = (kernel: string, from: NdArray.DType): boolean => {
  switch (from) {
    case "float32":
      return Kernels.isElementwise(kernel) && !LOGICAL.has(kernel)
    case "int32":
      return INT32.has(kernel)
    case "bool":
      return BOOL.has(kernel)
  }
}

/** One pass over the results; the operands are the node's inputs unless others are given. */
export const fused = (
  context: Context,
  steps: ReadonlyArray<Graph.Step>,
  results: ReadonlyArray<{ readonly value: Value; readonly step: number }>,
  operands: ReadonlyArray<Value> = context.inputs
): Tasks => {
  const { constant, inputs, machine, node } = context
  const op: Op.Elementwise = {
    _tag: "Elementwise",
    shape: results[0]?.value.shape ?? [],
    operands: operands.map(({ buffer, shape, dtype }, i) => ({
      buffer,
      shape,
      dtype,
      constant: operands === inputs ? constant(i) : undefined
    })),
    steps,
    results: results.map(({ value: { buffer, dtype, lasts }, step }) => ({ buffer, dtype, step, lasts }))
  }
  const task = Elementwise.task(machine, node.kernel, op)
  if (task === undefined) return []
  for (const step of steps) {
    const from = Elementwise.typeOf(op, step)
    if (!isDefined(step.kernel, from)) return refuse(context, `${step.kernel} is not supported for ${from}`)
  }
  return [task]
}

/** A kernel alone. */
export const elementwise: Rule = (context) => {
  const { node, inputs, output } = context
  const step: Graph.Step = {
    kernel: node.kernel,
    operands: inputs.map((_, input) => ({ input })),
    inputNames: node.inputNames,
    attributes: node.attributes,
    dtype: output().dtype
  }
  return fused(context, [step], [{ value: output(), step: 0 }])
}

const isStep = (u: unknown): u is Graph.Step =>
  typeof u === "object" && u !== null && "kernel" in u && "operands" in u

const isElementwiseAttributes = (u: unknown): u is Graph.Elementwise =>
  typeof u === "object" &&
  u !== null &&
  "steps" in u &&
  Array.isArray(u.steps) &&
  u.steps.every(isStep) &&
  "outputs" in u &&
  Array.isArray(u.outputs)

/** A `FusedElementwise` node. */
export const fusedElementwise: Rule = (context) => {
  const { node, outputs } = context
  const { attributes } = node
  if (!isElementwiseAttributes(attributes))
    return refuse(context, "its attributes are not those of a fused kernel")
  return fused(
    context,
    attributes.steps,
    attributes.outputs.map((step, i) => ({ value: outputs[i] ?? context.output(i), step }))
  )
}
