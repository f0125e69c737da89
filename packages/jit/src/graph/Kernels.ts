/**
 * The kernels that a program may use, one row each: what kind of work a kernel does decides how a trace finds its
 * shapes, which passes may touch it, and how the package's README lists it.
 */

// models

/**
 * - `elementwise`: one result element from the elements at the same place; inputs broadcast.
 * - `product`: sums of products over an inner dimension.
 * - `reduction`: some axes become one value each.
 * - `scan`: running sums or products along an axis.
 * - `view`: the same numbers in the same order under another shape.
 * - `movement`: the same numbers at other places.
 * - `indexing`: places decided by an index tensor.
 * - `creation`: no tensor inputs.
 */
export type Kind =
  | "elementwise"
  | "product"
  | "reduction"
  | "scan"
  | "view"
  | "movement"
  | "indexing"
  | "creation"

export interface Kernel {
  readonly name: string
  readonly kind: Kind
  /** The names of its inputs in their order; `list` where it takes any number. */
  readonly inputs: ReadonlyArray<string> | "list"
  /** The result's element type; `same` is that of the last input that is not a condition. */
  readonly dtype: "same" | "bool" | "float32"
  /**
   * Whether IEEE 754 fixes every bit of the result, so that it is the same on every machine. It does not where a kernel is
   * more than one operation, which TensorFlow.js rounds once and others one by one.
   */
  readonly exact: boolean
}

// constructors

const unary = ["x"]
const binary = ["a", "b"]

const row = (
  kind: Kind,
  inputs: Kernel["inputs"],
  exact: boolean,
  names: string,
  dtype: Kernel["dtype"] = "same"
): ReadonlyArray<Kernel> => names.split(" ").map((name) => ({ name, kind, inputs, exact, dtype }))

/** Every supported kernel. */
export const all: ReadonlyArray<Kernel> = [
  ...row("elementwise", binary, true, "Add Sub Multiply RealDiv Maximum Minimum"),
  ...row("elementwise", binary, false, "FloorDiv SquaredDifference Pow"),
  ...row("elementwise", binary, true, "Equal NotEqual Less LessEqual Greater GreaterEqual", "bool"),
  ...row("elementwise", binary, true, "LogicalAnd LogicalOr", "bool"),
  ...row("elementwise", unary, true, "LogicalNot", "bool"),
  ...row("elementwise", unary, true, "Neg Abs Sign Square Relu Relu6 Step ClipByValue ZerosLike OnesLike"),
  ...row("elementwise", unary, true, "Cast"),
  ...row("elementwise", unary, true, "Sqrt Reciprocal", "float32"),
  ...row(
    "elementwise",
    unary,
    false,
    "LeakyRelu Rsqrt Exp Expm1 Log Log1p Tanh Sigmoid Softplus Elu Selu",
    "float32"
  ),
  ...row("elementwise", ["dy", "y"], false, "EluGrad", "float32"),
  ...row("elementwise", ["condition", "t", "e"], true, "Select"),
  ...row("elementwise", "list", true, "AddN"),
  ...row("product", binary, false, "BatchMatMul"),
  ...row("product", ["a", "b", "bias"], false, "_FusedMatMul"),
  ...row("reduction", unary, false, "Sum Mean Prod"),
  ...row("reduction", unary, true, "Max Min ArgMax ArgMin"),
  ...row("reduction", unary, true, "All Any", "bool"),
  ...row("reduction", ["logits"], false, "Softmax", "float32"),
  ...row("scan", unary, false, "Cumsum Cumprod"),
  ...row("view", unary, true, "Identity Reshape"),
  ...row("view", ["input"], true, "ExpandDims"),
  ...row("movement", unary, true, "Transpose Slice SplitV Tile PadV2"),
  ...row("movement", ["value"], true, "Unpack"),
  ...row("movement", "list", true, "Concat Pack"),
  ...row("indexing", ["x", "indices"], true, "GatherV2"),
  ...row("indexing", ["x", "segmentIds"], false, "UnsortedSegmentSum"),
  ...row("indexing", ["indices"], true, "OneHot"),
  ...row("creation", [], true, "Fill")
]

const byName: ReadonlyMap<string, Kernel> = new Map(all.map((kernel) => [kernel.name, kernel]))

// combinators

/** The row of a kernel, if it is supported. */
export const find = (name: string): Kernel | undefined => byName.get(name)

export const isElementwise = (name: string): boolean => find(name)?.kind === "elementwise"

/** The kernels of activations, by the names that TensorFlow.js gives them in a fused product. */
export const activations: ReadonlyMap<string, string> = new Map([
  ["relu", "Relu"],
  ["relu6", "Relu6"],
  ["elu", "Elu"],
  ["selu", "Selu"],
  ["leakyrelu", "LeakyRelu"],
  ["sigmoid", "Sigmoid"],
  ["softplus", "Softplus"],
  ["tanh", "Tanh"]
])

/** Whether a product takes the activation in: all do that have no number of their own. */
export const joinsProduct = (kernel: string): boolean => kernel !== "LeakyRelu"
