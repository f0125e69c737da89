/** What every elementwise kernel computes of numbers, one element at a time. A `bool` is 0 or 1. */
import type * as Graph from "@ornstein/jit/Graph"
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Float64 from "./Float64.ts"

/** One application of a kernel. */
export interface Application {
  readonly operands: ReadonlyArray<number>
  readonly from: NdArray.DType
  readonly to: NdArray.DType
  readonly attributes: Graph.Attributes
}

type Kernel = (application: Application) => number
type Unary = (x: number) => number
type Binary = (a: number, b: number) => number

const f = Math.fround

const attribute = ({ attributes }: Application, name: string, otherwise: number): number => {
  const value = attributes[name]
  return f(typeof value === "number" ? value : otherwise)
}

const unary =
  (float: Unary, int: Unary = float): Kernel =>
  ({ from, operands: [x] }) =>
    (from === "float32" ? float : int)(x!)

const binary =
  (float: Binary, int: Binary = float): Kernel =>
  ({ from, operands: [a, b] }) =>
    (from === "float32" ? float : int)(a!, b!)

const compare = (holds: (a: number, b: number) => boolean): Kernel => binary((a, b) => Number(holds(a, b)))

/** To whole numbers towards zero, as far as they go; NaN is 0. */
const truncated = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) + 0

const cast: Kernel = ({ from, operands: [x], to }) => {
  if (from === to || to === "float32") return f(x!)
  return to === "bool" ? Number(x !== 0) : truncated(x!)
}

const relu = (x: number): number => (x < 0 ? 0 : x) + 0

export const kernels: { readonly [kernel: string]: Kernel } = {
  Abs: unary(Math.abs, (x) => Math.abs(x) | 0),
  Add: binary(
    (a, b) => f(a + b),
    (a, b) => (a + b) | 0
  ),
  AddN: ({ from, operands }) =>
    operands.reduce((sum, x) => (from === "float32" ? f(sum + x) : (sum + x) | 0)),
  Cast: cast,
  ClipByValue: (application) =>
    Math.max(
      attribute(application, "clipValueMin", Number.NEGATIVE_INFINITY),
      Math.min(application.operands[0]!, attribute(application, "clipValueMax", Number.POSITIVE_INFINITY))
    ),
  Elu: unary((x) => (x >= 0 ? x : Float64.expm1(x))),
  EluGrad: binary((dy, y) => (y >= 0 ? dy : f(dy * f(y + 1)))),
  Equal: compare((a, b) => a === b),
  Exp: unary(Float64.exp),
  Expm1: unary(Float64.expm1),
  FloorDiv: binary(
    (a, b) => Math.floor(f(a / b)),
    (a, b) => (b === 0 ? 0 : truncated(Math.floor(a / b)))
  ),
  Greater: compare((a, b) => a > b),
  GreaterEqual: compare((a, b) => a >= b),
  LeakyRelu: (application) => {
    const [x = 0] = application.operands
    return x < 0 ? f(x * attribute(application, "alpha", 0.2)) : x
  },
  Less: compare((a, b) => a < b),
  LessEqual: compare((a, b) => a <= b),
  Log: unary(Float64.log),
  Log1p: unary(Float64.log1p),
  LogicalAnd: binary((a, b) => a & b),
  LogicalNot: unary((x) => 1 - x),
  LogicalOr: binary((a, b) => a | b),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Multiply: binary((a, b) => f(a * b), Math.imul),
  Neg: unary(
    (x) => -x,
    (x) => -x | 0
  ),
  NotEqual: compare((a, b) => a !== b),
  OnesLike: () => 1,
  Pow: binary(Float64.pow),
  RealDiv: binary((a, b) => f(a / b)),
  Reciprocal: unary((x) => f(1 / x)),
  Relu: unary(relu),
  Relu6: unary((x) => Math.min(relu(x), 6)),
  Rsqrt: unary(Float64.rsqrt),
  Select: ({ operands: [condition, t, e] }) => (condition === 0 ? e! : t!),
  Selu: unary(Float64.selu),
  Sigmoid: unary(Float64.sigmoid),
  Sign: unary((x) => Number(x > 0) - Number(x < 0)),
  Softplus: unary(Float64.softplus),
  Sqrt: unary((x) => f(Math.sqrt(x))),
  Square: unary(
    (x) => f(x * x),
    (x) => Math.imul(x, x)
  ),
  SquaredDifference: binary(
    (a, b) => f(f(a - b) * f(a - b)),
    (a, b) => Math.imul(a - b, a - b)
  ),
  Step: (application) => {
    const [x = 0] = application.operands
    return Number.isNaN(x) ? x : x > 0 ? 1 : attribute(application, "alpha", 0)
  },
  Sub: binary(
    (a, b) => f(a - b),
    (a, b) => (a - b) | 0
  ),
  Tanh: unary(Float64.tanh),
  ZerosLike: () => 0
}

export const apply = (kernel: string, application: Application): number => {
  const found = kernels[kernel]
  if (found === undefined) throw new RangeError(`there is no kernel ${kernel}`)
  return found(application)
}
