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
    .annotate({ description: "environment steps from one round of updates to the next" })
    .pipe(Field.withDefault(1)),
  updatesPerRound: Field.positiveInt
    .annotate({ description: "updates in a round" })
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
  /** first steps, with uniformly random actions; 0 for on-policy learners */
  readonly warmup?: number
  /** steps before the first update; 0 for on-policy learners */
  readonly learningStarts?: number
  /** transitions per update; a whole rollout for on-policy learners */
  readonly batchSize?: number
  /** environment steps from one round of updates to the next */
  readonly updateEvery?: number
  /** updates in a round */
  readonly updatesPerRound?: number
  /** what the learner sees of observations and rewards */
  readonly normalize?: { readonly observations?: boolean; readonly rewards?: boolean; readonly clip?: number }
  /** environment steps between two reports; changes no result */
  readonly sliceSteps?: number
}

// pure core

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
