/**
 * Environments: the worlds that agents act in.
 *
 * A user writes plain functions on a state that is a value (`define`); whoever wraps an engine with hidden state
 * implements `Instance` himself. Either way an `Environment` is a description from which a scope makes instances, and
 * an instance is stepped synchronously:
 *
 * ```ts
 * const integrator = Environment.define({
 *   id: "Integrator-v0",
 *   description: "Bring a point to 0 by pushing it",
 *   observation: Space.box({ shape: [1], low: -10, high: 10 }),
 *   action: Space.box({ shape: [1], low: -1, high: 1 }),
 *   timeLimit: 50,
 *   reset: (key) => 2 * Key.uniform(key) - 1,
 *   step: (x, action) => {
 *     const next = x + 0.1 * action[0]!
 *     return { state: next, reward: -next * next, terminated: false }
 *   },
 *   observe: (x, out) => { out[0] = x }
 * })
 * ```
 *
 * `terminated` means that the world has ended (no future reward), `truncated` that somebody stopped looking (a time
 * limit). Both true means terminal. Deterministic-policy learners require the service `Continuous`, learners with
 * discrete actions the service `Discrete`: a program that pairs the wrong two does not compile.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Key from "./Key.ts"
import type * as Scene from "./Scene.ts"
import * as Snapshot from "./Snapshot.ts"
import * as Space from "./Space.ts"

// errors

/** A fault in the middle of an episode or at its start: which environment, at which step, what, and how to fix it. */
export class EnvironmentError extends Schema.TaggedError<EnvironmentError>()("EnvironmentError", {
  environment: Schema.String,
  /** Steps taken in this episode before the fault; 0 right after a reset. */
  step: Schema.Int,
  reason: Schema.String,
  fix: Schema.String
}) {
  override get message(): string {
    return `${this.environment}, step ${this.step}: ${this.reason}. ${this.fix}`
  }
}

// models

/** What is known of an environment without making one. */
export interface Spec<A extends Space.Space = Space.Space> {
  /** A name with a version: `Pendulum-v1`. */
  readonly id: string
  readonly description: string
  readonly observation: Space.Box
  readonly action: A
  /** Episodes are truncated after this many steps. */
  readonly timeLimit?: number
  /** The mean return from which the task counts as solved. */
  readonly rewardThreshold?: number
  /** Where its truth comes from: a paper, a release of another library. */
  readonly source?: string
}

/**
 * A live environment. `observation`, `reward`, `terminated` and `truncated` describe the last `reset` or `step`;
 * `observation` is one array that is overwritten. Methods throw an `EnvironmentError`.
 */
export interface Instance {
  readonly observation: Space.Numbers
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
  readonly reset: (key: Key.Key) => void
  /** Numbers of the action space; a discrete action is an array of one index. */
  readonly step: (action: Space.Numbers) => void
  /** Everything that the future depends on. */
  readonly snapshot: () => Snapshot.Snapshot
  /** Continues from a snapshot, in this or another instance, bit for bit. */
  readonly restore: (snapshot: Snapshot.Snapshot) => void
  /** A picture of the current state, where the environment has one. */
  readonly render?: () => Scene.Scene
}

export interface Environment<A extends Space.Space = Space.Space> {
  readonly spec: Spec<A>
  readonly make: Effect.Effect<Instance, EnvironmentError, Scope.Scope>
}

export type Wrapper = <A extends Space.Space>(self: Environment<A>) => Environment<A>

/** What `step` of a definition is given: an index for a discrete space, numbers for a box. */
export type Action<A extends Space.Space> = A extends Space.Discrete ? number : Space.Numbers

export interface Outcome<State> {
  readonly state: State
  readonly reward: number
  readonly terminated: boolean
  readonly truncated?: boolean
}

/** An environment as plain functions. The state is a value: `step` returns a new one and leaves the old one alone. */
export interface Definition<State extends Snapshot.Snapshot, A extends Space.Space> extends Spec<A> {
  readonly reset: (key: Key.Key) => State
  readonly step: (state: State, action: Action<A>) => Outcome<State>
  /** Writes the observation of the state into `out`. */
  readonly observe: (state: State, out: Space.Numbers) => void
  readonly render?: (state: State) => Scene.Scene
  /** The environment itself clips actions outside its space; otherwise they are refused. */
  readonly clipsActions?: boolean
}

