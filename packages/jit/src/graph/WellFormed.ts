/**
 * Is a graph one that a trace could have made? What comes from a file of somebody else is asked before it is given to
 * an engine: every value is made once and before it is read, every kernel has the inputs, attributes and results that
 * it can have, and nothing is too large to be run.
 *
 * Places that are decided by an index tensor are the one thing that shapes do not tell: indices must be constants of
 * the graph, which are looked at.
 */
import type * as Graph from "./Graph.ts"
import * as KernelRules from "./KernelRules.ts"
import * as NdArray from "./NdArray.ts"
import * as Shape from "./Shape.ts"

// models

export interface Limits {
  readonly nodes: number
  readonly values: number
  readonly rank: number
  /** Elements of all values together. */
  readonly elements: number
  /** Multiplications of all products together. */
  readonly work: number
}

/** Far above any policy, and still seconds of work. */
export const limits: Limits = {
  nodes: 4096,
  values: 16_384,
  rank: 6,
  elements: 2 ** 28,
  work: 2 ** 34
}

// pure core

const show = ({ dtype, shape }: NdArray.Spec): string => `${dtype}[${shape.join(", ")}]`

/** The multiplications of a product. */
const workOf = (
  node: Graph.Node,
  inputs: ReadonlyArray<NdArray.Spec>,
  outputs: ReadonlyArray<NdArray.Spec>
): number => {
  if (node.kernel !== "BatchMatMul") return 0
  const shape = inputs[0]?.shape ?? []
  const inner = shape[shape.length - (node.attributes["transposeA"] === true ? 2 : 1)] ?? 1
  return inner * NdArray.size(outputs[0]?.shape ?? [])
}

const isSpec = ({ dtype, shape }: NdArray.Spec, { elements, rank }: Limits): boolean =>
  NdArray.isDType(dtype) &&
  shape.length <= rank &&
  shape.every((n) => Number.isInteger(n) && n >= 0) &&
  NdArray.size(shape) <= elements

const isSame = (a: NdArray.Spec, b: NdArray.Spec): boolean =>
  a.dtype === b.dtype && Shape.equals(a.shape, b.shape)

const isData = ({ dtype, shape }: NdArray.Spec, data: NdArray.Data): boolean => {
  const kind = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool"
  return (
    kind === dtype && data.length === NdArray.size(shape) && (kind !== "bool" || data.every((b) => b <= 1))
  )
}

/** How many places an index tensor chooses from, where a kernel has one. */
const placesOf = (node: Graph.Node, inputs: ReadonlyArray<NdArray.Spec>): number | undefined => {
  const { attributes, kernel } = node
  if (kernel === "UnsortedSegmentSum") return Number(attributes["numSegments"])
  const shape = inputs[0]?.shape ?? []
  return kernel === "GatherV2" ? shape.at(Number(attributes["axis"])) : undefined
}

const spec = (graph: Graph.Graph, id: Graph.ValueId): NdArray.Spec =>
  graph.values[id] ?? KernelRules.fail(`there is no value %${id}`)

const must = KernelRules.must

/** The values that are made so far. */
type Made = Set<Graph.ValueId>

const make = (graph: Graph.Graph, made: Made, id: Graph.ValueId): NdArray.Spec => {
  must(!made.has(id), `the value %${id} is made twice`)
  made.add(id)
  return spec(graph, id)
}

const readSizes = ({ nodes, values }: Graph.Graph, most: Limits): void => {
  must(nodes.length <= most.nodes, `it has ${nodes.length} nodes, and ${most.nodes} are the most`)
  must(values.length <= most.values, `it has ${values.length} values, and ${most.values} are the most`)
  for (const [id, value] of values.entries()) {
    must(isSpec(value, most), `the value %${id} is ${show(value).slice(0, 80)}, which is no array here`)
  }
  const elements = values.reduce((sum, { shape }) => sum + NdArray.size(shape), 0)
  must(elements <= most.elements, `its values have ${elements} elements, and ${most.elements} are the most`)
}

