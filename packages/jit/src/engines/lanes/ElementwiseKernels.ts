/**
 * What each elementwise kernel computes, on vectors of any width: `float32`, `int32`, and `bool` as a mask, all bits set
 * for true. Special values follow TensorFlow.js' CPU backend.
 */
import type { Graph, NdArray } from "../../graph/index.ts"
import type { Float32, Int32, Lanes } from "./Lanes.ts"
import * as MathFunctions from "./MathFunctions.ts"

// models

/** One application of a kernel. */
export interface Application<V> {
  readonly lanes: Lanes<V>
  readonly operands: ReadonlyArray<V>
  /** The operands' element type, that of the first that is not a condition. */
  readonly from: NdArray.DType
  readonly to: NdArray.DType
  readonly attributes: Graph.Attributes
  /** The second operand where it is one number known at compile time. */
  readonly constant: number | undefined
}

/** The result; `undefined` where the kernel is not defined for the element type. */
type Rule = <V>(application: Application<V>) => V | undefined

type Unary = <V>(lanes: Lanes<V>, x: V, application: Application<V>) => V
type Binary = <V>(lanes: Lanes<V>, a: V, b: V, application: Application<V>) => V

// pure core: shapes of rules

const operand = <V>({ operands }: Application<V>, i: number): V => {
  const value = operands[i]
  if (value === undefined) throw new RangeError(`an elementwise kernel has no operand ${i}`)
  return value
}

const unary =
  (float: Unary, int?: Unary): Rule =>
  (application) => {
    const rule = application.from === "float32" ? float : application.from === "int32" ? int : undefined
    return rule?.(application.lanes, operand(application, 0), application)
  }

const binary =
  (float: Binary, int?: Binary, bool?: Binary): Rule =>
  (application) => {
    const rule = { float32: float, int32: int, bool }[application.from]
    return rule?.(application.lanes, operand(application, 0), operand(application, 1), application)
  }

/** The instruction of that name, for `float32` and `int32` alike. */
const both = (name: keyof Float32<unknown> & keyof Int32<unknown> & BinaryName): Rule =>
  binary(
    (lanes, a, b) => lanes.float32[name](a, b),
    (lanes, a, b) => lanes.int32[name](a, b)
  )

type BinaryName = "add" | "sub" | "mul" | "min" | "max" | "lt" | "gt" | "le" | "ge"

const logical =
  (rule: <V>(lanes: Lanes<V>, operands: ReadonlyArray<V>) => V | undefined): Rule =>
  ({ lanes, operands, from }) =>
    from === "bool" ? rule(lanes, operands) : undefined

const transcendental = (f: keyof Omit<typeof MathFunctions, "pow">): Rule =>
  unary(({ math }, x) => math(MathFunctions[f], x))

// pure core: pieces

const attribute = (attributes: Graph.Attributes, name: string, otherwise: number): number => {
  const value = attributes[name]
  return typeof value === "number" ? value : otherwise
}

/** -0 becomes 0, as in TensorFlow.js' `max(0, x)`: the sum does that, and leaves all else as it is. */
const relu: Unary = ({ float32: { add, const: number, pmax } }, x) => add(pmax(x, number(0)), number(0))

const cast: Rule = (application) => {
  const x = operand(application, 0)
  const { from, lanes, to } = application
  const { and, float32, int32 } = lanes
  if (from === to) return x
  switch (to) {
    case "float32":
      return from === "int32" ? float32.fromInt32(x) : and(x, float32.const(1))
    case "int32":
      return from === "float32" ? int32.fromFloat32(x) : and(x, int32.const(1))
    case "bool":
      return from === "float32" ? float32.ne(x, float32.const(0)) : int32.ne(x, int32.const(0))
  }
}

const filled =
  (value: number): Rule =>
  ({ lanes, to }) =>
    to === "float32" ? lanes.float32.const(value) : lanes.int32.const(to === "int32" ? value : -value)

const pow: Binary = ({ float32, math }, a, b, { constant }) => {
  switch (constant) {
    case 1:
      return a
    case 2:
      return float32.mul(a, a)
    case -1:
      return float32.div(float32.const(1), a)
    default:
      return math(MathFunctions.pow, a, b)
  }
}

const elu: Unary = ({ float32, math, select }, x) =>
  select(float32.ge(x, float32.const(0)), x, math(MathFunctions.expm1, x))

const leakyRelu: Unary = ({ float32, select }, x, { attributes }) =>
  select(
    float32.lt(x, float32.const(0)),
    float32.mul(x, float32.const(attribute(attributes, "alpha", 0.2))),
    x
  )

/** NaN stays. */
const step: Unary = ({ float32, select }, x, { attributes }) =>
  select(
    float32.eq(x, x),
    select(
      float32.gt(x, float32.const(0)),
      float32.const(1),
      float32.const(attribute(attributes, "alpha", 0))
    ),
    x
  )

