/**
 * Moves reshapes below elementwise nodes, so that they do not stand between nodes that could be one loop:
 * `relu(reshape(x))` becomes `reshape(relu(x))`. Keeps every bit.
 */
import { Graph, Kernels, NdArray, Shape } from "../graph/index.ts"

export const sinkReshapes = (graph: Graph.Graph): Graph.Graph => {
  const producers = Graph.producers(graph)
  const values = [...graph.values]
  const shapeOf = (value: Graph.ValueId): Shape.Shape => Graph.spec(graph, value).shape
  const sourceOf = (value: Graph.ValueId): Graph.ValueId | undefined => {
    const node = producers.get(value)
    return node?.kernel === "Reshape" ? node.inputs[0] : undefined
  }
  /** What to read instead of `operand` where the result has the shape `to`, if there is something. */
  const moved = (operand: Graph.ValueId, from: Shape.Shape, to: Shape.Shape): Graph.ValueId | undefined => {
    const source = sourceOf(operand)
    if (source !== undefined && Shape.equals(shapeOf(source), to) && Shape.equals(shapeOf(operand), from))
      return source
    const shape = shapeOf(operand)
    const isRow = shape.length === 1 && shape[0] === from.at(-1) && shape[0] === to.at(-1)
    return isRow || (NdArray.size(shape) === 1 && shape.length <= to.length) ? operand : undefined
  }

  const nodes = graph.nodes.flatMap((node): ReadonlyArray<Graph.Node> => {
    const [output] = node.outputs
    if (!Kernels.isElementwise(node.kernel) || output === undefined) return [node]
    const from = shapeOf(output)
    const source = node.inputs.map(sourceOf).find((value) => value !== undefined)
    if (source === undefined) return [node]
    const to = shapeOf(source)
    const inputs = node.inputs.flatMap((value) => moved(value, from, to) ?? [])
    if (inputs.length < node.inputs.length || !inputs.includes(source)) return [node]
    const result = values.push({ shape: to, dtype: Graph.spec(graph, output).dtype }) - 1
    return [
      { ...node, inputs, outputs: [result] },
      {
        kernel: "Reshape",
        inputs: [result],
        inputNames: ["x"],
        attributes: { shape: [...from] },
        outputs: [output],
        site: node.site
      }
    ]
  })
  return { ...graph, values, nodes }
}
