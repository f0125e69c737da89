/**
 * Computes now what depends on constants only, with the oracle's own kernels. Only kernels whose bits IEEE 754 fixes
 * are computed, so the numbers are the same whichever machine compiles. Keeps every bit.
 */
import * as Graph from "../Graph.ts"
import * as Kernels from "../Kernels.ts"
import * as NdArray from "../NdArray.ts"
import * as TfjsEngine from "../TfjsEngine.ts"

/** Larger constants cost more memory than computing them costs time. */
const largest = 1 << 20

const isFoldable = (
  graph: Graph.Graph,
  node: Graph.Node,
  isConstant: (value: Graph.ValueId) => boolean
): boolean =>
  Kernels.find(node.kernel)?.exact === true &&
  node.inputs.every(isConstant) &&
  node.outputs.every((value) => NdArray.size(Graph.spec(graph, value).shape) <= largest)

/** The numbers of `values`, which depend on constants only. */
const evaluate = (
  graph: Graph.Graph,
  values: ReadonlyArray<Graph.ValueId>
): ReadonlyArray<Graph.Constant> => {
  const results = values.map((value): Graph.Result => ({ role: "output", path: String(value), value }))
  const linked = TfjsEngine.cpu().link({
    state: new Map(),
    programs: new Map([["fold", { ...graph, parameters: [], results }]])
  })
  const program = linked.programs.get("fold")
  program?.run()
  linked.dispose()
  return results.flatMap(({ path, value }) => {
    const data = program?.outputs.get(path)?.data
    return data === undefined ? [] : [{ value, data }]
  })
}

/** `ZerosLike(x)` and `OnesLike(x)` need only the shape of `x`. */
const withoutInput = (graph: Graph.Graph, node: Graph.Node): Graph.Node => {
  const [output] = node.outputs
  if ((node.kernel !== "ZerosLike" && node.kernel !== "OnesLike") || output === undefined) return node
  const { dtype, shape } = Graph.spec(graph, output)
  const attributes = { shape: [...shape], value: node.kernel === "OnesLike" ? 1 : 0, dtype }
  return { ...node, kernel: "Fill", inputs: [], inputNames: [], attributes }
}

export const constantFolding = (graph: Graph.Graph): Graph.Graph => {
  const constant = new Set(graph.constants.map(({ value }) => value))
  const folded: Array<Graph.Node> = []
  const nodes: Array<Graph.Node> = []
  for (const given of graph.nodes) {
    const node = withoutInput(graph, given)
    if (isFoldable(graph, node, (value) => constant.has(value))) {
      folded.push(node)
      for (const value of node.outputs) constant.add(value)
    } else nodes.push(node)
  }
  if (folded.length === 0) return graph
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.results.map(({ value }) => value)])
  const wanted = folded.flatMap(({ outputs }) => outputs).filter((value) => read.has(value))
  const made = evaluate({ ...graph, nodes: folded }, wanted)
  return { ...graph, nodes, constants: [...graph.constants, ...made] }
}
