/**
 * Computes once what is computed twice: nodes with the same kernel, attributes and inputs become one, and so do
 * constants with the same bits. Keeps every bit.
 */
import { Graph, NdArray } from "../graph/index.ts"

const commutative = new Set([
  "Add",
  "Multiply",
  "Maximum",
  "Minimum",
  "SquaredDifference",
  "Equal",
  "NotEqual"
])

export const commonSubexpressions = (graph: Graph.Graph): Graph.Graph => {
  const same = new Map<Graph.ValueId, Graph.ValueId>()
  const seen = new Map<string, ReadonlyArray<Graph.ValueId>>()
  /** Whether there was something like `key`; then `outputs` are read from there. */
  const known = (key: string, outputs: ReadonlyArray<Graph.ValueId>): boolean => {
    const first = seen.get(key)
    if (first === undefined) seen.set(key, outputs)
    else outputs.forEach((value, i) => same.set(value, first[i] ?? value))
    return first !== undefined
  }
  const alike = new Map<string, Array<Graph.Constant>>()
  const constants = graph.constants.filter((constant) => {
    const key = JSON.stringify([Graph.spec(graph, constant.value), constant.data.length, constant.data[0]])
    const others = alike.get(key) ?? []
    const first = others.find(({ data }) => NdArray.sameBits(data, constant.data))
    if (first === undefined) alike.set(key, [...others, constant])
    else same.set(constant.value, first.value)
    return first === undefined
  })
  const nodes = graph.nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    const inputs = node.inputs.map((value) => same.get(value) ?? value)
    const order = commutative.has(node.kernel) ? inputs.toSorted((a, b) => a - b) : inputs
    const specs = node.outputs.map((value) => Graph.spec(graph, value))
    const key = JSON.stringify([
      node.kernel,
      order,
      node.inputNames,
      Graph.showAttribute(node.attributes),
      specs
    ])
    return known(key, node.outputs) ? [] : [{ ...node, inputs }]
  })
  return Graph.substitute({ ...graph, constants, nodes }, same)
}
