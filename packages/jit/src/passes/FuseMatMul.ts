/**
 * Fuses a product with the bias that is added to it and the activation that follows into `_FusedMatMul` (inputs `a`,
 * `b`, `bias`; attributes `transposeA`, `transposeB`, `activation`), where nobody else reads what is in between. The
 * additions stay in their order, so every bit is kept.
 */
import { Graph, Kernels, Shape } from "../graph/index.ts"

/** The activations that join a product, by kernel: those without a number of their own. */
const joining: ReadonlyMap<string, string> = new Map(
  Array.from(Kernels.activations, ([name, kernel]) => [kernel, name] as const).filter(([kernel]) =>
    Kernels.joinsProduct(kernel)
  )
)

export const fuseMatMul = (graph: Graph.Graph): Graph.Graph => {
  const uses = Graph.uses(graph)
  const readers = new Map<Graph.ValueId, Graph.Node>()
  for (const node of graph.nodes) for (const value of node.inputs) readers.set(value, node)
  const results = new Set(graph.results.map(({ value }) => value))
  const shapeOf = (value: Graph.ValueId) => Graph.spec(graph, value).shape

  /** The one node that reads what `node` makes. */
  const onlyReader = ({ outputs: [output] }: Graph.Node): Graph.Node | undefined =>
    output === undefined || uses.get(output) !== 1 || results.has(output) ? undefined : readers.get(output)

  /** What `reader` adds to the product, if that is one number for each column. */
  const biasIn = (reader: Graph.Node | undefined, product: Graph.ValueId): Graph.ValueId | undefined => {
    if (reader?.kernel !== "Add") return undefined
    const bias = reader.inputs.find((value) => value !== product)
    const columns = shapeOf(product).at(-1)
    return bias !== undefined && Shape.equals(shapeOf(bias), [columns ?? 0]) ? bias : undefined
  }

  const fused = new Map<Graph.Node, Graph.Node>()
  const gone = new Set<Graph.Node>()
  for (const node of graph.nodes) {
    const [product] = node.outputs
    if (node.kernel !== "BatchMatMul" || product === undefined) continue
    const reader = onlyReader(node)
    const bias = biasIn(reader, product)
    const sum = bias === undefined ? node : (reader ?? node)
    const next = onlyReader(sum)
    const activation = next === undefined ? undefined : joining.get(next.kernel)
    const end = activation === undefined ? sum : (next ?? sum)
    if (end === node) continue
    for (const old of [node, sum, end]) if (old !== end) gone.add(old)
    fused.set(end, {
      kernel: "_FusedMatMul",
      inputs: bias === undefined ? node.inputs : [...node.inputs, bias],
      inputNames: bias === undefined ? ["a", "b"] : ["a", "b", "bias"],
      attributes: { ...node.attributes, activation: activation ?? "linear" },
      outputs: end.outputs,
      site: node.site
    })
  }
  // The fused node stands where its last part stood: the bias is known there.
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => !gone.has(node)).map((node) => fused.get(node) ?? node)
  }
}
