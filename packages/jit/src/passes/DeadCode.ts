/**
 * Removes the nodes and constants that no result depends on, and numbers the values anew. A gradient that nobody
 * reads is never computed. Keeps every bit.
 */
import { Graph } from "../graph/index.ts"

/** The values that some result depends on. */
const live = (graph: Graph.Graph): ReadonlySet<Graph.ValueId> => {
  const found = new Set(graph.results.map(({ value }) => value))
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((value) => found.has(value))) for (const value of node.inputs) found.add(value)
  }
  return found
}

export const deadCode = (graph: Graph.Graph): Graph.Graph => {
  const isLive = live(graph)
  const parameters = graph.parameters
  const constants = graph.constants.filter(({ value }) => isLive.has(value))
  const nodes = graph.nodes.filter((node) => node.outputs.some((value) => isLive.has(value)))
  return Graph.restrict(graph, { parameters, constants, nodes })
}
