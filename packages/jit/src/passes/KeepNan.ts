/**
 * Writes a graph so that NaN stays NaN on a backend that may lose it. Shading languages allow a compiler to assume that
 * there is no NaN: `x < 0 ? 0 : x` becomes a maximum that gives 0 for NaN, and `exp` of NaN may be any number. Then a
 * training that has diverged looks like one that has not.
 *
 * What TensorFlow.js' GPU backends ask of the bits of a number is sure: whether `NotEqual(x, x)`, and `Maximum` and
 * `Minimum` of NaN. So are arithmetic and what moves numbers. Everything else that a NaN goes through gets a second way:
 *
 * ```text
 * Relu(x)     Maximum(x, 0)                 Relu6(x)    Minimum(Maximum(x, 0), 6)
 * Exp(x)      Select(NotEqual(x, x), x, Exp(x)), and so for `guarded`
 * Log1p(x)    the same of Log(x + 1), which these backends compute anyway, and which is NaN below -1
 * Softmax(x)  the same of e / Sum(e) with e = Exp(x - Max(x))
 * ```
 *
 * For graphs after `lower`. Keeps every bit where NaN is kept already, but those of `Log1p`.
 */
import { Graph, NdArray, type Shape } from "../graph/index.ts"

// models

/** Elementwise kernels that may make a number of NaN, with the input that is looked at. */
const guarded: ReadonlyMap<string, string> = new Map([
  ...["Exp", "Expm1", "Log", "Tanh", "Sigmoid", "Softplus", "Elu", "Selu"].map(
    (name) => [name, "x"] as const
  ),
  ["EluGrad", "y"]
])

/** WebGPU's `Select` takes no more. */
const MOST_AXES = 4

/** Every kernel that is written in another way. */
export const kernels: ReadonlyArray<string> = [...guarded.keys(), "Log1p", "Relu", "Relu6", "Softmax"]

// the pass

export const keepNan = (graph: Graph.Graph): Graph.Graph => {
  const values = [...graph.values]
  const constants = [...graph.constants]
  const nodes: Array<Graph.Node> = []
  const specOf = (value: Graph.ValueId): NdArray.Spec => values[value] ?? Graph.spec(graph, value)
  const fresh = (spec: NdArray.Spec): Graph.ValueId => values.push(spec) - 1

  const scalars = new Map<number, Graph.ValueId>()
  const scalar = (number: number): Graph.ValueId => {
    const known = scalars.get(number)
    if (known !== undefined) return known
    const value = fresh({ shape: [], dtype: "float32" })
    constants.push({ value, data: Float32Array.of(number) })
    scalars.set(number, value)
    return value
  }

  /** Adds nodes for `node`, all with its line of user code. */
  const write = (node: Graph.Node, output: Graph.ValueId): void => {
    const add = (
      kernel: string,
      inputs: Graph.Node["inputs"],
      inputNames: Graph.Node["inputNames"],
      to: Graph.ValueId,
      attributes: Graph.Attributes = {}
    ): Graph.ValueId => {
      nodes.push({ kernel, inputs, inputNames, attributes, outputs: [to], site: node.site })
      return to
    }
    const spec = specOf(output)
    const binary = (kernel: string, a: Graph.ValueId, b: Graph.ValueId, to = fresh(spec)) =>
      add(kernel, [a, b], ["a", "b"], to)
    const unary = (kernel: string, x: Graph.ValueId, to = fresh(spec)) => add(kernel, [x], ["x"], to)
    const reshaped = (x: Graph.ValueId, shape: Shape.Shape, to = fresh({ ...specOf(x), shape })) =>
      add("Reshape", [x], ["x"], to, { shape })
    /** What `make` writes, but `x` where that is NaN. */
    const guard = (x: Graph.ValueId, make: () => Graph.ValueId, to: Graph.ValueId): Graph.ValueId => {
      const { shape } = specOf(x)
      if (shape.length > MOST_AXES) {
        const flat = [NdArray.size(shape)]
        return reshaped(
          guard(reshaped(x, flat), () => reshaped(make(), flat), fresh({ ...spec, shape: flat })),
          shape,
          to
        )
      }
      const isNan = binary("NotEqual", x, x, fresh({ shape, dtype: "bool" }))
      return add("Select", [isNan, x, make()], ["condition", "t", "e"], to)
    }

    const [x = -1] = node.inputs
    switch (node.kernel) {
      case "Relu":
        binary("Maximum", x, scalar(0), output)
        return
      case "Relu6":
        binary("Minimum", binary("Maximum", x, scalar(0)), scalar(6), output)
        return
      case "Log1p":
        guard(x, () => unary("Log", binary("Add", x, scalar(1))), output)
        return
      case "Softmax": {
        const last = spec.shape.length - 1
        const row: NdArray.Spec = { ...spec, shape: spec.shape.with(last, 1) }
        const largest = add("Max", [x], ["x"], fresh(row), { reductionIndices: [last], keepDims: true })
        const below = binary("Sub", x, largest)
        const e = guard(below, () => unary("Exp", below), fresh(spec))
        const sum = add("Sum", [e], ["x"], fresh(row), { axis: [last], keepDims: true })
        binary("RealDiv", e, sum, output)
        return
      }
      default: {
        const at = node.inputNames.indexOf(guarded.get(node.kernel) ?? "")
        const plain = fresh(spec)
        const make = () => {
          nodes.push({ ...node, outputs: [plain] })
          return plain
        }
        guard(node.inputs[at] ?? x, make, output)
      }
    }
  }

  for (const node of graph.nodes) {
    const [output] = node.outputs
    const isLossy =
      output !== undefined && specOf(output).dtype === "float32" && kernels.includes(node.kernel)
    if (isLossy) write(node, output)
    else nodes.push(node)
  }
  return { ...graph, values, constants, nodes }
}
