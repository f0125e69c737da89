/** What a configuration says of a replay, by kind. */
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import * as Schedule from "../schedule/Schedule.ts"

// fields

const capacity = Field.positiveInt
  .annotate({ description: "transitions kept; the oldest are overwritten" })
  .pipe(Field.withDefault(1_000_000))

const compact = Schema.Boolean.annotate({
  description: "keep each observation once: half the memory where episodes are long"
}).pipe(Field.withDefault(false))

const steps = Field.positiveInt
  .annotate({ description: "steps in one transition, fewer at the end of an episode" })
  .pipe(Field.withDefault(1))

// kinds

export const Uniform = Schema.Struct({
  kind: Schema.tag("uniform"),
  capacity,
  replacement: Schema.Boolean.annotate({
    description: "may a transition be in a minibatch twice?"
  }).pipe(Field.withDefault(true)),
  nStep: steps,
  compact
})

/** What is given of them: the rest has defaults. */
export interface UniformInput {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** may a transition be in a minibatch twice? */
  readonly replacement?: boolean
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

export const Prioritized = Schema.Struct({
  kind: Schema.tag("prioritized"),
  capacity,
  alpha: Field.unitInterval
    .annotate({ description: "how much priorities matter: 0 not at all, 1 in proportion" })
    .pipe(Field.withDefault(0.6)),
  beta: Schedule.Schedule.annotate({
    description:
      "how much of the bias the weights take back, 0 to 1: a number, or a schedule over transitions"
  }).pipe(Field.withDefault(0.4)),
  epsilon: Field.positive
    .annotate({ description: "added to every error, so that none is forgotten" })
    .pipe(Field.withDefault(1e-6)),
  nStep: steps,
  compact
})

/** What is given of them: the rest has defaults. */
export interface PrioritizedInput {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** how much priorities matter: 0 not at all, 1 in proportion */
  readonly alpha?: number
  /** how much of the bias the weights take back, 0 to 1: a number, or a schedule over transitions */
  readonly beta?: Schedule.Schedule
  /** added to every error, so that none is forgotten */
  readonly epsilon?: number
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

export const Hindsight = Schema.Struct({
  kind: Schema.tag("hindsight"),
  capacity,
  strategy: Schema.Literals(["future", "final", "episode"])
    .annotate({ description: "new goals are what the episode reached later, at its end, or at any time" })
    .pipe(Field.withDefault("future" as const)),
  goals: Field.positiveInt
    .annotate({ description: "k: of k + 1 rows, k get a new goal" })
    .pipe(Field.withDefault(4)),
  compact
})

/** What is given of them: the rest has defaults. */
export interface HindsightInput {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** new goals are what the episode reached later, at its end, or at any time */
  readonly strategy?: "future" | "final" | "episode"
  /** k: of k + 1 rows, k get a new goal */
  readonly goals?: number
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

export const Rollout = Schema.Struct({
  kind: Schema.tag("rollout"),
  capacity: Field.positiveInt
    .annotate({ description: "the most steps of a rollout; minibatches have as many rows" })
    .pipe(Field.withDefault(500)),
  until: Schema.Literals(["episode", "full"])
    .annotate({ description: "a rollout ends with its episode, or only when it is full" })
    .pipe(Field.withDefault("episode" as const)),
  normalize: Schema.Boolean.annotate({
    description: "returns get mean 0 and deviation 1 over the rollout"
  }).pipe(Field.withDefault(true))
})

/** What is given of them: the rest has defaults. */
export interface RolloutInput {
  /** the most steps of a rollout; minibatches have as many rows */
  readonly capacity?: number
  /** a rollout ends with its episode, or only when it is full */
  readonly until?: "episode" | "full"
  /** returns get mean 0 and deviation 1 over the rollout */
  readonly normalize?: boolean
}

export const Offline = Schema.Struct({
  kind: Schema.tag("offline"),
  path: Schema.NonEmptyString.annotate({
    description: "a safetensors file with observation, action, reward, nextObservation, terminated, truncated"
  }),
  capacity: Field.positiveInt
    .annotate({ description: "the most transitions taken from the file" })
    .pipe(Field.withDefault(1_000_000)),
  nStep: steps
})

/** The choices that a configuration has. */
export const Options = Schema.Union([Uniform, Prioritized, Hindsight, Rollout, Offline])
export type Options = typeof Options.Type
