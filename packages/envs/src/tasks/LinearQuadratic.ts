/**
 * LinearQuadratic: the linear-quadratic regulator, whose optimum is known in closed form. One step is
 *
 *     x <- A x + B u,   reward -(x' Q x + u' R u) of the state before the step
 *
 * It never terminates. With discount gamma, the optimal policy is u = -K x and its value -x' P x, where P solves
 * P = Q + gamma A' P (A - B K), K = (R + gamma B' P B)^-1 gamma B' P A (the discounted Riccati equation; Bertsekas,
 * "Dynamic Programming and Optimal Control", 2017, section 3.1).
 *
 * ```ts
 * const { gain, cost } = LinearQuadratic.optimum({}, 0.99)
 * ```
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"

// models

/** Row by row. */
export type Matrix = ReadonlyArray<ReadonlyArray<number>>

const Matrix = Schema.NonEmptyArray(Schema.NonEmptyArray(Schema.Finite))

const isShaped = (matrix: Matrix, rows: number, columns: number): boolean =>
  matrix.length === rows && matrix.every((row) => row.length === columns)

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("linearQuadratic"),
    a: Matrix.annotate({ description: "[states, states]: by default a point on a line, 0.1 s a step" }).pipe(
      Field.withDefault([
        [1, 0.1],
        [0, 1]
      ])
    ),
    b: Matrix.annotate({ description: "[states, actions]" }).pipe(Field.withDefault([[0.005], [0.1]])),
    q: Matrix.annotate({
      description: "[states, states], symmetric and positive semidefinite: the cost of states"
    }).pipe(
      Field.withDefault([
        [1, 0],
        [0, 0.1]
      ])
    ),
    r: Matrix.annotate({
      description: "[actions, actions], symmetric and positive definite: the cost of actions"
    }).pipe(Field.withDefault([[0.1]])),
    actionBound: Field.positive
      .annotate({
        description: "actions come from [-bound, bound]: wide enough for the optimum from the first states"
      })
      .pipe(Field.withDefault(5)),
    initialRange: Field.nonNegative
      .annotate({ description: "first states are uniform on [-range, range]" })
      .pipe(Field.withDefault(1)),
    timeLimit: Field.positiveInt
      .annotate({ description: "steps after which an episode is cut off" })
      .pipe(Field.withDefault(100))
  }).check(
    Schema.makeFilter(({ a, b, q, r }) => {
      const [n, m] = [a.length, b[0].length]
      const shapes = [
        ["a", a, n, n],
        ["b", b, n, m],
        ["q", q, n, n],
        ["r", r, m, m]
      ] as const
      const wrong = shapes.find(([, matrix, rows, columns]) => !isShaped(matrix, rows, columns))
      return wrong === undefined ? true : { path: [wrong[0]], issue: `is not ${wrong[2]} by ${wrong[3]}` }
    })
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** [states, states]: by default a point on a line, 0.1 s a step */
  readonly a?: Options["a"]
  /** [states, actions] */
  readonly b?: Options["b"]
  /** [states, states], symmetric and positive semidefinite: the cost of states */
  readonly q?: Options["q"]
  /** [actions, actions], symmetric and positive definite: the cost of actions */
  readonly r?: Options["r"]
  /** actions come from [-bound, bound]: wide enough for the optimum from the first states */
  readonly actionBound?: number
  /** first states are uniform on [-range, range] */
  readonly initialRange?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
}

/** The optimal policy u = -gain x, and its value -x' cost x. */
export interface Optimum {
  readonly gain: Matrix
  readonly cost: Matrix
}

// pure core: small matrices

const multiply = (x: Matrix, y: Matrix): Matrix =>
  x.map((row) => y[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * y[k]![j]!, 0)))

const transpose = (x: Matrix): Matrix => x[0]!.map((_, j) => x.map((row) => row[j]!))

/** `x + factor y` */
const add = (x: Matrix, y: Matrix, factor = 1): Matrix =>
  x.map((row, i) => row.map((value, j) => value + factor * y[i]![j]!))

