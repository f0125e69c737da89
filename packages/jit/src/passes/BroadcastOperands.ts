/**
 * Makes elementwise nodes read the smallest tensor that broadcasts to the same result: one number instead of a
 * tensor full of it, and the tensor before a reshape that only adds or drops leading axes of size 1. Keeps every
 * bit.
 */
import { Graph, Kernels, NdArray, Shape } from "../graph/index.ts"

// pure core

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
  for (const { attributes, kernel, outputs } of graph.nodes) {
    const [output] = outputs
    if (kernel !== "Fill" || output === undefined) continue
    const { dtype } = Graph.spec(graph, output)
    const scalar = values.push({ shape: [], dtype }) - 1
    scalars.set(output, scalar)
    added.push({ value: scalar, data: NdArray.allocate(dtype, 1).fill(Number(attributes["value"])) })
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
