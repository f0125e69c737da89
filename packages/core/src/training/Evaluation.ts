/**
 * Evaluation: whole episodes with the policy's best actions, in an environment of its own. The start states depend on
 * the evaluation's seed and the number of the episode only, so every run, step and algorithm faces the same ones.
 */
import * as Context from "effect/Context"
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

/** How to act on several observations in one call, each as if it were alone. */
export interface Batched {
  /** How many they are at most. */
  readonly rows: number
  /** Writes the actions for the first `count` observations. */
  readonly act: (
    observations: ReadonlyArray<Space.Numbers>,
    actions: ReadonlyArray<Space.Numbers>,
    count: number
  ) => void
}

// pure core

/** The steps of an evaluation's episode in a world that has no time limit. */
const STEPS = 10_000

/** The steps after which an evaluation cuts an episode off; infinite where the world does it. */
export const limitOf = ({ timeLimit }: Environment.Spec, { stepLimit }: Options): number =>
  stepLimit ?? (timeLimit === undefined ? STEPS : Number.POSITIVE_INFINITY)

/** How many observations a batched policy takes: more would save little. */
export const ROWS = 32

/**
 * Is the program that acts on many observations compiled with those of a training? It takes some tens of milliseconds, which
 * many evaluations save; without it, episodes act one by one.
 */
export const IsBatched = Context.Reference<boolean>("@ornstein/core/Evaluation/IsBatched", {
  defaultValue: () => false
})

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

// the loop

/** An environment that plays episode after episode. */
interface Lane {
  readonly instance: Environment.Instance
  episode: number
  length: number
  sum: number
}

/** One observation in a call. */
const single = (policy: Policy): Batched => ({
  rows: 1,
  act: (observations, actions) => policy(observations[0]!, actions[0]!)
})

/** Whole episodes in lanes: a lane whose episode has ended takes the next one that nobody has taken. */
const played = (
  instances: ReadonlyArray<Environment.Instance>,
  { act }: Batched,
  {
    episodes,
    key,
    limit,
    space
  }: {
    readonly episodes: number
    readonly key: Key.Key
    readonly limit: number
    readonly space: Space.Space
  }
) => {
  const lanes = instances.map((instance): Lane => ({ instance, episode: 0, length: 0, sum: 0 }))
  const observations = instances.map(({ observation }) => observation)
  const actions = instances.map(() => Space.allocate(space))
  const returns = Array.from({ length: episodes }, () => 0)
  const lengths = Array.from({ length: episodes }, () => 0)
  let truncated = 0
  let begun = 0
  /** Those that still play come first. */
  let playing = lanes.length

  const begin = (lane: Lane): void => {
    lane.episode = begun
    lane.length = 0
    lane.sum = 0
    begun += 1
    lane.instance.reset(Key.fold(key, lane.episode))
  }
  const isOver = ({ instance, length }: Lane): boolean =>
    instance.terminated || instance.truncated || length >= limit
  const note = ({ episode, instance, length, sum }: Lane): void => {
    returns[episode] = sum
    lengths[episode] = length
    if (!instance.terminated && !instance.truncated) truncated += 1
  }
  /** Begins the next episodes where some are over. */
  const renew = (): void => {
    for (let i = playing - 1; i >= 0; i--) {
      const lane = lanes[i]!
      while (isOver(lane)) {
        note(lane)
        if (begun < episodes) begin(lane)
        else {
          playing -= 1
          lanes[i] = lanes[playing]!
          lanes[playing] = lane
          break
        }
      }
    }
  }
  const isDone = (): boolean => playing === 0
  const step = (): void => {
    for (let i = 0; i < playing; i++) observations[i] = lanes[i]!.instance.observation
    act(observations, actions, playing)
    for (let i = 0; i < playing; i++) {
      const lane = lanes[i]!
      lane.instance.step(actions[i]!)
      lane.sum += lane.instance.reward
      lane.length += 1
    }
  }

  return {
    start: () => {
      for (const lane of lanes) begin(lane)
      renew()
    },
    isDone,
    /** Plays until it is late. */
    play: (isLate: () => boolean): void => {
      let steps = 0
      while (!isDone()) {
        steps += playing
        step()
        renew()
        if (steps < LOOK_EVERY) continue
        steps = 0
        if (isLate()) return
      }
    },
    result: () => summarize(returns, lengths, truncated)
  }
}

// combinators

/**
 * Runs the episodes, as many side by side as the policy acts on in one call, which changes no bit. Actions are those that
 * the learner sees: a box's lie in [-1, 1].
 */
export const run = Effect.fnUntraced(function* (
  environment: Environment.Environment,
  policy: Policy | Batched,
  input: Field.Input<typeof Options>
) {
  const options = yield* Effect.fromResult(Field.result("evaluation", Options, input))
  const { episodes, seed } = options
  const batched = typeof policy === "function" ? single(policy) : policy
  const count = Math.min(batched.rows, episodes)
  const instances = yield* Effect.all(Array.from({ length: count }, () => environment.make))
  const { isDone, play, result, start } = played(instances, batched, {
    episodes,
    key: Streams.of(Key.make(seed), "evaluation"),
    limit: limitOf(environment.spec, options),
    space: environment.spec.action
  })
  yield* Environment.attempt(start)
  while (!isDone()) {
    yield* Effect.yieldNow
    const isLate = yield* Turn.begin
    yield* Environment.attempt(() => play(isLate))
  }
  return result()
}, Effect.scoped)
