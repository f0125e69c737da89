/**
 * Makes elementwise nodes read the smallest tensor that broadcasts to the same result: one number instead of a
 * constant full of it, and the tensor before a reshape that only adds or drops leading axes of size 1. Keeps every
 * bit.
 */
import * as Graph from "../Graph.ts"
import * as Kernels from "../Kernels.ts"
import type * as NdArray from "../NdArray.ts"
import * as Shape from "../Shape.ts"

// pure core

/** Bits, because -0 and 0 are two numbers and NaN is one. */
const isUniform = (data: NdArray.Data): boolean => {
  const [first] = data
  return data.length > 1 && data.every((x: number) => Object.is(x, first))
}

const withoutLeadingOnes = (shape: ReadonlyArray<number>): ReadonlyArray<number> => {
  const first = shape.findIndex((n) => n !== 1)
  return first === -1 ? [] : shape.slice(first)
}

// the pass

export const broadcastOperands = (graph: Graph.Graph): Graph.Graph => {
  const producers = Graph.producers(graph)
  const values = [...graph.values]
  const added: Array<Graph.Constant> = []
  const scalars = new Map<Graph.ValueId, Graph.ValueId>()
  for (const { data, value } of graph.constants) {
    if (!isUniform(data)) continue
    const scalar = values.push({ shape: [], dtype: Graph.spec(graph, value).dtype }) - 1
    scalars.set(value, scalar)
    added.push({ value: scalar, data: data.slice(0, 1) })
  }
  const shapeOf = (value: Graph.ValueId): ReadonlyArray<number> => values[value]?.shape ?? []

  /** Something smaller with the same numbers after broadcasting. */
  const smaller = (value: Graph.ValueId): Graph.ValueId => {
    const scalar = scalars.get(value)
    if (scalar !== undefined) return scalar
    const node = producers.get(value)
    const [source] = node?.inputs ?? []
    if (node?.kernel !== "Reshape" || source === undefined) return value
    const [from, to] = [withoutLeadingOnes(shapeOf(source)), withoutLeadingOnes(shapeOf(value))]
    return Shape.equals(from, to) ? source : value
  }

  const nodes = graph.nodes.map((node) => {
    const [output] = node.outputs
    if (!Kernels.isElementwise(node.kernel) || output === undefined) return node
    const inputs = [...node.inputs]
    inputs.forEach((value, i) => {
      inputs[i] = smaller(value)
      // The last full-sized operand gives the result its shape, so it stays.
      if (!Shape.equals(Shape.broadcast(inputs.map(shapeOf)), shapeOf(output))) inputs[i] = value
    })
    return { ...node, inputs }
  })
  return { ...graph, values, constants: [...graph.constants, ...added], nodes }
}
