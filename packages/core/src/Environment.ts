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
 * `wrap` puts something around an environment, `vector` makes a batch of copies, `check` tests the contract.
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
  /** Seconds of the world in a step, where its steps are times: films are shown at this pace. */
  readonly timeStep?: number
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

// definitions, wrappers, vectors, checks

export { define } from "./EnvironmentDefinition.ts"
export type { Action, Definition, Outcome } from "./EnvironmentDefinition.ts"
export { rescaleActions, wrap } from "./EnvironmentWrapper.ts"
export type { Changes } from "./EnvironmentWrapper.ts"
export { vector } from "./EnvironmentVector.ts"
export type { Vector } from "./EnvironmentVector.ts"
export { check, ContractError } from "./EnvironmentCheck.ts"

// pure core

/** The refusal of an action: says what is wrong with it. */
export const refusal = (spec: Spec, step: number, action: Space.Numbers): EnvironmentError => {
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
  if (!Snapshot.isRecord(snapshot)) return null
  return snapshot["inner"] === undefined ? (snapshot["state"] ?? null) : stateOf(snapshot["inner"])
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
