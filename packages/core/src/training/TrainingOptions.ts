/** How long a run is, with which seed, and in which rhythm it acts and learns. */
import * as Schema from "effect/Schema"
import { Field, Mistake } from "../config/index.ts"
import type { Scalars } from "../learner/index.ts"
import * as Normalization from "./Normalization.ts"

export const Options = Schema.Struct({
  seed: Field.nonNegativeInt
    .annotate({ description: "everything random follows from it" })
    .pipe(Field.withDefault(0)),
  steps: Field.positiveInt
    .annotate({ description: "environment steps in all, of all lanes; fewer if the episodes end before" })
    .pipe(Field.withDefault(10_000)),
  episodes: Schema.optionalKey(Field.positiveInt).annotate({
    description: "whole episodes in all; left out, only the steps are counted"
  }),
  lanes: Field.positiveInt
    .annotate({ description: "environments that step in turn, their actions selected together" })
    .pipe(Field.withDefault(1)),
  workers: Schema.optionalKey(Field.positiveInt).annotate({
    description:
      "threads that step the lanes, the run's own among them, which is the only one if left out; changes no result"
  }),
  warmup: Field.nonNegativeInt
    .annotate({ description: "first steps, with uniformly random actions; 0 for on-policy learners" })
    .pipe(Field.withDefault(1000)),
  learningStarts: Field.nonNegativeInt
    .annotate({ description: "steps before the first update; 0 for on-policy learners" })
    .pipe(Field.withDefault(1000)),
  batchSize: Field.positiveInt
    .annotate({ description: "transitions per update; a whole rollout for on-policy learners" })
    .pipe(Field.withDefault(64)),
  updateEvery: Field.positiveInt
    .annotate({
      description:
        "from one round of lanes after which updates are made to the next; a round is a step of each lane"
    })
    .pipe(Field.withDefault(1)),
  updatesPerRound: Field.positiveInt
    .annotate({
      description:
        "updates after such a round: divided by updateEvery and lanes, the updates per environment step"
    })
    .pipe(Field.withDefault(1)),
  normalize: Normalization.Options.annotate({
    description: "what the learner sees of observations and rewards"
  }).pipe(Field.withDefault(Normalization.Options.make({}))),
  sliceSteps: Field.positiveInt
    .annotate({ description: "environment steps between two reports; changes no result" })
    .pipe(Field.withDefault(500))
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** everything random follows from it */
  readonly seed?: number
  /** environment steps in all, of all lanes; fewer if the episodes end before */
  readonly steps?: number
  /** whole episodes in all; left out, only the steps are counted */
  readonly episodes?: number
  /** environments that step in turn, their actions selected together */
  readonly lanes?: number
  /** threads that step the lanes, the run's own among them, which is the only one if left out; changes no result */
  readonly workers?: number
  /** first steps, with uniformly random actions; 0 for on-policy learners */
  readonly warmup?: number
  /** steps before the first update; 0 for on-policy learners */
  readonly learningStarts?: number
  /** transitions per update; a whole rollout for on-policy learners */
  readonly batchSize?: number
  /** from one round of lanes after which updates are made to the next; a round is a step of each lane */
  readonly updateEvery?: number
  /** updates after such a round: divided by updateEvery and lanes, the updates per environment step */
  readonly updatesPerRound?: number
  /** what the learner sees of observations and rewards */
  readonly normalize?: { readonly observations?: boolean; readonly rewards?: boolean; readonly clip?: number }
  /** environment steps between two reports; changes no result */
  readonly sliceSteps?: number
}

// pure core

/**
 * Updates per environment step, once learning has started: `updatesPerRound / (updateEvery lanes)`. Of an on-policy learner
 * nothing is said: it learns once from each rollout.
 */
export const updatesPerStep = ({
  lanes,
  updateEvery,
  updatesPerRound
}: Pick<Options, "lanes" | "updateEvery" | "updatesPerRound">): number =>
  updatesPerRound / (updateEvery * lanes)

/**
 * What is said where several lanes came without a word on updates: they divide what is learned from each step. `lanes` are
 * those that were asked for, the rest what stands beside them.
 */
export const dividedUpdates = ({
  lanes,
  updateEvery = 1,
  updatesPerRound = 1
}: Input): string | undefined => {
  if (lanes === undefined || lanes === 1) return undefined
  const now = updatesPerStep({ lanes, updateEvery, updatesPerRound })
  return (
    `training.lanes = ${lanes} alone makes ${Number(now.toPrecision(3))} updates per environment step, where one lane ` +
    `makes ${Number((lanes * now).toPrecision(3))}; training.updatesPerRound = ${updatesPerRound * lanes} keeps those, ` +
    `${updatesPerRound} says that this is meant`
  )
}

/** Why there cannot be so many workers. */
export const idleWorkers = ({ lanes, workers = 1 }: Options): ReadonlyArray<Mistake.Mistake> =>
  workers > lanes
    ? [
        Mistake.make(
          ["training", "workers"],
          `expected at most training.lanes (${lanes}), which they step`,
          workers
        )
      ]
    : []

/** What a run would need other programs for. */
export const recompiled = (compiled: Options, options: Options): ReadonlyArray<Mistake.Mistake> =>
  (["batchSize", "lanes"] as const).flatMap((name) =>
    options[name] === compiled[name]
      ? []
      : [Mistake.make(["training", name], `expected ${compiled[name]}, which was compiled`, options[name])]
  )

/** Scalars that the learner does not have. */
export const foreign = (known: Scalars.Scalars, given: Scalars.Scalars): ReadonlyArray<Mistake.Mistake> =>
  Object.keys(given).flatMap((name) =>
    Object.hasOwn(known, name)
      ? []
      : [Mistake.make(["scalars", name], `expected one of ${Object.keys(known).join(", ")}`, name)]
  )
