/**
 * Undoes fusion: writes a graph with kernels that every TensorFlow.js backend has. `FusedElementwise` becomes its
 * steps, `_FusedMatMul` a product, an addition and an activation; operands of kernels that do not broadcast by
 * themselves are tiled; a sum of many tensors is taken in parts, from left to right. Keeps every bit.
 */
import { Graph, Kernels, type NdArray, Shape } from "../graph/index.ts"

/** Elementwise kernels that want operands of the result's shape. */
const rigid = new Set(["AddN", "EluGrad", "Select"])

/** What one kernel may add up: a WebGPU device is sure to bind 8 buffers, of which one is the result. */
const MOST_TERMS = 7

export const unfuse = (graph: Graph.Graph): Graph.Graph => {
  const values = [...graph.values]
  const nodes: Array<Graph.Node> = []
  const fresh = (spec: NdArray.Spec): Graph.ValueId => values.push(spec) - 1
  const specOf = (value: Graph.ValueId): NdArray.Spec => values[value] ?? Graph.spec(graph, value)

  /** `value` repeated to fill `shape`. */
  const tiled = (value: Graph.ValueId, shape: Shape.Shape, site: string): Graph.ValueId => {
    const from = specOf(value)
    if (Shape.equals(from.shape, shape)) return value
    const padded = [...shape.slice(from.shape.length).map(() => 1), ...from.shape]
    const reshaped = fresh({ shape: padded, dtype: from.dtype })
    const result = fresh({ shape, dtype: from.dtype })
    const reps = shape.map((n, axis) => (padded[axis] === n ? 1 : n))
    const unary = { inputNames: ["x"], site }
    nodes.push(
      { ...unary, kernel: "Reshape", inputs: [value], attributes: { shape: padded }, outputs: [reshaped] },
      { ...unary, kernel: "Tile", inputs: [reshaped], attributes: { reps }, outputs: [result] }
    )
    return result
  }

  const sum = (node: Graph.Node, terms: ReadonlyArray<Graph.ValueId>, output: Graph.ValueId): void => {
    const inputs = terms.slice(0, MOST_TERMS)
    const rest = terms.slice(MOST_TERMS)
    const made = rest.length === 0 ? output : fresh(specOf(output))
    nodes.push({ ...node, inputs, inputNames: inputs.map((_, i) => String(i)), outputs: [made] })
    if (rest.length > 0) sum(node, [made, ...rest], output)
  }

  const plain = (node: Graph.Node): void => {
    const [output] = node.outputs
    if (!rigid.has(node.kernel) || output === undefined) {
      nodes.push(node)
      return
    }
    const inputs = node.inputs.map((value) => tiled(value, specOf(output).shape, node.site))
    if (node.kernel === "AddN") sum(node, inputs, output)
    else nodes.push({ ...node, inputs })
  }

  const loop = (node: Graph.Node): void => {
    const { outputs, steps } = Graph.elementwise(node)
    const [first] = node.outputs
    const shape = first === undefined ? [] : specOf(first).shape
    const made = steps.map(({ dtype }, k) => node.outputs[outputs.indexOf(k)] ?? fresh({ shape, dtype }))
    steps.forEach(({ attributes, inputNames, kernel, operands }, k) => {
      const inputs = operands.flatMap((o) => ("input" in o ? node.inputs[o.input] : made[o.step]) ?? [])
      plain({ kernel, inputs, inputNames, attributes, outputs: [made[k] ?? -1], site: node.site })
    })
  }

  const product = (node: Graph.Node): void => {
    const [a, b, bias] = node.inputs
    const [output] = node.outputs
    if (a === undefined || b === undefined || output === undefined) return
    const { activation, transposeA, transposeB } = node.attributes
    const kernel = typeof activation === "string" ? Kernels.activations.get(activation) : undefined
    const spec = specOf(output)
    const act = (x: Graph.ValueId) =>
      kernel === undefined
        ? []
        : [{ kernel, inputs: [x], inputNames: ["x"], attributes: {}, outputs: [output] }]
    const added = kernel === undefined ? output : fresh(spec)
    const raw = bias === undefined ? added : fresh(spec)
    const add =
      bias === undefined
        ? []
        : [{ kernel: "Add", inputs: [raw, bias], inputNames: ["a", "b"], attributes: {}, outputs: [added] }]
    const attributes = { transposeA, transposeB }
    const matMul = {
      kernel: "BatchMatMul",
      inputs: [a, b],
      inputNames: ["a", "b"],
      attributes,
      outputs: [raw]
    }
    for (const part of [matMul, ...add, ...act(added)]) nodes.push({ ...part, site: node.site })
  }

  for (const node of graph.nodes) {
    if (node.kernel === "FusedElementwise") loop(node)
    else if (node.kernel === "_FusedMatMul") product(node)
    else plain(node)
  }
  return { ...graph, values, nodes }
}
