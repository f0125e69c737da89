/**
 * A task on MuJoCo as plain functions of what its physics shows: how an episode starts, what is measured, observed, paid,
 * and when it ends. The instance around them steps, counts, saves and restores.
 *
 * Derived numbers (`xpos` and the like) are those of one substep ago, as in Gymnasium, and no saved state brings them
 * back. What a reward needs of the moment before a step is therefore *measured* at the end of the last one, and saved.
 */
import * as Environment from "@ornstein/core/Environment"
import type * as Key from "@ornstein/core/Key"
import type * as Scene from "@ornstein/core/Scene"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import * as Library from "./Library.ts"
import * as Physics from "./Physics.ts"
import * as View from "./View.ts"

// models

/** A step, as its reward is computed from it. */
export interface Transition {
  readonly now: Physics.Readings
  /** What was measured at its start and at its end. */
  readonly before: Float64Array
  readonly after: Float64Array
  readonly action: Space.Numbers
  /** Does the task go on in the new state? */
  readonly isHealthy: boolean
}

export interface Task {
  readonly id: string
  readonly description: string
  /** MJCF: the text of the model. */
  readonly model: string
  /** The seconds of a substep in it. */
  readonly substep: number
  /** Substeps of a step. */
  readonly frameSkip: number
  /** How many numbers an observation has. */
  readonly observations: number
  /** Actions come from [-bound, bound]; what is beyond is paid for as it is, and clamped by MuJoCo. */
  readonly actions: number
  readonly actionBound: number
  readonly timeLimit: number
  readonly rewardThreshold?: number
  readonly gymnasiumSeed?: number | undefined
  /** Does it read contact forces (`cfrcExt`)? */
  readonly readsContacts?: boolean
  /** Adds noise to the model's first position and to rest. */
  readonly start: (draws: Draws.Draws, now: Physics.Readings) => void
  /** How many numbers are measured after each step, and how. */
  readonly measures: number
  readonly measure: (now: Physics.Readings, out: Float64Array, constants: Physics.Constants) => void
  readonly observe: (now: Physics.Readings, out: Space.Numbers) => void
  readonly isHealthy: (now: Physics.Readings) => boolean
  /** Does an unhealthy state end the episode? */
  readonly terminates: boolean
  readonly reward: (transition: Transition) => number
  /** From where people look at it. */
  readonly view: View.View
}

/** Seconds of a step. */
export const timeStep = ({ frameSkip, substep }: Pick<Task, "frameSkip" | "substep">): number =>
  substep * frameSkip

// pure core

/** Copies numbers from one place on into another array, from another place on. */
export const copyFrom = (numbers: Space.Numbers, from: number, out: Space.Numbers, at: number): void => {
  for (let i = from; i < numbers.length; i++) out[at + i - from] = numbers[i]!
}

const specOf = (task: Task): Environment.Spec<Space.Box> => ({
  id: task.id,
  description: task.description,
  source: "Gymnasium 1.3.0",
  libraries: { mujoco: Library.VERSION },
  observation: Space.box({
    shape: [task.observations],
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    dtype: "float64"
  }),
  action: Space.box({ shape: [task.actions], low: -task.actionBound, high: task.actionBound }),
  timeLimit: task.timeLimit,
  timeStep: timeStep(task),
  ...(task.rewardThreshold === undefined ? {} : { rewardThreshold: task.rewardThreshold })
})

/** Both as long as the numbers of the instance. */
const numbersOf = (snapshot: Snapshot.Snapshot, name: string, length: number): Float64Array => {
  const found = Snapshot.get(snapshot, name)
  if (!(found instanceof Float64Array && found.length === length))
    throw new TypeError(`the snapshot's "${name}" is not ${length} numbers`)
  return found
}

// constructors