// constructors

/** An environment from plain functions, with time limit, checked actions, snapshot and restore. */
export const define = <State extends Snapshot.Snapshot, A extends Space.Space>(
  definition: Definition<State, A>
): Environment<A> => ({
  spec: definition,
  make: Effect.sync(() => instantiate(definition))
})

const instantiate = <State extends Snapshot.Snapshot, A extends Space.Space>(
  definition: Definition<State, A>
): Instance => {
  const { action: space, timeLimit = Number.POSITIVE_INFINITY } = definition
  const isDiscrete = space._tag === "Discrete"
  const length = Space.size(space)
  const observation = Space.allocate(definition.observation)
  let state: State | undefined
  let steps = 0

  const fail = (reason: string, fix: string): never => {
    throw new EnvironmentError({ environment: definition.id, step: steps, reason, fix })
  }

  const refuse = (action: Space.Numbers): void => {
    const shown = `[${Array.from(action).join(", ")}]`
    if (action.length !== length)
      fail(`the action ${shown} has ${action.length} numbers`, `It takes ${length}`)
    if (action.some(Number.isNaN)) fail(`the action ${shown} is not a number`, "Look for a diverged policy")
    fail(`the action ${shown} is outside the space`, `Actions come from ${Space.format(space)}`)
  }

  const isAcceptable = (action: Space.Numbers): boolean => {
    if (definition.clipsActions !== true) return Space.contains(space, action)
    if (action.length !== length) return false
    for (let i = 0; i < length; i++) if (Number.isNaN(action[i]!)) return false
    return true
  }

  const instance = {
    observation,
    reward: 0,
    terminated: false,
    truncated: false,
    reset: (key: Key.Key): void => {
      state = definition.reset(key)
      steps = 0
      instance.reward = 0
      instance.terminated = false
      instance.truncated = false
      definition.observe(state, observation)
    },
    step: (action: Space.Numbers): void => {
      if (state === undefined) return fail("a step before the first reset", "Call reset first")
      if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
      if (!isAcceptable(action)) return refuse(action)
      const outcome = definition.step(state, (isDiscrete ? action[0] : action) as Action<A>)
      state = outcome.state
      steps += 1
      instance.reward = outcome.reward
      instance.terminated = outcome.terminated
      instance.truncated = outcome.truncated === true || steps >= timeLimit
      definition.observe(state, observation)
    },
    snapshot: (): Snapshot.Snapshot => ({
      state: state === undefined ? null : Snapshot.copy(state),
      steps,
      reward: instance.reward,
      terminated: instance.terminated,
      truncated: instance.truncated
    }),
    restore: (snapshot: Snapshot.Snapshot): void => {
      const saved = Snapshot.copy(snapshot) as {
        readonly state: State | null
        readonly steps: number
        readonly reward: number
        readonly terminated: boolean
        readonly truncated: boolean
      }
      state = saved.state ?? undefined
      steps = saved.steps
      instance.reward = saved.reward
      instance.terminated = saved.terminated
      instance.truncated = saved.truncated
      if (state !== undefined) definition.observe(state, observation)
    }
  }
  const { render } = definition
  if (render === undefined) return instance
  return Object.assign(instance, {
    render: (): Scene.Scene =>
      state === undefined ? fail("nothing to draw before the first reset", "Call reset first") : render(state)
  })
}

// services

/** The environment of a run whose actions are a box. */
export class Continuous extends Context.Service<Continuous, Environment<Space.Box>>()(
  "@ornstein/core/Environment/Continuous"
) {}

/** The environment of a run whose actions are indices. */
export class Discrete extends Context.Service<Discrete, Environment<Space.Discrete>>()(
  "@ornstein/core/Environment/Discrete"
) {}

// layers

export const layerContinuous = (environment: Environment<Space.Box>): Layer.Layer<Continuous> =>
  Layer.succeed(Continuous, environment)

export const layerDiscrete = (environment: Environment<Space.Discrete>): Layer.Layer<Discrete> =>
  Layer.succeed(Discrete, environment)
