/** Rules of elementwise kernels, single and fused. */
import type { Elementwise as ElementwiseAttributes, Step } from "../../graph/Graph.ts"
import * as Elementwise from "./Elementwise.ts"
import { type Context, refuse, type Rule, type Tasks, type Value } from "./Rule.ts"

/** One pass over the results; the operands are the node's inputs unless others are given. */
export const fused = (
  { node, inputs, constant }: Context,
  steps: ReadonlyArray<Step>,
  results: ReadonlyArray<{ readonly value: Value; readonly step: number }>,
  operands: ReadonlyArray<Value> = inputs
): Tasks => [
  Elementwise.task(node.kernel, {
    shape: results[0]?.value.shape ?? [],
    operands: operands.map(({ buffer, shape, dtype }, i) => ({
      buffer,
      shape,
      dtype,
      constant: operands === inputs ? constant(i) : undefined
    })),
    steps,
    results: results.map(({ value: { buffer, dtype, lasts }, step }) => ({ buffer, dtype, step, lasts })),
    unsupported: (kernel, dtype) => refuse(node, `${kernel} is not supported for ${dtype}`)
  })
]

/** A kernel alone. */
export const elementwise: Rule = (context) => {
  const { node, inputs, output } = context
  const step: Step = {
    kernel: node.kernel,
    operands: inputs.map((_, input) => ({ input })),
    inputNames: node.inputNames,
    attributes: node.attributes,
    dtype: output().dtype
  }
  return fused(context, [step], [{ value: output(), step: 0 }])
}

const isStep = (u: unknown): u is Step =>
  typeof u === "object" && u !== null && "kernel" in u && "operands" in u

const isElementwiseAttributes = (u: unknown): u is ElementwiseAttributes =>
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
    return refuse(node, "its attributes are not those of a fused kernel")
  return fused(
    context,
    attributes.steps,
    attributes.outputs.map((step, i) => ({ value: outputs[i] ?? context.output(i), step }))
  )
}
