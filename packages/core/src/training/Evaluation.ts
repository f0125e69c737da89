/**
 * Evaluation: whole episodes with the policy's best actions, in an environment of its own. The start states depend on
 * the evaluation's seed and the number of the episode only, so every run, step and algorithm faces the same ones.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import { Environment, Space } from "../environment/index.ts"
import { Key, Streams } from "../random/index.ts"
import * as Turn from "./Turn.ts"

// models

export const Options = Schema.Struct({
  episodes: Field.intBetween(1, 1_000_000)
    .annotate({ description: "episodes per evaluation" })
    .pipe(Field.withDefault(100)),
  seed: Field.nonNegativeInt
    .annotate({ description: "fixes the start states, independently of the run's seed" })
    .pipe(Field.withDefault(0)),
  stepLimit: Schema.optionalKey(Field.positiveInt).annotate({
    description:
      "steps after which an episode is cut off; left out, that is for the world to say, and 10,000 where it has no limit"
  })
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
  /** How many of the episodes were cut off at the limit of the evaluation: their returns are those of a part. */
  readonly truncated: number
}

/** How to act: writes the action for an observation. */
export type Policy = (observation: Space.Numbers, action: Space.Numbers) => void

// pure core

/** The steps of an evaluation's episode in a world that has no time limit. */
const STEPS = 10_000

/** The steps after which an evaluation cuts an episode off; infinite where the world does it. */
export const limitOf = ({ timeLimit }: Environment.Spec, { stepLimit }: Options): number =>
  stepLimit ?? (timeLimit === undefined ? STEPS : Number.POSITIVE_INFINITY)

/** Steps between two looks at the clock. */
const LOOK_EVERY = 16

/** The mean; NaN of nothing. */
export const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean and standard deviation of returns. */
export const summarize = (
  returns: ReadonlyArray<number>,
  lengths: ReadonlyArray<number>,
  truncated = 0
): Evaluation => {
  const average = mean(returns)
  const variance = mean(returns.map((value) => (value - average) * (value - average)))
  return { mean: average, std: Math.sqrt(variance), episodes: returns.length, returns, lengths, truncated }
}

/** What must be said beside a mean that is not one of whole episodes; else nothing. */
export const remark = ({ episodes, lengths, truncated }: Evaluation): string =>
  truncated === 0
    ? ""
    : `, ${truncated} of ${episodes} cut off after ${lengths.reduce((a, b) => Math.max(a, b), 0)} steps`

/** The numbers of an evaluation in one line of JSON. */
export const brief = ({ episodes, mean, std, truncated }: Evaluation) => ({
  mean,
  std,
  episodes,
  ...(truncated > 0 ? { truncated } : {})
})

// combinators

/** Runs the episodes. Actions are those that the learner sees: a box's lie in [-1, 1]. */
export const run = Effect.fnUntraced(function* (
  environment: Environment.Environment,
  policy: Policy,
  input: Field.Input<typeof Options>
) {
  const options = yield* Effect.fromResult(Field.result("evaluation", Options, input))
  const instance = yield* environment.make
  const action = Space.allocate(environment.spec.action)
  const key = Streams.of(Key.make(options.seed), "evaluation")
  const limit = limitOf(environment.spec, options)
  const returns: Array<number> = []
  const lengths: Array<number> = []
  let truncated = 0
  for (let episode = 0; episode < options.episodes; episode++) {
    let sum = 0
    let length = 0
    const isOver = () => instance.terminated || instance.truncated || length >= limit
    yield* Environment.attempt(() => instance.reset(Key.fold(key, episode)))
    while (!isOver()) {
      yield* Effect.yieldNow
      const isLate = yield* Turn.begin
      yield* Environment.attempt(() => {
        while (!isOver()) {
          policy(instance.observation, action)
          instance.step(action)
          sum += instance.reward
          length += 1
          if (length % LOOK_EVERY === 0 && isLate()) return
        }
      })
    }
    if (!instance.terminated && !instance.truncated) truncated += 1
    returns.push(sum)
    lengths.push(length)
  }
  return summarize(returns, lengths, truncated)
}, Effect.scoped)
