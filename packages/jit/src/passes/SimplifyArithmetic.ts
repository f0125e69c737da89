/**
 * Algebra that holds for every float32, with NaN, infinities and -0: x * 1 = x, x / 1 = x, x - 0 = x, x + -0 = x,
 * x^1 = x, -(-x) = x, x / 2^k = x * 2^-k, relu(relu(x)) = relu(x), and Step(x) = Step(relu(x)), which lets the gradient
 * of relu read its result, so that its input need not be stored. Keeps every bit.
 */
import { Graph, Shape } from "../graph/index.ts"

// pure core

/** Whether 1/x is a float32 of one bit, so that dividing by x and multiplying by 1/x round alike. */
const isPowerOfTwo = (x: number): boolean => {
  const [bits = 0] = new Uint32Array(Float32Array.of(x).buffer)
  const exponent = (bits >>> 23) & 0xff
  return (bits & 0x7fffff) === 0 && exponent > 1 && exponent < 253
}

/** The right operand that changes nothing. */
const neutral: { readonly [kernel: string]: number } = {
  Multiply: 1,
  RealDiv: 1,
  Pow: 1,
  Sub: 0,
  Add: -0
}

const commutative = new Set(["Multiply", "Add"])

/** Kernels that give their own results back. */
const idempotent = new Set(["Relu", "Relu6", "Abs"])

// the pass

export const simplifyArithmetic = (graph: Graph.Graph): Graph.Graph => {
  const constants = Graph.constants(graph)
  const producers = Graph.producers(graph)
  const reluOf = new Map<Graph.ValueId, Graph.ValueId>()
  for (const { inputs, kernel, outputs } of graph.nodes) {
    if (kernel === "Relu" && inputs[0] !== undefined && outputs[0] !== undefined)
      reluOf.set(inputs[0], outputs[0])
  }
  const values = [...graph.values]
  const added: Array<Graph.Constant> = []
  const same = new Map<Graph.ValueId, Graph.ValueId>()

  /** The one number that a constant is. */
  const numberOf = (value: Graph.ValueId | undefined): number | undefined => {
    const data = value === undefined ? undefined : constants.get(value)
    return data?.length === 1 ? data[0] : undefined
  }
  const scalar = (x: number): Graph.ValueId => {
    const value = values.push({ shape: [], dtype: "float32" }) - 1
    added.push({ value, data: Float32Array.of(x) })
    return value
  }
  const keepsSpec = (value: Graph.ValueId, output: Graph.ValueId): boolean => {
    const [from, to] = [Graph.spec(graph, value), Graph.spec(graph, output)]
    return from.dtype === to.dtype && Shape.equals(from.shape, to.shape)
  }
  /** What `node` is the same as. */
  const shortcut = (node: Graph.Node): Graph.ValueId | undefined => {
    const [a, b] = node.inputs
    if (a === undefined) return undefined
    const unit = neutral[node.kernel]
    if (unit !== undefined && Object.is(numberOf(b), unit)) return a
    if (unit !== undefined && commutative.has(node.kernel) && Object.is(numberOf(a), unit)) return b
    const inner = producers.get(a)
    if (node.kernel === "Neg" && inner?.kernel === "Neg") return inner.inputs[0]
    return idempotent.has(node.kernel) && inner?.kernel === node.kernel ? a : undefined
  }
  /** `node` with cheaper work. */
  const cheaper = (node: Graph.Node): Graph.Node => {
    const [a, b] = node.inputs
    const divisor = numberOf(b)
    if (node.kernel === "RealDiv" && a !== undefined && divisor !== undefined && isPowerOfTwo(divisor)) {
      return { ...node, kernel: "Multiply", inputs: [a, scalar(1 / divisor)] }
    }
    const relu = a === undefined ? undefined : reluOf.get(a)
    return node.kernel === "Step" && relu !== undefined ? { ...node, inputs: [relu] } : node
  }

  const nodes = graph.nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    const [output] = node.outputs
    const found = shortcut(node)
    if (found === undefined || output === undefined || !keepsSpec(found, output)) return [cheaper(node)]
    same.set(output, found)
    return []
  })
  return Graph.substitute(
    { ...graph, values, constants: [...graph.constants, ...added], nodes: Graph.inOrder(nodes) },
    same
  )
}
