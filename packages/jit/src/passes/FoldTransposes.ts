/**
 * Lets products read what is stored: a transpose of the two inner axes becomes the product's `transposeA` or
 * `transposeB`. Keeps every bit.
 */
import { Graph } from "../graph/index.ts"

const swapsInner = (node: Graph.Node | undefined): node is Graph.Node => {
  const perm = node?.kernel === "Transpose" ? node.attributes["perm"] : undefined
  if (!Array.isArray(perm) || perm.length < 2) return false
  const last = perm.length - 1
  return perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i))
}

export const foldTransposes = (graph: Graph.Graph): Graph.Graph => {
  const producers = Graph.producers(graph)
  const nodes = graph.nodes.map((node) => {
    const [a, b, ...rest] = node.inputs
    if (
      (node.kernel !== "BatchMatMul" && node.kernel !== "_FusedMatMul") ||
      a === undefined ||
      b === undefined
    ) {
      return node
    }
    const read = (value: Graph.ValueId, flag: Graph.Attribute) => {
      const maker = producers.get(value)
      const [source] = swapsInner(maker) ? maker.inputs : []
      return source === undefined ? { value, flag: flag === true } : { value: source, flag: flag !== true }
    }
    const [left, right] = [read(a, node.attributes["transposeA"]), read(b, node.attributes["transposeB"])]
    const attributes = { ...node.attributes, transposeA: left.flag, transposeB: right.flag }
    return { ...node, inputs: [left.value, right.value, ...rest], attributes }
  })
  return { ...graph, nodes }
}
