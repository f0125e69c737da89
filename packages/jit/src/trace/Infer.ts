/** The shapes and element types of results, by rule: what a trace finds without computing. */
import { type Graph, type Kernels, NdArray, Shape } from "../graph/index.ts"

const last = (shape: Shape.Shape, back: number): number => shape[shape.length - back] ?? 1

const productShape = (
  a: NdArray.Spec,
  b: NdArray.Spec,
  { transposeA, transposeB }: Graph.Attributes
): Shape.Shape => {
  const inner = transposeA === true ? last(a.shape, 2) : last(a.shape, 1)
  if (inner !== (transposeB === true ? last(b.shape, 1) : last(b.shape, 2))) {
    throw new RangeError(
      `the inner sizes of a product differ: [${a.shape.join(", ")}]${transposeA === true ? " transposed" : ""} and ` +
        `[${b.shape.join(", ")}]${transposeB === true ? " transposed" : ""}`
    )
  }
  return [
    ...Shape.broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]),
    transposeA === true ? last(a.shape, 1) : last(a.shape, 2),
    transposeB === true ? last(b.shape, 2) : last(b.shape, 1)
  ]
}

const reducedShape = ([x]: ReadonlyArray<NdArray.Spec>, attrs: Graph.Attributes): Shape.Shape => {
  const shape = x?.shape ?? []
  const given = attrs["axis"] ?? attrs["reductionIndices"] ?? shape.map((_, i) => i)
  const axes = new Set([given].flat().map((axis) => (Number(axis) + shape.length) % shape.length))
  return attrs["keepDims"] === true
    ? shape.map((n, i) => (axes.has(i) ? 1 : n))
    : shape.filter((_, i) => !axes.has(i))
}

const transposedShape = ([x]: ReadonlyArray<NdArray.Spec>, { perm }: Graph.Attributes): Shape.Shape =>
  [perm ?? []].flat().map((axis) => x?.shape[Number(axis)] ?? 1)

const tiledShape = ([x]: ReadonlyArray<NdArray.Spec>, { reps }: Graph.Attributes): Shape.Shape => {
  const times = [reps ?? []].flat()
  return (x?.shape ?? []).map((n, axis) => n * Number(times[axis] ?? 1))
}

const sameShape = ([x]: ReadonlyArray<NdArray.Spec>): Shape.Shape => x?.shape ?? []

/** Shapes of results that have the element type of the first input, of kernels that are slow on the CPU. */
const rules: {
  readonly [kernel: string]: (inputs: ReadonlyArray<NdArray.Spec>, attrs: Graph.Attributes) => Shape.Shape
} = {
  Cumprod: sameShape,
  Cumsum: sameShape,
  Max: reducedShape,
  Mean: reducedShape,
  Min: reducedShape,
  Softmax: sameShape,
  Sum: reducedShape,
  Tile: tiledShape,
  Transpose: transposedShape
}

/** A kernel's result where a rule gives it without running the kernel. */
export const infer = (
  kernel: Kernels.Kernel,
  inputs: ReadonlyArray<NdArray.Spec>,
  attrs: Graph.Attributes
): NdArray.Spec | undefined => {
  const [first, second] = inputs
  if (kernel.kind === "product" && first !== undefined && second !== undefined) {
    return { shape: productShape(first, second, attrs), dtype: first.dtype }
  }
  const rule = rules[kernel.name]
  if (rule !== undefined && first?.dtype === "float32")
    return { shape: rule(inputs, attrs), dtype: "float32" }
  if (kernel.kind !== "elementwise") return undefined
  const same = inputs[inputs.length - 1]?.dtype ?? "float32"
  const cast = kernel.name === "Cast" && typeof attrs["dtype"] === "string" ? attrs["dtype"] : undefined
  const dtype = cast ?? (kernel.dtype === "same" ? same : kernel.dtype)
  return NdArray.isDType(dtype)
    ? { shape: Shape.broadcast(inputs.map(({ shape }) => shape)), dtype }
    : undefined
}
