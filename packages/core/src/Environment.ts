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
import type * as Hindsight from "./Hindsight.ts"
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
  /** Where observations contain a goal: what hindsight replay needs to know. */
  readonly goals?: Hindsight.Goals
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
  /** Steps taken in this episode. */
  readonly steps: number
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

/** What a wrapper changes of the instance inside; what it leaves out stays as it is. */
export interface Changes {
  readonly observation?: Space.Numbers
  readonly reward?: () => number
  readonly terminated?: () => boolean
  readonly truncated?: () => boolean
  readonly steps?: () => number
  readonly reset?: (key: Key.Key) => void
  readonly step?: (action: Space.Numbers) => void
  readonly render?: () => Scene.Scene
  /** The wrapper's own state; `load` runs after the instance inside has been restored. */
  readonly state?: {
    readonly save: () => Snapshot.Snapshot
    readonly load: (saved: Snapshot.Snapshot) => void
  }
}

// pure core

/** The part of a larger record that describes an environment. */
const specOf = <A extends Space.Space>(spec: Spec<A>): Spec<A> => ({
  id: spec.id,
  description: spec.description,
  observation: spec.observation,
  action: spec.action,
  ...(spec.timeLimit === undefined ? {} : { timeLimit: spec.timeLimit }),
  ...(spec.rewardThreshold === undefined ? {} : { rewardThreshold: spec.rewardThreshold }),
  ...(spec.goals === undefined ? {} : { goals: spec.goals }),
  ...(spec.source === undefined ? {} : { source: spec.source })
})

/** The refusal of an action: says what is wrong with it. */
const refusal = (spec: Spec, step: number, action: Space.Numbers): EnvironmentError => {
  const shown = `[${Array.from(action).join(", ")}]`
  const length = Space.size(spec.action)
  const [reason, fix] =
    action.length !== length
      ? [`the action ${shown} has ${action.length} numbers`, `It takes ${length}`]
      : action.some(Number.isNaN)
        ? [`the action ${shown} is not a number`, "Look for a diverged policy"]
        : [`the action ${shown} is outside the space`, `Actions come from ${Space.format(spec.action)}`]
  return new EnvironmentError({ environment: spec.id, step, reason, fix })
}

const isRecord = (u: Snapshot.Snapshot | undefined): u is { readonly [name: string]: Snapshot.Snapshot } =>
  typeof u === "object" && u !== null && !Array.isArray(u) && !ArrayBuffer.isView(u)

/** What `snapshot` of a defined environment gives `steps` steps into an episode: `restore` begins anywhere with it. */
export const at = (state: Snapshot.Snapshot, steps = 0): Snapshot.Snapshot => ({
  state,
  steps,
  reward: 0,
  terminated: false,
  truncated: false
})

/** The state in the snapshot of a defined environment, however wrapped; `null` before the first reset. */
export const stateOf = (snapshot: Snapshot.Snapshot): Snapshot.Snapshot => {
  if (!isRecord(snapshot)) return null
  return snapshot["inner"] === undefined ? (snapshot["state"] ?? null) : stateOf(snapshot["inner"])
}

// constructors

