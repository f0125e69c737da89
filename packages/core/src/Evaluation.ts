/**
 * Evaluation: whole episodes with the policy's best actions, in an environment of its own. The start states depend on
 * the evaluation's seed and the number of the episode only, so every run, step and algorithm faces the same ones.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import * as Field from "./Field.ts"
import * as Key from "./Key.ts"
import * as Space from "./Space.ts"

// models

export const Options = Schema.Struct({
  episodes: Field.intBetween(1, 1_000_000)
    .annotate({ description: "episodes per evaluation" })
    .pipe(Field.withDefault(100)),
  seed: Field.nonNegativeInt
    .annotate({ description: "fixes the start states, independently of the run's seed" })
    .pipe(Field.withDefault(0))
})
export type Options = typeof Options.Type

export interface Evaluation {
  /** Of the returns (undiscounted sums of rewards), over the episodes. */
  readonly mean: number
  /** Their standard deviation, with divisor n. */
  readonly std: number
  readonly episodes: number
  readonly returns: ReadonlyArray<number>
  readonly lengths: ReadonlyArray<number>
}

/** How to act: writes the action for an observation. */
export type Policy = (observation: Space.Numbers, action: Space.Numbers) => void

// pure core

/** Mean and standard deviation of returns. */
export const summarize = (returns: ReadonlyArray<number>, lengths: ReadonlyArray<number>): Evaluation => {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length
  const variance = returns.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / returns.length
  return { mean, std: Math.sqrt(variance), episodes: returns.length, returns, lengths }
}

// combinators

/** Runs the episodes. Actions are those that the learner sees: a box's lie in [-1, 1]. */
export const run = Effect.fnUntraced(function* (
  environment: Environment.Environment,
  policy: Policy,
  options: Options
) {
  const instance = yield* environment.make
  const action = Space.allocate(environment.spec.action)
  const key = Key.fold(Key.make(options.seed), "evaluation")
  const returns: Array<number> = []
  const lengths: Array<number> = []
  for (let episode = 0; episode < options.episodes; episode++) {
    // Signals and other fibers get their turn between episodes.
    yield* Effect.yieldNow
    yield* Environment.attempt(() => {
      let sum = 0
      let length = 0
      instance.reset(Key.fold(key, episode))
      while (!instance.terminated && !instance.truncated) {
        policy(instance.observation, action)
        instance.step(action)
        sum += instance.reward
        length += 1
      }
      returns.push(sum)
      lengths.push(length)
    })
  }
  return summarize(returns, lengths)
}, Effect.scoped)
