/** How TensorFlow computes the elementwise kernels. */
import { Attributes, type Graph, type NdArray, Shape } from "../../graph/index.ts"
import * as GraphDef from "./GraphDef.ts"
import type { Tensor, Writer } from "./Writer.ts"

// models

/** What a kernel computes: its result, broadcast from its operands. */
type Rule = (
  writer: Writer,
  operands: ReadonlyArray<Tensor>,
  step: Pick<Graph.Step, "attributes" | "dtype">
) => Tensor

// pure core

/** The operand with another element type. */
export const cast = (writer: Writer, x: Tensor, dtype: NdArray.DType): Tensor =>
  x.dtype === dtype
    ? x
    : writer.tensor(
        "Cast",
        [x],
        { SrcT: GraphDef.type(x.dtype), DstT: GraphDef.type(dtype) },
        { dtype, shape: x.shape }
      )

const stretched = (writer: Writer, x: Tensor, shape: Shape.Shape): Tensor =>
  Shape.equals(x.shape, shape)
    ? x
    : writer.tensor(
        "BroadcastTo",
        [x, writer.ints(shape)],
        { T: GraphDef.type(x.dtype), Tidx: GraphDef.type("int32") },
        { dtype: x.dtype, shape }
      )

const result = (operands: ReadonlyArray<Tensor>, dtype: NdArray.DType): NdArray.Spec => ({
  dtype,
  shape: Shape.broadcast(operands.map(({ shape }) => shape))
})

/** A number as an operand of the same type. */
const scalar = (writer: Writer, { dtype }: NdArray.Spec, value: number): Tensor =>
  writer.constant({
    dtype,
    shape: [],
    data: dtype === "float32" ? Float32Array.of(value) : Int32Array.of(value)
  })

// rules

/** An operation that broadcasts by itself. */
const op =
  (name: string): Rule =>
  (writer, operands, { dtype }) =>
    writer.uniform(name, operands, result(operands, dtype))

const logical =
  (name: string): Rule =>
  (writer, operands, { dtype }) =>
    writer.tensor(name, operands, {}, result(operands, dtype))

/** An operation on floats, of whatever comes. */
const real =
  (name: string): Rule =>
  (writer, operands, { dtype }) => {
    const floats = operands.map((x) => cast(writer, x, "float32"))
    return writer.uniform(name, floats, result(floats, dtype))
  }

/** An operation that wants operands of one shape. */
const rigid =
  (name: string, attributes: (operands: ReadonlyArray<Tensor>) => GraphDef.Attributes = () => ({})): Rule =>
  (writer, operands, { dtype }) => {
    const spec = result(operands, dtype)
    const equal = operands.map((x) => stretched(writer, x, spec.shape))
    return writer.uniform(name, equal, spec, attributes(equal))
  }

/** `x > 0 ? 1 : alpha`, NaN of NaN. */
const step: Rule = (writer, [x], { attributes, dtype }) => {
  if (x === undefined) throw new RangeError("Step takes a tensor")
  const alpha = Attributes.number({ attributes }, "alpha", 0)
  if (alpha === 0) return writer.uniform("Sign", [writer.uniform("Relu", [x], x)], x)
  const bool: NdArray.Spec = { shape: x.shape, dtype: "bool" }
  const [one, other] = [scalar(writer, x, 1), scalar(writer, x, alpha)]
  const low = writer.uniform("SelectV2", [writer.uniform("Equal", [x, x], bool), other, x], x, {
    T: GraphDef.type(dtype)
  })
  const isHigh = writer.uniform("Greater", [x, scalar(writer, x, 0)], bool)
  return writer.uniform("SelectV2", [isHigh, one, low], x, { T: GraphDef.type(dtype) })
}

/** 0 of NaN, as TensorFlow.js has it. */
const sign: Rule = (writer, [x], { dtype }) => {
  if (x === undefined) throw new RangeError("Sign takes a tensor")
  const isNumber = writer.uniform("Equal", [x, x], { shape: x.shape, dtype: "bool" })
  const values = [isNumber, writer.uniform("Sign", [x], x), scalar(writer, x, 0)]
  return writer.tensor("SelectV2", values, { T: GraphDef.type(dtype) }, x)
}

const clip: Rule = (writer, [x], { attributes }) => {
  if (x === undefined) throw new RangeError("ClipByValue takes a tensor")
  const high = Attributes.number({ attributes }, "clipValueMax", Number.POSITIVE_INFINITY)
  const low = Attributes.number({ attributes }, "clipValueMin", Number.NEGATIVE_INFINITY)
  const below = writer.uniform("Minimum", [x, scalar(writer, x, high)], x)
  return writer.uniform("Maximum", [below, scalar(writer, x, low)], x)
}

const leakyRelu: Rule = (writer, operands, { attributes, dtype }) => {
  const floats = operands.map((x) => cast(writer, x, "float32"))
  const alpha = GraphDef.float(Attributes.number({ attributes }, "alpha", 0.2))
  return writer.uniform("LeakyRelu", floats, result(floats, dtype), { alpha })
}

const select: Rule = (writer, operands, { dtype }) => {
  const [condition, ...values] = operands
  if (condition === undefined) throw new RangeError("Select takes a condition")
  return writer.tensor(
    "SelectV2",
    [cast(writer, condition, "bool"), ...values],
    { T: GraphDef.type(dtype) },
    result(operands, dtype)
  )
}

const quotient: Rule = (writer, operands, step) =>
  op(operands[0]?.dtype === "float32" ? "RealDiv" : "FloorDiv")(writer, operands, step)

const same = (...names: ReadonlyArray<string>) => names.map((name): [string, Rule] => [name, op(name)])

const rules: ReadonlyMap<string, Rule> = new Map([
  ...same("Sub", "FloorDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"),
  ...same("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"),
  ...same("Neg", "Abs", "Square", "Relu", "Relu6", "ZerosLike", "OnesLike"),
  ...["Sqrt", "Reciprocal", "Rsqrt", "Exp", "Expm1", "Log", "Log1p", "Tanh", "Sigmoid", "Softplus"].map(
    (name): [string, Rule] => [name, real(name)]
  ),
  ...["Elu", "Selu"].map((name): [string, Rule] => [name, real(name)]),
  ...["LogicalAnd", "LogicalOr", "LogicalNot"].map((name): [string, Rule] => [name, logical(name)]),
  ["Add", op("AddV2")],
  ["Multiply", op("Mul")],
  ["RealDiv", quotient],
  ["EluGrad", rigid("EluGrad")],
  ["AddN", rigid("AddN", (operands) => ({ N: GraphDef.int(operands.length) }))],
  ["Step", step],
  ["Sign", sign],
  ["ClipByValue", clip],
  ["LeakyRelu", leakyRelu],
  ["Select", select],
  [
    "Cast",
    (writer, [x], { dtype }) => {
      if (x === undefined) throw new RangeError("Cast takes a tensor")
      return cast(writer, x, dtype)
    }
  ]
])

/** The rule of an elementwise kernel. */
export const find = (kernel: string): Rule | undefined => rules.get(kernel)

/**
 * The gradient of relu, `dy * Step(x)`, is an operation of its own: `ReluGrad(dy, x)`. It differs where `x` is NaN
 * only: 0 for NaN.
 */
export const reluGrad = (writer: Writer, dy: Tensor, x: Tensor): Tensor =>
  writer.uniform("ReluGrad", [dy, x], dy)