const sign: Unary = ({ and, float32: { const: number, gt, lt, sub } }, x) =>
  sub(and(gt(x, number(0)), number(1)), and(lt(x, number(0)), number(1)))

const clip: Unary = ({ float32: { const: number, max, min } }, x, { attributes }) =>
  max(
    number(attribute(attributes, "clipValueMin", Number.NEGATIVE_INFINITY)),
    min(x, number(attribute(attributes, "clipValueMax", Number.POSITIVE_INFINITY)))
  )

const sum: Rule = ({ lanes, operands, from }) => {
  const [first, ...rest] = operands
  const { add } = from === "float32" ? lanes.float32 : lanes.int32
  return first === undefined || from === "bool" ? undefined : rest.reduce((a, b) => add(a, b), first)
}

// pure core: the table

const rules: { readonly [kernel: string]: Rule } = {
  Abs: unary(
    ({ float32 }, x) => float32.abs(x),
    ({ int32 }, x) => int32.abs(x)
  ),
  Add: both("add"),
  AddN: sum,
  Cast: cast,
  ClipByValue: unary(clip),
  Elu: unary(elu),
  EluGrad: binary(({ float32: { add, const: number, ge, mul }, select }, dy, y) =>
    select(ge(y, number(0)), dy, mul(dy, add(y, number(1))))
  ),
  Equal: binary(
    ({ float32 }, a, b) => float32.eq(a, b),
    ({ int32 }, a, b) => int32.eq(a, b),
    ({ int32 }, a, b) => int32.eq(a, b)
  ),
  Exp: transcendental("exp"),
  Expm1: transcendental("expm1"),
  FloorDiv: binary(
    ({ float32 }, a, b) => float32.floor(float32.div(a, b)),
    ({ and, int32 }, a, b) => and(int32.floorOfQuotient(a, b), int32.ne(b, int32.const(0)))
  ),
  Greater: both("gt"),
  GreaterEqual: both("ge"),
  LeakyRelu: unary(leakyRelu),
  Less: both("lt"),
  LessEqual: both("le"),
  Log: transcendental("log"),
  Log1p: transcendental("log1p"),
  LogicalAnd: logical(({ and }, [a, b]) => (a === undefined || b === undefined ? undefined : and(a, b))),
  LogicalNot: logical(({ not }, [x]) => (x === undefined ? undefined : not(x))),
  LogicalOr: logical(({ or }, [a, b]) => (a === undefined || b === undefined ? undefined : or(a, b))),
  Maximum: both("max"),
  Minimum: both("min"),
  Multiply: binary(
    ({ float32 }, a, b) => float32.mul(a, b),
    ({ int32 }, a, b) => int32.mul(a, b),
    ({ and }, a, b) => and(a, b)
  ),
  Neg: unary(
    ({ float32 }, x) => float32.neg(x),
    ({ int32 }, x) => int32.neg(x)
  ),
  NotEqual: binary(
    ({ float32 }, a, b) => float32.ne(a, b),
    ({ int32 }, a, b) => int32.ne(a, b),
    ({ int32 }, a, b) => int32.ne(a, b)
  ),
  OnesLike: filled(1),
  Pow: binary(pow),
  RealDiv: binary(({ float32 }, a, b) => float32.div(a, b)),
  Reciprocal: unary(({ float32 }, x) => float32.div(float32.const(1), x)),
  Relu: unary(relu, ({ int32 }, x) => int32.max(x, int32.const(0))),
  Relu6: unary((lanes, x, application) =>
    lanes.float32.min(relu(lanes, x, application), lanes.float32.const(6))
  ),
  Rsqrt: transcendental("rsqrt"),
  Select: ({ lanes, operands: [condition, t, e] }) =>
    condition === undefined || t === undefined || e === undefined ? undefined : lanes.select(condition, t, e),
  Selu: transcendental("selu"),
  Sigmoid: transcendental("sigmoid"),
  Sign: unary(sign),
  Softplus: transcendental("softplus"),
  Sqrt: unary(({ float32 }, x) => float32.sqrt(x)),
  Square: unary(
    ({ float32 }, x) => float32.mul(x, x),
    ({ int32 }, x) => int32.mul(x, x)
  ),
  SquaredDifference: binary(
    ({ float32: { mul, sub }, keep }, a, b) => {
      const difference = keep(sub(a, b))
      return mul(difference, difference)
    },
    ({ int32: { mul, sub }, keep }, a, b) => {
      const difference = keep(sub(a, b))
      return mul(difference, difference)
    }
  ),
  Step: unary(step),
  Sub: both("sub"),
  Tanh: transcendental("tanh"),
  ZerosLike: filled(0)
}

// combinators

/** The result of a kernel. Throws a `RangeError` where there is none for the element type: such is not planned. */
export const apply = <V>(kernel: string, application: Application<V>): V => {
  const value = rules[kernel]?.(application)
  if (value === undefined) throw new RangeError(`there is no code for ${kernel} of ${application.from}`)
  return value
}
