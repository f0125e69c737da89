/**
 * Makes products of matrices out of products of stacks where that is the same: a stack of one, and a stack times one
 * matrix. The reshapes around them cost nothing. Keeps every bit.
 */
import { Graph, NdArray, type Shape } from "../graph/index.ts"

export const flattenProducts = (graph: Graph.Graph): Graph.Graph => {
  const values = [...graph.values]
  const shapeOf = (value: Graph.ValueId): Shape.Shape => Graph.spec(graph, value).shape
  const stack = (value: Graph.ValueId): number => NdArray.size(shapeOf(value).slice(0, -2))

  const nodes = graph.nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    const [a, b] = node.inputs
    const [output] = node.outputs
    if (node.kernel !== "BatchMatMul" || a === undefined || b === undefined || output === undefined)
      return [node]
    if (shapeOf(output).length === 2 || stack(b) !== 1) return [node]
    // The rows of a stack lie one below the other; its columns, when it is transposed, do not.
    if (stack(a) !== 1 && node.attributes["transposeA"] === true) return [node]
    const reshapes: Array<Graph.Node> = []
    const matrix = (value: Graph.ValueId): Graph.ValueId => {
      const shape = shapeOf(value)
      if (shape.length === 2) return value
      const flat = [NdArray.size(shape.slice(0, -1)), shape.at(-1) ?? 1]
      const result = values.push({ shape: flat, dtype: Graph.spec(graph, value).dtype }) - 1
      reshapes.push(reshape(node, value, result, flat))
      return result
    }
    const inputs = [matrix(a), matrix(b)]
    const flat = [NdArray.size(shapeOf(output).slice(0, -1)), shapeOf(output).at(-1) ?? 1]
    const product = values.push({ shape: flat, dtype: Graph.spec(graph, output).dtype }) - 1
    return [
      ...reshapes,
      { ...node, inputs, outputs: [product] },
      reshape(node, product, output, shapeOf(output))
    ]
  })
  return { ...graph, values, nodes }
}

const reshape = (
  node: Graph.Node,
  from: Graph.ValueId,
  to: Graph.ValueId,
  shape: Shape.Shape
): Graph.Node => ({
  kernel: "Reshape",
  inputs: [from],
  inputNames: ["x"],
  attributes: { shape: [...shape] },
  outputs: [to],
  site: node.site
})
