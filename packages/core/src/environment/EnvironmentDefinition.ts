/** Environments as plain functions: checked actions and numbers, time limit, snapshot and restore for free. */
import * as Effect from "effect/Effect"
import type { Key } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import { EnvironmentError, refusal, type Environment, type Instance, type Spec } from "./Contract.ts"
import type * as Scene from "./Scene.ts"
import * as Space from "./Space.ts"

// models

/** What `step` of a definition is given: an index for a discrete space, numbers for a box. */
export type Action<A extends Space.Space> = A extends Space.Discrete ? number : Space.Numbers

export interface Outcome<State> {
  readonly state: State
  readonly reward: number
  readonly terminated: boolean
  readonly truncated?: boolean
}

/**
 * An environment as plain functions. The state is a value: `step` returns a new one and leaves the old one alone. Only
 * `reset` is given a key. A world whose steps are random, too, keeps it in its state, with a number that counts them, and
 * draws from `Key.fold(state.key, state.count)`: so a run that goes on from a checkpoint draws the same.
 */
export interface Definition<State extends Snapshot.Snapshot, A extends Space.Space> extends Spec<A> {
  readonly reset: (key: Key.Key) => State
  readonly step: (state: State, action: Action<A>) => Outcome<State>
  /** Writes the observation of the state into `out`, which holds single precision. */
  readonly observe: (state: State, out: Space.Numbers) => void
  readonly render?: (state: State) => Scene.Picture
  /** The environment itself clips actions outside its space; otherwise they are refused. */
  readonly clipsActions?: boolean
}

// pure core

/** The part of a larger record that describes an environment. */
const specOf = <A extends Space.Space>(spec: Spec<A>): Spec<A> => ({
  id: spec.id,
  description: spec.description,
  observation: spec.observation,
  action: spec.action,
  ...(spec.timeLimit === undefined ? {} : { timeLimit: spec.timeLimit }),
  ...(spec.timeStep === undefined ? {} : { timeStep: spec.timeStep }),
  ...(spec.rewardThreshold === undefined ? {} : { rewardThreshold: spec.rewardThreshold }),
  ...(spec.goals === undefined ? {} : { goals: spec.goals }),
  ...(spec.source === undefined ? {} : { source: spec.source }),
  ...(spec.libraries === undefined ? {} : { libraries: spec.libraries })
})

/** A reward, of whatever type it is. */
const shown = (reward: unknown): string =>
  typeof reward === "number" ? String(reward) : `a ${typeof reward}`

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
    throw new EnvironmentError({ environment: definition.id, step: instance.steps, what: reason, fix })
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

  /** A function that answers later has said nothing yet. */
  const refuseLate = (method: string, made: unknown): void => {
    if (typeof made !== "object" || made === null || !("then" in made)) return
    Promise.resolve(made).catch(() => {})
    fail(`${method} gave a promise`, "It must answer at once: without async")
  }

  const observe = (current: State): void => {
    refuseLate("observe", definition.observe(current, observation))
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
      refuseLate("reset", state)
      observe(state)
    },
    step: (action: Space.Numbers): void => {
      if (state === undefined) return fail("a step before the first reset", "Call reset first")
      if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
      const given = isDiscrete ? action[0]! : action
      if (!isAcceptable(action) || !isForStep(given)) throw refusal(definition, instance.steps, action)
      const outcome = definition.step(state, given)
      refuseLate("step", outcome)
      if (!Number.isFinite(outcome.reward))
        fail(`the reward is ${shown(outcome.reward)}`, "Rewards are finite numbers")
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
      if (
        !Snapshot.isRecord(snapshot) ||
        snapshot["state"] === undefined ||
        typeof snapshot["steps"] !== "number"
      )
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
    render: (): Scene.Picture =>
      state === undefined ? fail("nothing to draw before the first reset", "Call reset first") : render(state)
  })
}