const readParameters = (graph: Graph.Graph, made: Made): void => {
  const names = new Set<string>()
  for (const { path, role, value } of graph.parameters) {
    must(role === "state" || role === "input", `the parameter ${path} is neither state nor input`)
    must(!names.has(`${role} ${path}`), `two parameters have the path ${path}`)
    names.add(`${role} ${path}`)
    make(graph, made, value)
  }
}

const readConstants = (graph: Graph.Graph, made: Made): void => {
  for (const { data, value } of graph.constants) {
    must(
      isData(make(graph, made, value), data),
      `the numbers of the constant %${value} are not those of its shape`
    )
    must(!data.some(Number.isNaN), `the constant %${value} holds what is not a number`)
  }
}

/** Looks at the places that the indices of a node lead to. */
const readPlaces = (graph: Graph.Graph, node: Graph.Node, inputs: ReadonlyArray<NdArray.Spec>): void => {
  const places = placesOf(node, inputs)
  if (places === undefined) return
  const indices = graph.constants.find(({ value }) => value === node.inputs[1])
  if (indices === undefined) return KernelRules.fail("its indices are no constant")
  must(!indices.data.some((index) => index < 0 || index >= places), `an index is not below ${places}`)
}

/** Reads a node; the multiplications that it takes. */
const readNode = (graph: Graph.Graph, made: Made, node: Graph.Node): number => {
  const inputs = node.inputs.map((id) => {
    must(made.has(id), `it reads %${id} before it is made`)
    return spec(graph, id)
  })
  const found = KernelRules.outputs(node.kernel, node.inputNames, inputs, node.attributes)
  must(found.length === node.outputs.length, `it has ${found.length} results, not ${node.outputs.length}`)
  for (const [i, id] of node.outputs.entries()) {
    const [is, said] = [found[i], make(graph, made, id)]
    if (is !== undefined && !isSame(is, said)) {
      KernelRules.fail(`it gives ${show(is)}, where %${id} is ${show(said)}`)
    }
  }
  readPlaces(graph, node, inputs)
  return workOf(node, inputs, found)
}

const readNodes = (graph: Graph.Graph, made: Made, most: Limits): void => {
  let work = 0
  for (const [i, node] of graph.nodes.entries()) {
    try {
      work += readNode(graph, made, node)
    } catch (error) {
      if (!(error instanceof KernelRules.Fault)) throw error
      KernelRules.fail(`node ${i} (${node.kernel.slice(0, 40)}): ${error.message}`)
    }
  }
  must(work <= most.work, `its products take ${work} multiplications, and ${most.work} are the most`)
  must(made.size === graph.values.length, "it has a value that nothing makes")
}

const readResults = (graph: Graph.Graph, made: Made): void => {
  const names = new Set<string>()
  for (const { path, role, value } of graph.results) {
    must(!names.has(`${role} ${path}`), `two results have the path ${path}`)
    names.add(`${role} ${path}`)
    must(made.has(value), `the result ${path} is %${value}, which nothing makes`)
    if (role === "output") continue
    const before = graph.parameters.find((parameter) => parameter.role === role && parameter.path === path)
    if (before === undefined) KernelRules.fail(`the result ${path} is neither an output nor of the state`)
    else must(isSame(spec(graph, before.value), spec(graph, value)), `the state ${path} changes its shape`)
  }
}

/** What is wrong with a graph; nothing if it can be given to an engine. */
export const fault = (graph: Graph.Graph, most: Limits = limits): string | undefined => {
  const made: Made = new Set()
  try {
    readSizes(graph, most)
    readParameters(graph, made)
    readConstants(graph, made)
    readNodes(graph, made, most)
    readResults(graph, made)
    return undefined
  } catch (error) {
    if (error instanceof KernelRules.Fault) return error.message
    throw error
  }
}
