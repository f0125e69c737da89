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
 * `wrap` puts something around an environment, `check` tests the contract.
 *
 * `terminated` means that the world has ended (no future reward), `truncated` that somebody stopped looking (a time
 * limit). Both true means terminal. Deterministic-policy learners require the service `Continuous`, learners with
 * discrete actions the service `Discrete`: a program that pairs the wrong two does not compile.
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { Snapshot } from "../state/index.ts"
import type { Environment } from "./Contract.ts"
import type * as Space from "./Space.ts"

// the contract, definitions, wrappers, checks

export { atStep, attempt, EnvironmentError, refusal } from "./Contract.ts"
export type { Beside, Environment, Instance, Spec, WorldError, Wrapper } from "./Contract.ts"
export { define } from "./EnvironmentDefinition.ts"
export type { Action, Definition, Outcome } from "./EnvironmentDefinition.ts"
export { rescaleActions, withoutGoals, wrap } from "./EnvironmentWrapper.ts"
export type { Changes } from "./EnvironmentWrapper.ts"
export { check, ContractError } from "./EnvironmentCheck.ts"

// pure core

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

/** Are its actions a box? */
export const isContinuous = (environment: Environment): environment is Environment<Space.Box> =>
  environment.spec.action._tag === "Box"

/** Are its actions indices? */
export const isDiscrete = (environment: Environment): environment is Environment<Space.Discrete> =>
  environment.spec.action._tag === "Discrete"

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