const instantiate = (
  task: Task,
  spec: Environment.Spec<Space.Box>,
  physics: Physics.Physics,
  look: () => Scene.Spatial
): Environment.Instance => {
  const { constants } = physics
  const observation = new Float64Array(task.observations)
  const before = new Float64Array(task.measures)
  const after = new Float64Array(task.measures)
  const random = task.gymnasiumSeed === undefined ? undefined : GymnasiumSeed.generator(task.gymnasiumSeed)
  // One record for all steps: a step allocates nothing.
  const transition: { -readonly [K in keyof Transition]: Transition[K] } = {
    now: physics.now(),
    before,
    after,
    action: observation,
    isHealthy: true
  }
  let hasBegun = false

  const fail = (what: string, fix: string): never => {
    throw new Environment.EnvironmentError({ environment: task.id, step: instance.steps, what, fix })
  }

  /** The instance needs a reset after it. */
  const end = (what: string, fix: string): never => {
    hasBegun = false
    return fail(what, fix)
  }

  const observe = (now: Physics.Readings): void => {
    task.observe(now, observation)
    for (let i = 0; i < observation.length; i++) {
      if (!Number.isFinite(observation[i]!))
        end(`element ${i} of the observation is ${observation[i]}`, "The physics has left the finite numbers")
    }
  }

  const refuseUnstable = (): void => {
    const warning = physics.warning()
    if (warning === undefined) return
    end(
      `the physics is unstable: ${warning}`,
      "Lower the actions or the frame skip, or start elsewhere; MuJoCo itself would go on from the first position"
    )
  }

  const accept = (action: Space.Numbers): void => {
    if (action.length !== task.actions) throw Environment.refusal(spec, instance.steps, action)
    for (let i = 0; i < action.length; i++)
      if (!Number.isFinite(action[i]!)) throw Environment.refusal(spec, instance.steps, action)
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
      physics.reset()
      task.start(random ?? Draws.ofKey(key), physics.now())
      physics.forward()
      refuseUnstable()
      const now = physics.now()
      task.measure(now, after, constants)
      hasBegun = true
      observe(now)
    },
    step: (action: Space.Numbers): void => {
      if (!hasBegun) return fail("a step before the first reset", "Call reset first")
      if (instance.terminated || instance.truncated) return fail("a step after the end", "Call reset first")
      accept(action)
      before.set(after)
      physics.advance(action, task.frameSkip)
      if (task.readsContacts === true) physics.contactForces()
      refuseUnstable()
      const now = physics.now()
      task.measure(now, after, constants)
      transition.now = now
      transition.action = action
      transition.isHealthy = task.isHealthy(now)
      instance.steps += 1
      instance.reward = task.reward(transition)
      instance.terminated = task.terminates && !transition.isHealthy
      instance.truncated = instance.steps >= task.timeLimit
      observe(now)
      if (!Number.isFinite(instance.reward))
        end(`the reward is ${instance.reward}`, "Rewards are finite numbers")
    },
    snapshot: (): Snapshot.Snapshot => ({
      state: hasBegun ? physics.save() : null,
      steps: instance.steps,
      reward: instance.reward,
      terminated: instance.terminated,
      truncated: instance.truncated,
      observation: observation.slice(),
      measured: after.slice(),
      random: random === undefined ? null : random.save()
    }),
    restore: (snapshot: Snapshot.Snapshot): void => {
      if (!Snapshot.isRecord(snapshot) || snapshot["measured"] === undefined)
        return fail("the snapshot is none of this environment", "Restore what snapshot() gave")
      const state = Snapshot.get(snapshot, "state")
      const drawn = Snapshot.get(snapshot, "random")
      observation.set(numbersOf(snapshot, "observation", task.observations))
      after.set(numbersOf(snapshot, "measured", task.measures))
      instance.steps = Snapshot.getNumber(snapshot, "steps")
      instance.reward = Snapshot.getNumber(snapshot, "reward")
      instance.terminated = Snapshot.getBoolean(snapshot, "terminated")
      instance.truncated = Snapshot.getBoolean(snapshot, "truncated")
      hasBegun = state instanceof Float64Array
      if (state instanceof Float64Array) physics.load(state)
      if (random !== undefined && drawn instanceof Uint32Array) random.load(drawn)
    },
    render: (): Scene.Picture =>
      hasBegun ? look() : fail("nothing to draw before the first reset", "Call reset first")
  }
  return instance
}

/** The environment of a task. Its physics is loaded when an instance is made. */
export const make = (task: Task): Environment.Environment<Space.Box> => {
  const spec = specOf(task)
  return {
    spec,
    make: Physics.make(task.model).pipe(
      Effect.mapError(
        ({ fix, what }) => new Environment.EnvironmentError({ environment: task.id, step: 0, what, fix })
      ),
      Effect.flatMap((physics) =>
        Effect.map(View.make(physics, task.view), (look) => instantiate(task, spec, physics, look))
      )
    )
  }
}
