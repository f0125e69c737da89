/**
 * PointReach: a point in [-1, 1]^n, 256-dimensional by default, moves by its action and is to reach a goal. The action
 * is clipped to [-1, 1] and added, the sum clipped to [-1, 1]; the reward is minus the distance to the goal after the
 * move, and a distance below the radius terminates.
 *
 * Goal-conditioned, each episode draws its own goal, the observation is [position, goal], and the spec's `goals` tell
 * hindsight replay how to put another goal in.
 *
 * ```ts
 * const reach = PointReach.make({ dimensions: 2, goal: [0.5, -0.5] })
 * ```
 */
import * as Environment from "@ornstein/core/Environment"
import type * as Goals from "@ornstein/core/Goals"
import * as Field from "@ornstein/core/Field"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"

// models

/** Both of length n. */
export interface State extends Readonly<Record<string, Float64Array>> {
  readonly position: Float64Array
  readonly goal: Float64Array
}

/** The first layer of a network for so many dimensions alone holds millions of numbers. */
const MOST_DIMENSIONS = 10_000

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("pointReach"),
    dimensions: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MOST_DIMENSIONS }))
      .annotate({ description: "of the point, and of an action" })
      .pipe(Field.withDefault(256)),
    goal: Schema.Union([Schema.Finite, Schema.Array(Schema.Finite)])
      .annotate({ description: "one number for every dimension, or one for each" })
      .pipe(Field.withDefault(0)),
    goalConditioned: Schema.Boolean.annotate({
      description: "a new goal for each episode, uniform on [-1, 1]^n, and part of the observation"
    }).pipe(Field.withDefault(false)),
    reward: Schema.Literals(["distance", "sparse"])
      .annotate({
        description: "distance: minus the distance to the goal; sparse: 0 within the radius, else -1"
      })
      .pipe(Field.withDefault("distance")),
    radius: Field.positive
      .annotate({ description: "how near the goal is there" })
      .pipe(Field.withDefault(0.1)),
    timeLimit: Field.positiveInt
      .annotate({ description: "steps after which an episode is cut off" })
      .pipe(Field.withDefault(100))
  }).check(
    Schema.makeFilter(({ dimensions, goal }) =>
      typeof goal === "number" || goal.length === dimensions
        ? true
        : { path: ["goal"], issue: `has ${goal.length} numbers for ${dimensions} dimensions` }
    )
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** of the point, and of an action */
  readonly dimensions?: number
  /** one number for every dimension, or one for each */
  readonly goal?: number | ReadonlyArray<number>
  /** a new goal for each episode, uniform on [-1, 1]^n, and part of the observation */
  readonly goalConditioned?: boolean
  /** distance: minus the distance to the goal; sparse: 0 within the radius, else -1 */
  readonly reward?: "distance" | "sparse"
  /** how near the goal is there */
  readonly radius?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
}

// pure core

/** The Euclidean distance of two points. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const d = a[i]! - b[i]!
    sum += d * d
  }
  return Math.sqrt(sum)
}

const rewardAt = ({ reward, radius }: Pick<Options, "reward" | "radius">, away: number): number =>
  reward === "distance" ? -away : away < radius ? 0 : -1

/** What hindsight needs to know: in an observation [position, goal] the goal reached is the position. */
const goalsOf = (rules: Pick<Options, "dimensions" | "reward" | "radius">): Goals.Goals => ({
  size: rules.dimensions,
  achieved: (observation, out) => {
    for (let i = 0; i < rules.dimensions; i++) out[i] = observation[i]!
  },
  desired: (observation, out) => {
    for (let i = 0; i < rules.dimensions; i++) out[i] = observation[rules.dimensions + i]!
  },
  setGoal: (observation, goal) => observation.set(goal, rules.dimensions),
  reward: (achieved, goal) => rewardAt(rules, distance(achieved, goal)),
  isTerminal: (achieved, goal) => distance(achieved, goal) < rules.radius
})

const clip = (x: number): number => (x < -1 ? -1 : x > 1 ? 1 : x)

