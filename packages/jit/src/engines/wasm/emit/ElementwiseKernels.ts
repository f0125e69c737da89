/**
 * What each elementwise kernel computes, as code on vectors of four elements: `float32` in `f32x4`, `int32` in
 * `i32x4`, and `bool` as a mask, all bits set for true. Special values follow TensorFlow.js' CPU backend.
 */
import type { Graph, NdArray } from "../../../graph/index.ts"
import { type Code, f32x4, f64x2, highHalf, i32x4, type Local, lowHalves, v128 } from "../assembly/index.ts"
import type { MathFunctions } from "./MathFunctions.ts"

// models

/** One application of a kernel: its operands in registers and what else it may need. */
export interface Application {
  readonly operands: ReadonlyArray<Local>
  /** The operands' element type, that of the first that is not a condition. */
  readonly from: NdArray.DType
  readonly to: NdArray.DType
  readonly attributes: Graph.Attributes
  /** The second operand where it is one number known at compile time. */
  readonly constant: number | undefined
  readonly math: MathFunctions
  /** A register for something in between. */
  readonly spare: Local
}

/** Leaves the result on the stack; `undefined` where the kernel is not defined for the element type. */
type Rule = (application: Application) => Code | undefined

// pure core: pieces

const ZERO = f32x4.const(0)
const ONE = f32x4.const(1)

const attribute = (attributes: Graph.Attributes, name: string, otherwise: number): number => {
  const value = attributes[name]
  return typeof value === "number" ? value : otherwise
}

/** -0 becomes 0, as in TensorFlow.js' `max(0, x)`: the sum does that, and leaves all else as it is. */
const relu = (x: Code): Code => f32x4.add(f32x4.pmax(x, ZERO), ZERO)

const notNan = (x: Local, result: Code): Code => v128.bitselect(result, x.get, f32x4.eq(x.get, x.get))

/** `floor(a / b)` of integers, exact in float64; 0 where b is 0. */
const floorDivide = (a: Local, b: Local): Code => {
  const half = (part: (x: Code) => Code): Code =>
    i32x4.truncSatF64x2Zero(
      f64x2.floor(f64x2.div(f64x2.fromLowI32x4(part(a.get)), f64x2.fromLowI32x4(part(b.get))))
    )
  return v128.and(
    lowHalves(
      half((x) => x),
      half(highHalf)
    ),
    i32x4.ne(b.get, i32x4.const(0))
  )
}

// pure core: shapes of rules

type Unary = (x: Local, application: Application) => Code
type Binary = (a: Local, b: Local, application: Application) => Code

const operand = ({ operands }: Application, i: number): Local => {
  const local = operands[i]
  if (local === undefined) throw new RangeError(`an elementwise kernel has no operand ${i}`)
  return local
}

const unary =
  (float: Unary, int?: Unary): Rule =>
  (application) => {
    const rule = application.from === "float32" ? float : application.from === "int32" ? int : undefined
    return rule?.(operand(application, 0), application)
  }

const binary =
  (float: Binary, int?: Binary, bool?: Binary): Rule =>
  (application) => {
    const rule = { float32: float, int32: int, bool }[application.from]
    return rule?.(operand(application, 0), operand(application, 1), application)
  }

const arithmetic = (
  float: (a: Code, b: Code) => Code,
  int?: (a: Code, b: Code) => Code,
  bool?: (a: Code, b: Code) => Code
): Rule => {
  const lift =
    (f: (a: Code, b: Code) => Code): Binary =>
    (a, b) =>
      f(a.get, b.get)
  return binary(lift(float), int && lift(int), bool && lift(bool))
}

const logical =
  (rule: (operands: ReadonlyArray<Code>) => Code): Rule =>
  ({ operands, from }) =>
    from === "bool" ? rule(operands.map(({ get }) => get)) : undefined

const cast: Rule = (application) => {
  const x = operand(application, 0)
  const { from, to } = application
  if (from === to) return x.get
  switch (to) {
    case "float32":
      return from === "int32" ? f32x4.fromI32x4(x.get) : v128.and(x.get, ONE)
    case "int32":
      return from === "float32" ? i32x4.truncSatF32x4(x.get) : v128.and(x.get, i32x4.const(1))
    case "bool":
      return from === "float32" ? f32x4.ne(x.get, ZERO) : i32x4.ne(x.get, i32x4.const(0))
  }
}

const filled =
  (value: number): Rule =>
  ({ to }) =>
    to === "float32" ? f32x4.const(value) : i32x4.const(to === "int32" ? value : -value)

const pow: Binary = (a, b, { constant, math }) => {
  switch (constant) {
    case 1:
      return a.get
    case 2:
      return f32x4.mul(a.get, a.get)
    case -1:
      return f32x4.div(ONE, a.get)
    default:
      return math.pow(a.get, b.get)
  }
}

const elu: Unary = (x, { math }) => v128.bitselect(x.get, math.expm1(x.get), f32x4.ge(x.get, ZERO))

const leakyRelu: Unary = (x, { attributes }) =>
  v128.bitselect(
    f32x4.mul(x.get, f32x4.const(attribute(attributes, "alpha", 0.2))),
    x.get,
    f32x4.lt(x.get, ZERO)
  )

