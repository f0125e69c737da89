/** One episode for people to watch: who acts, and what it looks like. */
import * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Turn from "@ornstein/core/Turn"
import * as Effect from "effect/Effect"

// models

export interface Options {
  /** Fixes the start and what a random policy does. */
  readonly seed: number
  /** Stops an episode that goes on for longer. */
  readonly steps: number
}

export interface Summary {
  /** The undiscounted sum of rewards. */
  readonly return: number
  readonly steps: number
  readonly end: "terminated" | "truncated" | "stopped"
}

// pure core: policies

/** Uniformly random actions. */
export const random = (space: Space.Space, seed: number): Evaluation.Policy => {
  const key = Key.fold(Key.make(seed), "random")
  let step = 0
  return (_, action) => {
    Space.sample(space, Key.fold(key, step), action)
    step += 1
  }
}

/** No action: 0, or what is nearest to it in the space. */
export const zero =
  (space: Space.Space): Evaluation.Policy =>
  (_, action) => {
    for (let i = 0; i < action.length; i++) {
      action[i] = space._tag === "Box" ? Math.max(space.low[i]!, Math.min(space.high[i]!, 0)) : 0
    }
  }

// pure core: time

/** Steps that are no times are shown 30 in a second, as Gymnasium shows its mountain car. */
const NOMINAL = 1 / 30

/** Seconds that a step of this world is shown for. */
export const timeStep = (spec: Environment.Spec): number => spec.timeStep ?? NOMINAL

/** Is this the last state of an episode? */
export const isOver = (
  { steps, terminated, truncated }: Environment.Instance,
  options: Pick<Options, "steps">
): boolean => terminated || truncated || steps >= options.steps

// pure core: pictures

/** The picture of an instance; where it has none, its observation as bars. */
export const picture = (instance: Environment.Instance): Scene.Picture => {
  let largest = 1
  for (const x of instance.observation) largest = Math.max(largest, Math.abs(x))
  return instance.render?.() ?? Scene.bars(instance.observation, largest)
}

// effects

/** Plays an episode and calls `onFrame` at its start and after every step. */
export const play = Effect.fn("Rollout.play")(function* <E, R>(
  environment: Environment.Environment,
  policy: Evaluation.Policy,
  options: Options,
  onFrame: (instance: Environment.Instance, total: number) => Effect.Effect<void, E, R>
) {
  const instance = yield* environment.make
  const action = Space.allocate(environment.spec.action)
  let total = 0
  yield* Environment.attempt(() => instance.reset(Key.fold(Key.make(options.seed), "environment")))
  yield* onFrame(instance, total)
  let isLate = yield* Turn.begin
  while (!isOver(instance, options)) {
    yield* Environment.attempt(() => {
      policy(instance.observation, action)
      instance.step(action)
    })
    total += instance.reward
    yield* onFrame(instance, total)
    if (isLate()) {
      yield* Effect.yieldNow
      isLate = yield* Turn.begin
    }
  }
  const summary: Summary = {
    return: total,
    steps: instance.steps,
    end: instance.terminated ? "terminated" : instance.truncated ? "truncated" : "stopped"
  }
  return summary
}, Effect.scoped)
