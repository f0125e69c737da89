/**
 * Joins reductions and the reshapes around them: a reduction over everything reads through a reshape, and one whose
 * result is reshaped to have its axes back keeps them (`keepDims`). Keeps every bit.
 */
import { Graph, Shape } from "../graph/index.ts"

/** Reductions and the attribute that names their axes. */
const axesOf: { readonly [kernel: string]: string } = {
  Sum: "axis",
  Mean: "axis",
  Prod: "axis",
  Max: "reductionIndices",
  Min: "reductionIndices"
}

const reducedAxes = (node: Graph.Node, rank: number): ReadonlyArray<number> | undefined => {
  const name = axesOf[node.kernel]
  if (name === undefined) return undefined
  const given = node.attributes[name]
  if (given === null || given === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  return [given].flat().map((axis) => (Number(axis) + rank) % rank)
}

export const foldReductions = (graph: Graph.Graph): Graph.Graph => {
  const producers = Graph.producers(graph)
  const uses = Graph.uses(graph)
  const shapeOf = (value: Graph.ValueId) => Graph.spec(graph, value).shape

  /** A reduction of everything, of a reshape. */
  const throughReshape = (node: Graph.Node): Graph.Node => {
    const [input] = node.inputs
    const [output] = node.outputs
    const name = axesOf[node.kernel]
    const maker = input === undefined ? undefined : producers.get(input)
    const [source] = maker?.kernel === "Reshape" ? maker.inputs : []
    if (name === undefined || input === undefined || output === undefined || source === undefined) return node
    if (shapeOf(output).length > 0) return node
    const all = shapeOf(source).map((_, axis) => axis)
    return { ...node, inputs: [source], attributes: { ...node.attributes, [name]: all, keepDims: false } }
  }

  /** A reshape, of a reduction that nobody else reads, to the shape with the axes kept. */
  const keepingDims = (node: Graph.Node): Graph.Node => {
    const [input] = node.inputs
    const [output] = node.outputs
    const reduction = input === undefined ? undefined : producers.get(input)
    const [source] = reduction?.inputs ?? []
    if (node.kernel !== "Reshape" || input === undefined || output === undefined) return node
    if (reduction === undefined || source === undefined || uses.get(input) !== 1) return node
    const axes = reducedAxes(reduction, shapeOf(source).length)
    const kept = shapeOf(source).map((n, axis) => (axes?.includes(axis) === true ? 1 : n))
    if (axes === undefined || !Shape.equals(kept, shapeOf(output))) return node
    return { ...reduction, attributes: { ...reduction.attributes, keepDims: true }, outputs: [output] }
  }
  return { ...graph, nodes: graph.nodes.map((node) => keepingDims(throughReshape(node))) }
}
