/**
 * Probes: worlds so small that a learner which fails one of them has one particular fault. Each is solved in seconds, and
 * its optimum is known.
 *
 * | world | observation, reward | a learner that fails |
 * | --- | --- | --- |
 * | `constant` | 0; one step, reward 1 | cannot fit a value, or bootstraps past the end |
 * | `observation` | 1 or -1; one step, reward the observation | loses the observation on its way to the critic |
 * | `delayed` | 0, then 1; two steps, reward 1 at the second | discounts wrongly |
 * | `endless` | 0; reward 1, never terminates, truncated after 10 steps | takes truncation for termination |
 * | `action` | 0; one step, reward -(a - 0.5)^2 | moves its actor wrongly |
 * | `observationAction` | s = 1 or -1; one step, reward -(a - s / 2)^2 | loses the observation on its way to the actor |
 * | `deadEnd` | x in [0, 1] from 0; x <- x + 0.1 a; below 0: reward 1, the end | see below |
 *
 * `deadEnd` is the 1D-toy of Matheron, Perrin and Sigaud, "The problem with DDPG: understanding failures in
 * deterministic environments with sparse rewards" (2019): if exploration does not find the reward early, the actor
 * saturates where its gradient is zero, and DDPG never recovers although rewards are in its buffer.
 *
 * ```ts
 * const world = Probe.make({ world: "action" })
 * Probe.optimum("action", 0.99, 0) // { action: 0.5, value: 0 }
 * ```
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"

// models

/** The observation, and how many steps have been taken. */
export type State = readonly [observation: number, step: number]

export const World = Schema.Literals([
  "constant",
  "observation",
  "delayed",
  "endless",
  "action",
  "observationAction",
  "deadEnd"
])
export type World = typeof World.Type

/** Actions from [-1, 1]. */
const world = World.annotate({ description: "which fault of a learner the world shows" })

export class Options extends Schema.Opaque<Options>()(Schema.Struct({ kind: Schema.tag("probe"), world })) {}

/** Two actions: 0 stands for a = -0.5, 1 for a = 0.5. */
export const DiscreteOptions = Schema.Struct({ kind: Schema.tag("discreteProbe"), world })
export type DiscreteOptions = typeof DiscreteOptions.Type

/** What a learner should come to: the best action (none where all are alike) and the value of taking it. */
export interface Optimum {
  readonly action?: number
  readonly value: number
}

interface Rules {
  readonly description: string
  readonly timeLimit?: number
  readonly reset: (key: Key.Key) => number
  readonly step: (state: State, action: number) => Environment.Outcome<State>
  readonly optimum: (observation: number, discount: number) => Optimum
}

// pure core

const zero = (): number => 0

const sign = (key: Key.Key): number => (Key.uniform(key) < 0.5 ? -1 : 1)

const square = (x: number): number => x * x

const once =
  (reward: (observation: number, action: number) => number): Rules["step"] =>
  ([observation], action) => ({
    state: [observation, 1],
    reward: reward(observation, action),
    terminated: true
  })

const worlds: { readonly [W in World]: Rules } = {
  constant: {
    description: "One step, reward 1",
    reset: zero,
    step: once(() => 1),
    optimum: () => ({ value: 1 })
  },
  observation: {
    description: "One step, reward the observation",
    reset: sign,
    step: once((x) => x),
    optimum: (x) => ({ value: x })
  },
  delayed: {
    description: "Two steps, reward 1 at the second",
    reset: zero,
    step: ([, step]) => ({ state: [1, step + 1], reward: step, terminated: step === 1 }),
    optimum: (x, discount) => ({ value: x === 1 ? 1 : discount })
  },
  endless: {
    description: "Reward 1 for ever, truncated after 10 steps",
    timeLimit: 10,
    reset: zero,
    step: ([x, step]) => ({ state: [x, step + 1], reward: 1, terminated: false }),
    optimum: (_, discount) => ({ value: 1 / (1 - discount) })
  },
  action: {
    description: "One step, reward -(a - 0.5)^2",
    reset: zero,
    step: once((_, action) => -square(action - 0.5)),
    optimum: () => ({ action: 0.5, value: 0 })
  },
  observationAction: {
    description: "One step, reward -(a - s / 2)^2",
    reset: sign,
    step: once((x, action) => -square(action - x / 2)),
    optimum: (x) => ({ action: x / 2, value: 0 })
  },
  deadEnd: {
    description: "A reward behind the start, found only by early exploration",
    timeLimit: 50,
    reset: zero,
    step: ([x, step], action) => {
      const moved = x + 0.1 * action
      const isFound = moved < 0
      const state: State = [Math.max(0, Math.min(1, moved)), step + 1]
      return { state, reward: isFound ? 1 : 0, terminated: isFound }
    },
    optimum: (observation, discount) => {
      // As many steps of full length as bring the point to 0, and one more to the reward.
      let value = 1
      for (let x = observation; x - 0.1 >= 0; x -= 0.1) value *= discount
      return { action: -1, value }
    }
  }
}

/** The optimum in a state with this observation, for actions from [-1, 1]. */
export const optimum = (world: World, discount: number, observation: number): Optimum =>
  worlds[world].optimum(observation, discount)

const id = (prefix: string, world: World): string =>
  `${prefix}${world.charAt(0).toUpperCase()}${world.slice(1)}-v0`

const probe = <A extends Space.Space>(
  world: World,
  prefix: string,
  action: A,
  toNumber: (action: Environment.Action<A>) => number
): Environment.Environment<A> => {
  const { description, timeLimit, reset, step } = worlds[world]
  return Environment.define({
    id: id(prefix, world),
    description,
    source: world === "deadEnd" ? "Matheron et al., 2019" : "By hand",
    observation: Space.box({ shape: [1], low: -1, high: 1 }),
    action,
    ...(timeLimit === undefined ? {} : { timeLimit }),
    reset: (key): State => [reset(key), 0],
    step: (state, action) => step(state, toNumber(action)),
    observe: ([observation], out) => {
      out[0] = observation
    }
  })
}

// constructors

export const make = (options: Field.Input<typeof Options>): Environment.Environment<Space.Box> => {
  const { world } = Field.make("probe", Options, options)
  return probe(world, "Probe", Space.box({ shape: [1], low: -1, high: 1 }), (action) => action[0]!)
}

export const makeDiscrete = (
  options: Field.Input<typeof DiscreteOptions>
): Environment.Environment<Space.Discrete> => {
  const { world } = Field.make("discreteProbe", DiscreteOptions, options)
  return probe(world, "DiscreteProbe", Space.discrete(2), (index) => index - 0.5)
}

// part

const named = (
  prefix: string
): ReadonlyArray<{ readonly id: string; readonly options: { readonly world: World } }> =>
  World.literals.map((world) => ({ id: id(prefix, world), options: { world } }))

const described = {
  description: "a world so small that a learner which fails it has one particular fault",
  source: "by hand; deadEnd is Matheron et al., 2019",
  example: { world: "deadEnd" }
} as const

/** What a configuration names, for actions from a box. */
export const part = {
  ...Part.from([Options], { ...described, make: (options): Environment.Environment => make(options) }),
  named: named("Probe")
}

/** What a configuration names, for two actions. */
export const discretePart = {
  ...Part.from([DiscreteOptions], {
    ...described,
    make: (options): Environment.Environment => makeDiscrete(options)
  }),
  named: named("DiscreteProbe")
}
