/**
 * Removes nodes that change nothing: identities, casts to the same type, reshapes to the same shape, reshapes of
 * reshapes, slices of everything, transposes that move only axes of size 1, and so on. Keeps every bit.
 */
import { Graph, NdArray } from "../graph/index.ts"

// pure core

const sameShape = (a: NdArray.Spec, b: NdArray.Spec): boolean =>
  a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i])

/** Whether a transpose leaves the axes that have more than one element in their order. */
const keepsOrder = ({ shape }: NdArray.Spec, perm: ReadonlyArray<Graph.Attribute>): boolean => {
  const wide = perm.map(Number).filter((axis) => shape[axis] !== 1)
  return wide.every((axis, i) => i === 0 || (wide[i - 1] ?? 0) < axis)
}

/** Nodes whose result is their input as it is, if its shape and type are. */
const transparent = new Set([
  "Identity",
  "Cast",
  "Reshape",
  "ExpandDims",
  "Slice",
  "Tile",
  "PadV2",
  "Concat",
  "SplitV"
])

const isNothing = (node: Graph.Node, from: NdArray.Spec, to: NdArray.Spec): boolean =>
  node.inputs.length === 1 &&
  node.outputs.length === 1 &&
  sameShape(from, to) &&
  from.dtype === to.dtype &&
  (transparent.has(node.kernel) ||
    (node.kernel === "Transpose" &&
      Array.isArray(node.attributes["perm"]) &&
      keepsOrder(from, node.attributes["perm"])))

/** Nodes whose result is their input under another shape. */
const isReshape = (node: Graph.Node, from: NdArray.Spec): boolean =>
  node.kernel === "Reshape" ||
  node.kernel === "ExpandDims" ||
  ((node.kernel === "Pack" || node.kernel === "Unpack") &&
    node.inputs.length === 1 &&
    node.outputs.length === 1) ||
  (node.kernel === "Transpose" &&
    Array.isArray(node.attributes["perm"]) &&
    keepsOrder(from, node.attributes["perm"]))

// the pass

export const removeIdentities = (graph: Graph.Graph): Graph.Graph => {
  /** What each value is the same as; for reshapes, what it has the numbers of. */
  const same = new Map<Graph.ValueId, Graph.ValueId>()
  const source = new Map<Graph.ValueId, Graph.ValueId>()
  const nodes = graph.nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    const inputs = node.inputs.map((value) => same.get(value) ?? value)
    const [input] = inputs
    const [output] = node.outputs
    if (input === undefined || output === undefined) return [{ ...node, inputs }]
    const [from, to] = [Graph.spec(graph, input), Graph.spec(graph, output)]
    if (isNothing(node, from, to)) {
      same.set(output, input)
      return []
    }
    if (!isReshape(node, from)) return [{ ...node, inputs }]
    const origin = source.get(input) ?? input
    if (sameShape(Graph.spec(graph, origin), to)) {
      same.set(output, origin)
      return []
    }
    source.set(output, origin)
    const attributes = { shape: [...to.shape] }
    return [{ ...node, kernel: "Reshape", inputs: [origin], inputNames: ["x"], attributes }]
  })
  return Graph.substitute({ ...graph, nodes }, same)
}