const step: Unary = (x, { attributes }) =>
  notNan(x, v128.bitselect(ONE, f32x4.const(attribute(attributes, "alpha", 0)), f32x4.gt(x.get, ZERO)))

const sign: Unary = (x) =>
  f32x4.sub(v128.and(f32x4.gt(x.get, ZERO), ONE), v128.and(f32x4.lt(x.get, ZERO), ONE))

const clip: Unary = (x, { attributes }) =>
  f32x4.max(
    f32x4.const(attribute(attributes, "clipValueMin", Number.NEGATIVE_INFINITY)),
    f32x4.min(x.get, f32x4.const(attribute(attributes, "clipValueMax", Number.POSITIVE_INFINITY)))
  )

const sum: Rule = ({ operands, from }) => {
  const [first, ...rest] = operands.map(({ get }) => get)
  const add = from === "float32" ? f32x4.add : i32x4.add
  return first === undefined || from === "bool" ? undefined : rest.reduce(add, first)
}

// pure core: the table

const rules: { readonly [kernel: string]: Rule } = {
  Abs: unary(
    ({ get }) => f32x4.abs(get),
    ({ get }) => i32x4.abs(get)
  ),
  Add: arithmetic(f32x4.add, i32x4.add),
  AddN: sum,
  Cast: cast,
  ClipByValue: unary(clip),
  Elu: unary(elu),
  EluGrad: binary((dy, y) =>
    v128.bitselect(dy.get, f32x4.mul(dy.get, f32x4.add(y.get, ONE)), f32x4.ge(y.get, ZERO))
  ),
  Equal: arithmetic(f32x4.eq, i32x4.eq, i32x4.eq),
  Exp: unary(({ get }, { math }) => math.exp(get)),
  Expm1: unary(({ get }, { math }) => math.expm1(get)),
  FloorDiv: binary((a, b) => f32x4.floor(f32x4.div(a.get, b.get)), floorDivide),
  Greater: arithmetic(f32x4.gt, i32x4.gtS),
  GreaterEqual: arithmetic(f32x4.ge, i32x4.geS),
  LeakyRelu: unary(leakyRelu),
  Less: arithmetic(f32x4.lt, i32x4.ltS),
  LessEqual: arithmetic(f32x4.le, i32x4.leS),
  Log: unary(({ get }, { math }) => math.log(get)),
  Log1p: unary(({ get }, { math }) => math.log1p(get)),
  LogicalAnd: logical(([a = [], b = []]) => v128.and(a, b)),
  LogicalNot: logical(([x = []]) => v128.not(x)),
  LogicalOr: logical(([a = [], b = []]) => v128.or(a, b)),
  Maximum: arithmetic(f32x4.max, i32x4.maxS),
  Minimum: arithmetic(f32x4.min, i32x4.minS),
  Multiply: arithmetic(f32x4.mul, i32x4.mul, v128.and),
  Neg: unary(
    ({ get }) => f32x4.neg(get),
    ({ get }) => i32x4.neg(get)
  ),
  NotEqual: arithmetic(f32x4.ne, i32x4.ne, i32x4.ne),
  OnesLike: filled(1),
  Pow: binary(pow),
  RealDiv: arithmetic(f32x4.div),
  Reciprocal: unary(({ get }) => f32x4.div(ONE, get)),
  Relu: unary(
    ({ get }) => relu(get),
    ({ get }) => i32x4.maxS(get, i32x4.const(0))
  ),
  Relu6: unary(({ get }) => f32x4.min(relu(get), f32x4.const(6))),
  Rsqrt: unary(({ get }, { math }) => math.rsqrt(get)),
  Select: ({ operands: [condition, t, e] }) =>
    condition && t && e && v128.bitselect(t.get, e.get, condition.get),
  Selu: unary(({ get }, { math }) => math.selu(get)),
  Sigmoid: unary(({ get }, { math }) => math.sigmoid(get)),
  Sign: unary(sign),
  Softplus: unary(({ get }, { math }) => math.softplus(get)),
  Sqrt: unary(({ get }) => f32x4.sqrt(get)),
  Square: unary(
    ({ get }) => f32x4.mul(get, get),
    ({ get }) => i32x4.mul(get, get)
  ),
  SquaredDifference: binary(
    (a, b, { spare }) => f32x4.mul(spare.tee(f32x4.sub(a.get, b.get)), spare.get),
    (a, b, { spare }) => i32x4.mul(spare.tee(i32x4.sub(a.get, b.get)), spare.get)
  ),
  Step: unary(step),
  Sub: arithmetic(f32x4.sub, i32x4.sub),
  Tanh: unary(({ get }, { math }) => math.tanh(get)),
  ZerosLike: filled(0)
}

// combinators

/** The code of a kernel. Throws a `RangeError` where there is none for the element type: such is not planned. */
export const apply = (kernel: string, application: Application): Code => {
  const code = rules[kernel]?.(application)
  if (code === undefined) throw new RangeError(`there is no code for ${kernel} of ${application.from}`)
  return code
}