/** An environment from plain functions, with time limit, checked actions and numbers, snapshot and restore. */
export const define = <State extends Snapshot.Snapshot, A extends Space.Space>(
  definition: Definition<State, A>
): Environment<A> => ({
  spec: specOf(definition),
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

  const fail = (reason: string, fix: string): never => {
    throw new EnvironmentError({ environment: definition.id, step: instance.steps, reason, fix })
  }

  const isAcceptable = (action: Space.Numbers): boolean => {
    if (definition.clipsActions !== true) return Space.contains(space, action)
    if (action.length !== length) return false
    for (let i = 0; i < length; i++) if (Number.isNaN(action[i]!)) return false
    return true
  }

  const isForStep = (action: number | Space.Numbers): action is Action<A> =>
    (typeof action === "number") === isDiscrete

  // The snapshot of an instance of the same definition holds a state of its type; more is not known of a `State`.
  const isState = (saved: Snapshot.Snapshot): saved is State => saved !== null

  const observe = (current: State): void => {
    definition.observe(current, observation)
    for (let i = 0; i < observation.length; i++) {
      if (!Number.isFinite(observation[i]!)) {
        fail(`element ${i} of the observation is ${observation[i]}`, "Its state has left the finite numbers")
      }
    }
  }

  const instance = {
    observation,
    reward: 0,
    terminated: false,
    truncated: false,
    steps: 0,
    reset: (key: Key.Key): void => {
      instance.steps = 0
      instance.reward = 0
      instance.terminated = false
      instance.truncated = false
      state = definition.reset(key)
      observe(state)
    },
    step: (action: Space.Numbers): void => {
      if (state === undefined) return fail("a step before the first reset", "Call reset first")
      if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
      const given = isDiscrete ? action[0]! : action
      if (!isAcceptable(action) || !isForStep(given)) throw refusal(definition, instance.steps, action)
      const outcome = definition.step(state, given)
      if (!Number.isFinite(outcome.reward))
        fail(`the reward is ${outcome.reward}`, "Rewards are finite numbers")
      state = outcome.state
      instance.steps += 1
      instance.reward = outcome.reward
      instance.terminated = outcome.terminated
      instance.truncated = outcome.truncated === true || instance.steps >= timeLimit
      observe(state)
    },
    snapshot: (): Snapshot.Snapshot => ({
      state: state === undefined ? null : Snapshot.copy(state),
      steps: instance.steps,
      reward: instance.reward,
      terminated: instance.terminated,
      truncated: instance.truncated
    }),
    restore: (snapshot: Snapshot.Snapshot): void => {
      if (!isRecord(snapshot) || snapshot["state"] === undefined || typeof snapshot["steps"] !== "number")
        return fail("the snapshot is none of this environment", "Restore what snapshot() gave")
      const saved = Snapshot.copy(snapshot["state"])
      state = isState(saved) ? saved : undefined
      instance.steps = snapshot["steps"]
      instance.reward = Snapshot.getNumber(snapshot, "reward")
      instance.terminated = Snapshot.getBoolean(snapshot, "terminated")
      instance.truncated = Snapshot.getBoolean(snapshot, "truncated")
      if (state !== undefined) observe(state)
    }
  }
  const { render } = definition
  if (render === undefined) return instance
  return Object.assign(instance, {
    render: (): Scene.Scene =>
      state === undefined ? fail("nothing to draw before the first reset", "Call reset first") : render(state)
  })
}

// combinators

/** Synchronous use of instances as an effect: an `EnvironmentError` thrown inside becomes its typed failure. */
export const attempt = <A>(use: () => A): Effect.Effect<A, EnvironmentError> =>
  Effect.try({
    try: use,
    catch: (cause) => {
      if (cause instanceof EnvironmentError) return cause
      throw cause
    }
  })

/**
 * A wrapper from what it changes: another spec, and for each instance the changes around it. The snapshot of a wrapper
 * with state is `{ inner, own }`; a wrapper without state leaves the snapshot alone.
 */
export const wrap = <A extends Space.Space, B extends Space.Space>(
  self: Environment<A>,
  spec: Spec<B>,
  change: (inner: Instance) => Changes
): Environment<B> => ({ spec, make: Effect.map(self.make, (inner) => changed(spec, inner, change(inner))) })

const changed = (spec: Spec, inner: Instance, changes: Changes): Instance => {
  const { reward, terminated, truncated, steps, state } = changes
  const render = changes.render ?? inner.render
  return {
    get observation() {
      return changes.observation ?? inner.observation
    },
    get reward() {
      return reward === undefined ? inner.reward : reward()
    },
    get terminated() {
      return terminated === undefined ? inner.terminated : terminated()
    },
    get truncated() {
      return truncated === undefined ? inner.truncated : truncated()
    },
    get steps() {
      return steps === undefined ? inner.steps : steps()
    },
    reset: changes.reset ?? ((key) => inner.reset(key)),
    step: changes.step ?? ((action) => inner.step(action)),
    snapshot:
      state === undefined ? () => inner.snapshot() : () => ({ inner: inner.snapshot(), own: state.save() }),
    restore: (snapshot) => {
      if (state === undefined) return inner.restore(snapshot)
      if (!isRecord(snapshot) || snapshot["inner"] === undefined || snapshot["own"] === undefined) {
        throw new EnvironmentError({
          environment: spec.id,
          step: inner.steps,
          reason: "the snapshot was taken without this wrapper",
          fix: "Restore it into an environment with the same wrappers"
        })
      }
      inner.restore(snapshot["inner"])
      state.load(Snapshot.copy(snapshot["own"]))
    },
    ...(render === undefined ? {} : { render })
  }
}

/**
 * Actions in [-1, 1]^n for learners: each dimension is carried to its own bounds, `low + (u + 1) (high - low) / 2`,
 * computed in double precision and rounded once to the precision of the learner's action. An action outside [-1, 1]
 * is refused; a space that is [-1, 1] already stays as it is; one without bounds cannot be made.
 *
 * ```ts
 * const learned = Environment.rescaleActions(Pendulum.make()) // torque 2 u
 * ```
 */
export const rescaleActions = (self: Environment<Space.Box>): Environment<Space.Box> => {
  const { action: space, id } = self.spec
  if (Space.isUnit(space)) return self
  const spec = {
    ...self.spec,
    action: Space.box({ shape: space.shape, low: -1, high: 1, dtype: space.dtype })
  }
  if (!Space.isBounded(space)) {
    const reason = `the action space ${Space.format(space)} has no bounds to rescale to`
    return {
      spec,
      make: Effect.fail(new EnvironmentError({ environment: id, step: 0, reason, fix: "Bound it" }))
    }
  }
  return wrap(self, spec, (inner) => {
    const singles = new Float32Array(Space.size(space))
    const doubles = new Float64Array(Space.size(space))
    return {
      step: (action) => {
        if (!Space.contains(spec.action, action)) throw refusal(spec, inner.steps, action)
        const rescaled = action instanceof Float32Array ? singles : doubles
        Space.fromUnit(space, action, rescaled)
        inner.step(rescaled)
      }
    }
  })
}

export { vector } from "./EnvironmentVector.ts"
export { check, ContractError } from "./EnvironmentCheck.ts"

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