/** The solution of `x s = y`, by elimination; x is positive definite, so no pivoting. */
const solve = (x: Matrix, y: Matrix): Matrix => {
  const n = x.length
  const rows = x.map((row, i) => [...row, ...y[i]!])
  for (let i = 0; i < n; i++) {
    const pivot = rows[i]!
    for (let k = 0; k < n; k++) {
      const row = rows[k]!
      if (k === i) continue
      const factor = row[i]! / pivot[i]!
      for (let j = i; j < row.length; j++) row[j] = row[j]! - factor * pivot[j]!
    }
  }
  return rows.map((row, i) => row.slice(n).map((value) => value / row[i]!))
}

/** The largest element, whatever its sign. */
const largest = (m: Matrix): number => m.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0)

/** x' M x */
const form = (m: Matrix, x: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < m.length; i++) for (let j = 0; j < m.length; j++) sum += x[i]! * m[i]![j]! * x[j]!
  return sum
}

/** The optimum for a discount in [0, 1], by iterating the Riccati equation until it stands still. */
export const optimum = (options: Input, discount: number): Optimum => {
  const { a, b, q, r } = Field.make("linearQuadratic", Options, options)
  const gainOf = (cost: Matrix): Matrix => {
    const weighted = multiply(transpose(b), cost).map((row) => row.map((value) => discount * value))
    return solve(add(r, multiply(weighted, b)), multiply(weighted, a))
  }
  const next = (cost: Matrix): Matrix => {
    const closed = add(a, multiply(b, gainOf(cost)), -1)
    const future = multiply(transpose(a), multiply(cost, closed))
    return add(q, future, discount)
  }
  let cost: Matrix = q
  for (let i = 0; i < 100_000; i++) {
    const better = next(cost)
    const change = largest(add(better, cost, -1))
    cost = better
    if (change <= 1e-13 * largest(cost)) return { gain: gainOf(cost), cost }
  }
  throw new RangeError(`the Riccati equation with discount ${discount} has no finite solution`)
}

/** The value of a state under the optimal policy, -x' P x. */
export const value = ({ cost }: Optimum, state: ArrayLike<number>): number => -form(cost, state)

/** The optimal action -K x. */
export const act = ({ gain }: Optimum, state: ReadonlyArray<number>): ReadonlyArray<number> =>
  gain.map((row) => -row.reduce((sum, value, j) => sum + value * state[j]!, 0))

/** Each number of the state as a point on its own line, the first one red. */
const render = (state: Float64Array): Scene.Scene => ({
  left: -2,
  right: 2,
  bottom: -1,
  top: 1,
  background: Scene.white,
  shapes: [
    Scene.line(
      [
        [0, -1],
        [0, 1]
      ],
      0.01,
      [180, 180, 180]
    ),
    ...Array.from(state, (x, i) => {
      const y = 0.8 - (1.6 * (i + 0.5)) / state.length
      return Scene.circle([x, y], 0.06, i === 0 ? [204, 77, 77] : [77, 77, 204])
    })
  ]
})

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const { a, b, q, r, actionBound, initialRange, timeLimit } = Field.make("linearQuadratic", Options, options)
  const [n, m] = [a.length, b[0].length]
  const next = (x: Float64Array, u: Space.Numbers): Float64Array => {
    const moved = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += a[i]![j]! * x[j]!
      for (let j = 0; j < m; j++) sum += b[i]![j]! * u[j]!
      moved[i] = sum
    }
    return moved
  }
  return Environment.define({
    id: "LinearQuadratic-v0",
    description: "Bring a linear system to rest at a quadratic cost; the optimum is known",
    source: "Closed form (discounted Riccati equation)",
    observation: Space.box({ shape: [n], low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }),
    action: Space.box({ shape: [m], low: -actionBound, high: actionBound }),
    timeLimit,
    // A system of one's own says nothing of time.
    ...(options.a === undefined && options.b === undefined ? { timeStep: 0.1 } : {}),
    reset: (key): Float64Array => Key.uniforms(key, new Float64Array(n), -initialRange, initialRange),
    step: (state, action) => ({
      state: next(state, action),
      reward: -(form(q, state) + form(r, action)),
      terminated: false
    }),
    observe: (state, out) => out.set(state),
    render
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Bring a linear system to rest at a quadratic cost; the optimum is known",
    source: "closed form (discounted Riccati equation)",
    example: { actionBound: 3, initialRange: 0.5, timeLimit: 50 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "LinearQuadratic-v0", options: {} }]
}