const move = (position: Float64Array, action: Space.Numbers): Float64Array => {
  const moved = new Float64Array(position.length)
  for (let i = 0; i < moved.length; i++) moved[i] = clip(position[i]! + clip(action[i]!))
  return moved
}

const fixedGoal = ({ dimensions, goal }: Pick<Options, "dimensions" | "goal">): Float64Array =>
  typeof goal === "number" ? new Float64Array(dimensions).fill(goal) : Float64Array.from(goal)

// rendering: positions as a heat map, blue at -1, white at 0, red at 1; in two dimensions, a map

const tint = (value: number): Scene.Colour => {
  const fade = Math.round(255 * (1 - Math.min(1, Math.abs(value))))
  return value < 0 ? [fade, fade, 255] : [255, fade, fade]
}

const heatMap = ({ position, goal }: State): Scene.Scene => {
  const columns = Math.ceil(Math.sqrt(position.length))
  const rows = Math.ceil(position.length / columns)
  const cells = Array.from(position, (value, i) => {
    const [x, y] = [i % columns, rows - 1 - Math.floor(i / columns)]
    return Scene.rectangle([x, y], [x + 1, y + 1], tint(value))
  })
  const label: Scene.Shape = {
    _tag: "Text",
    at: [0.04 * rows, -0.075 * rows],
    text: `distance ${distance(position, goal).toFixed(3)}`,
    height: 0.035 * rows,
    fill: [90, 90, 90]
  }
  return {
    left: 0,
    right: columns,
    bottom: -0.12 * rows,
    top: 1.12 * rows,
    background: Scene.white,
    shapes: [...cells, label]
  }
}

const map = ({ position, goal }: State, radius: number): Scene.Scene => ({
  left: -1.1,
  right: 1.1,
  bottom: -1.1,
  top: 1.1,
  background: Scene.white,
  shapes: [
    Scene.circle([goal[0]!, goal[1]!], radius, [180, 220, 180]),
    Scene.circle([position[0]!, position[1]!], 0.04, [204, 77, 77])
  ]
})

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const rules = Field.make("pointReach", Options, options)
  const { dimensions: n, goalConditioned, radius, timeLimit } = rules
  const draw = (key: Key.Key) => Key.uniforms(key, new Float64Array(n), -1, 1)
  return Environment.define({
    id: goalConditioned ? "PointReachGoal-v0" : "PointReach-v0",
    description: `Bring a point of ${n} dimensions to its goal`,
    source: "Ornstein, after a DDPG notebook",
    observation: Space.box({ shape: [goalConditioned ? 2 * n : n], low: -1, high: 1 }),
    action: Space.box({ shape: [n], low: -1, high: 1 }),
    timeLimit,
    ...(goalConditioned ? { goals: goalsOf(rules) } : {}),
    clipsActions: true,
    reset: (key): State => ({
      position: draw(Key.fold(key, "position")),
      goal: goalConditioned ? draw(Key.fold(key, "goal")) : fixedGoal(rules)
    }),
    step: ({ position, goal }, action) => {
      const next = move(position, action)
      const away = distance(next, goal)
      return { state: { position: next, goal }, reward: rewardAt(rules, away), terminated: away < radius }
    },
    observe: ({ position, goal }, out) => {
      out.set(position)
      if (goalConditioned) out.set(goal, n)
    },
    render: (state) => (n === 2 ? map(state, radius) : heatMap(state))
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Bring a point of many dimensions to its goal",
    source: "our own, after a DDPG notebook",
    requires: [
      {
        at: "goal",
        check: ({ goal, goalConditioned }) =>
          goalConditioned && goal !== 0
            ? "has no effect with goalConditioned, which draws a goal for each episode; leave it out"
            : undefined
      }
    ],
    example: { dimensions: 2, goalConditioned: true, reward: "sparse", radius: 0.2, timeLimit: 50 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [
    { id: "PointReach-v0", options: {} },
    { id: "PointReachGoal-v0", options: { goalConditioned: true } }
  ]
}
