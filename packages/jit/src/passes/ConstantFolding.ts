/**
 * Computes now what depends on constants only, with the oracle's own kernels. Only kernels whose bits IEEE 754 fixes
 * are computed, so the numbers are the same whichever machine compiles. A tensor full of one number is a `Fill` node
 * and stays one: what is computed of it is one number. Keeps every bit.
 */
import type { Engine } from "../Engine.ts"
import { Graph, Kernels, NdArray } from "../graph/index.ts"

// models

/** Larger constants cost more memory than computing them costs time. */
const largest = 1 << 20

/** Kernels that give a tensor full of one number if they get one. */
const keepUniform = new Set([
  "Identity",
  "Reshape",
  "ExpandDims",
  "Transpose",
  "Slice",
  "SplitV",
  "Tile",
  "Unpack"
])

// pure core

const fill = (
  { dtype, shape }: NdArray.Spec,
  value: number,
  output: Graph.ValueId,
  site: string
): Graph.Node => ({
  kernel: "Fill",
  inputs: [],
  inputNames: [],
  attributes: { shape: [...shape], value, dtype },
  outputs: [output],
  site
})

/** `ZerosLike(x)` and `OnesLike(x)` need only the shape of `x`. */
const withoutInput = (graph: Graph.Graph, node: Graph.Node): Graph.Node => {
  const [output] = node.outputs
  if ((node.kernel !== "ZerosLike" && node.kernel !== "OnesLike") || output === undefined) return node
  return fill(Graph.spec(graph, output), node.kernel === "OnesLike" ? 1 : 0, output, node.site)
}

/** The numbers of `values`, which depend on constants only. */
const evaluate = (
  oracle: Engine,
  graph: Graph.Graph,
  values: ReadonlyArray<Graph.ValueId>
): ReadonlyArray<Graph.Constant> => {
  if (values.length === 0) return []
  const results = values.map((value): Graph.Result => ({ role: "output", path: String(value), value }))
  const linked = oracle.link({
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

/** Fills and what is computed of them elementwise, each as one number: the graph of those numbers. */
const scalars = (graph: Graph.Graph, nodes: ReadonlyArray<Graph.Node>): Graph.Graph => ({
  ...graph,
  values: graph.values.map(({ dtype }) => ({ shape: [], dtype })),
  constants: graph.constants.filter(({ data }) => data.length === 1),
  nodes: nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    if (node.kernel === "Fill") return [{ ...node, attributes: { ...node.attributes, shape: [] } }]
    if (!keepUniform.has(node.kernel)) return [node]
    const same = { ...node, kernel: "Identity", inputNames: ["x"], attributes: {} }
    return node.outputs.map((output) => ({ ...same, outputs: [output] }))
  })
})

/** What becomes of the nodes: one number each (`uniform`), a constant, or nothing (`kept`). */
const classify = (graph: Graph.Graph, nodes: ReadonlyArray<Graph.Node>) => {
  const constant = new Set(graph.constants.map(({ value }) => value))
  const uniform = new Set(graph.constants.filter(({ data }) => data.length === 1).map(({ value }) => value))
  const sizeOf = (value: Graph.ValueId): number => NdArray.size(Graph.spec(graph, value).shape)
  const kindOf = (node: Graph.Node): "kept" | "uniform" | "constant" => {
    if (Kernels.find(node.kernel)?.exact !== true) return "kept"
    const keeps = Kernels.isElementwise(node.kernel) || keepUniform.has(node.kernel) || node.kernel === "Fill"
    if (keeps && node.inputs.every((value) => uniform.has(value))) return "uniform"
    const isSmall = [...node.inputs, ...node.outputs].every((value) => sizeOf(value) <= largest)
    return isSmall && node.inputs.every((value) => constant.has(value)) ? "constant" : "kept"
  }
  return Object.groupBy(nodes, (node) => {
    const kind = kindOf(node)
    if (kind !== "kept") for (const value of node.outputs) constant.add(value)
    if (kind === "uniform") for (const value of node.outputs) uniform.add(value)
    return kind
  })
}

// the passes

export const constantFolding = (oracle: Engine, graph: Graph.Graph): Graph.Graph => {
  const nodes = graph.nodes.map((node) => withoutInput(graph, node))
  const { constant: folded = [], kept = [], uniform = [] } = classify(graph, nodes)
  const numbers = uniform
    .filter(({ kernel }) => kernel !== "Fill")
    .flatMap(({ outputs, site }) => outputs.map((output) => ({ output, site })))
  if (numbers.length + folded.length === 0) return { ...graph, nodes }

  const found = evaluate(
    oracle,
    scalars(graph, uniform),
    numbers.map(({ output }) => output)
  )
  const fills = [
    ...uniform.filter(({ kernel }) => kernel === "Fill"),
    ...numbers.map(({ output, site }, i) =>
      fill(Graph.spec(graph, output), found[i]?.data[0] ?? 0, output, site)
    )
  ]
  const read = new Set([...kept.flatMap(({ inputs }) => inputs), ...graph.results.map(({ value }) => value)])
  const wanted = folded.flatMap(({ outputs }) => outputs).filter((value) => read.has(value))
  const made = evaluate(oracle, { ...graph, nodes: [...fills, ...folded] }, wanted)
  return { ...graph, nodes: [...fills, ...kept], constants: [...graph.constants, ...made] }
}

/** Makes constants of the fills that are left: an engine need not fill them at every call. */
export const materializeFills = (graph: Graph.Graph): Graph.Graph => {
  const made: Array<Graph.Constant> = []
  const nodes = graph.nodes.filter(({ attributes, kernel, outputs: [output] }) => {
    if (kernel !== "Fill" || output === undefined) return true
    const { dtype, shape } = Graph.spec(graph, output)
    if (NdArray.size(shape) > largest) return true
    made.push({
      value: output,
      data: NdArray.allocate(dtype, NdArray.size(shape)).fill(Number(attributes["value"]))
    })
    return false
  })
  return { ...graph, nodes, constants: [...graph.constants, ...made] }
}
