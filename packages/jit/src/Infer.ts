/** The shapes and element types of results, by rule: what a trace finds without computing. */
import type * as Graph from "./Graph.ts"
import type * as Kernels from "./Kernels.ts"
import * as NdArray from "./NdArray.ts"
import * as Shape from "./Shape.ts"

const last = (shape: ReadonlyArray<number>, back: number): number => shape[shape.length - back] ?? 1

const productShape = (
  a: NdArray.Spec,
  b: NdArray.Spec,
  { transposeA, transposeB }: Graph.Attributes
): ReadonlyArray<number> => {
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

const reducedShape = (shape: ReadonlyArray<number>, attrs: Graph.Attributes): ReadonlyArray<number> => {
  const given = attrs["axis"] ?? attrs["reductionIndices"] ?? shape.map((_, i) => i)
  const axes = new Set([given].flat().map((axis) => (Number(axis) + shape.length) % shape.length))
  return attrs["keepDims"] === true
    ? shape.map((n, i) => (axes.has(i) ? 1 : n))
    : shape.filter((_, i) => !axes.has(i))
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
  if (kernel.name === "Sum" && first?.dtype === "float32") {
    return { shape: reducedShape(first.shape, attrs), dtype: "float32" }
  }
  if (kernel.kind !== "elementwise") return undefined
  const same = inputs[inputs.length - 1]?.dtype ?? "float32"
  const cast = kernel.name === "Cast" && typeof attrs["dtype"] === "string" ? attrs["dtype"] : undefined
  const dtype = cast ?? (kernel.dtype === "same" ? same : kernel.dtype)
  return NdArray.isDType(dtype)
    ? { shape: Shape.broadcast(inputs.map(({ shape }) => shape)), dtype }
    : undefined
}
