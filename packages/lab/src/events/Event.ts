/**
 * What happens in a session, as values: what sinks hear, and what goes over a socket as lines of JSON.
 *
 * ```
 * Started (Note | SliceEnded | Evaluating | Evaluated | Saved)* (Finished | Stopped | Failed)
 * ```
 *
 * Numbers that are not finite are `null` in JSON, as in the tables.
 */
import * as Schema from "effect/Schema"
import { Rows } from "../runs/index.ts"
import { Signals } from "../terminal/index.ts"

// models: parts of events

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** SHA-256 of the learner's numbers, and of everything that the run's future depends on. */
export const Hash = Schema.Struct({ parameters: Schema.String, state: Schema.String })
export type Hash = typeof Hash.Type

/** Steps between two reports, or the part of them that was done when the run failed. */
export const Slice = Schema.Struct({
  step: Count,
  /** Updates made in all. */
  updates: Count,
  /** Episodes that ended in it: the undiscounted sum of rewards of each. */
  episodes: Schema.Array(Schema.Struct({ step: Count, return: Rows.Quantity, length: Count })),
  /** Means over its updates by name: `criticLoss`, `value`, ... */
  metrics: Schema.Record(Schema.String, Rows.Quantity),
  /** The exploration's scale at its last step, of the first lane; of all lanes, where they differ. */
  exploration: Rows.Quantity,
  explorations: Schema.optionalKey(Schema.Array(Rows.Quantity)),
  /** The hash chain; of a slice that failed, up to the one before. */
  chain: Schema.String
})
export type Slice = typeof Slice.Type

/** How fast it goes. */
export const Pace = Schema.Struct({
  /** Spent in the session's slices so far. */
  seconds: Schema.Finite,
  /** Environment steps per second: of the slices that learned from their first step to their last, if there is one. */
  stepsPerSecond: Schema.Finite
})
export type Pace = typeof Pace.Type

/** Returns of whole episodes without exploration. */
export const Evaluation = Schema.Struct({
  mean: Rows.Quantity,
  /** Standard deviation of the returns, with divisor n. */
  std: Rows.Quantity,
  episodes: Count,
  returns: Schema.Array(Rows.Quantity),
  lengths: Schema.Array(Count),
  /** Episodes that the evaluation's own limit cut off. */
  truncated: Count
})

/** Where in the run something is: before its first step, after its last one, or between. */
export const When = Schema.Literals(["before", "during", "after"])
export type When = typeof When.Type

/** Where numbers stopped being finite. */
export const Divergence = Schema.Struct({
  step: Count,
  /** Counted from 1. */
  update: Count,
  /** The phases of that update: `critic+actor`. */
  phase: Schema.String,
  /** The first array or metric that is not finite. */
  tensor: Schema.String,
  /** The first operation whose result is not finite, and the line that asked for it; where that was looked for. */
  operation: Schema.optionalKey(Schema.Struct({ name: Schema.String, site: Schema.String }))
})
export type Divergence = typeof Divergence.Type

// models: events

/** Training is about to begin, or to go on. */
export const Started = Schema.TaggedStruct("Started", {
  format: Schema.Literal(1),
  /** The run's directory. */
  run: Schema.String,
  name: Schema.String,
  algorithm: Schema.String,
  environment: Schema.Struct({ id: Schema.String, description: Schema.String }),
  engine: Schema.String,
  seed: Schema.Int,
  /** Environment steps in all, and episodes if those are counted. */
  steps: Count,
  episodes: Schema.optionalKey(Count),
  /** Environments that step in turn; one if left out. */
  lanes: Schema.optionalKey(Count),
  /** Updates per environment step once learning has started; left out where each rollout is learned from once. */
  updatesPerStep: Schema.optionalKey(Schema.Finite),
  /** The step that it goes on from; 0 if it begins. */
  from: Count,
  /** Updates made by then. */
  updates: Count,
  versions: Schema.Record(Schema.String, Schema.String)
})
export type Started = typeof Started.Type

/** A remark for people. */
export const Note = Schema.TaggedStruct("Note", { text: Schema.String })

/** A slice has ended. */
export const SliceEnded = Schema.TaggedStruct("SliceEnded", { slice: Slice, pace: Pace })
export type SliceEnded = typeof SliceEnded.Type

/** An evaluation begins. */
export const Evaluating = Schema.TaggedStruct("Evaluating", { step: Count, when: When, episodes: Count })

/** An evaluation has ended. */
export const Evaluated = Schema.TaggedStruct("Evaluated", { step: Count, when: When, evaluation: Evaluation })
export type Evaluated = typeof Evaluated.Type

/** All that was due at this step is done: here a checkpoint can be made. */
export const Settled = Schema.TaggedStruct("Settled", { step: Count })

/** A checkpoint is on the disk. */
export const Saved = Schema.TaggedStruct("Saved", {
  step: Count,
  /** The mean return of the evaluation at this step, if there was one. */
  score: Schema.optionalKey(Rows.Quantity)
})

/** A signal ended the session; the run can go on from here. */
export const Stopped = Schema.TaggedStruct("Stopped", {
  step: Count,
  signal: Signals.Signal,
  reason: Schema.String,
  hash: Hash,
  wallSeconds: Schema.Finite
})

/** The session failed; with all that is known of the slice in which it did. */
export const Failed = Schema.TaggedStruct("Failed", {
  step: Count,
  reason: Schema.String,
  /** What was done of the slice in which it failed. */
  unfinished: Schema.optionalKey(Schema.Struct({ slice: Slice, pace: Pace })),
  divergence: Schema.optionalKey(Divergence),
  wallSeconds: Schema.Finite
})
export type Failed = typeof Failed.Type

/** What a run tells at its end. */
export const Outcome = Schema.Struct({
  /** The run's directory. */
  run: Schema.String,
  /** The step of another run's checkpoint that the run began with, if it is a branch. */
  origin: Schema.optionalKey(Count),
  algorithm: Schema.String,
  environment: Schema.Struct({ id: Schema.String, description: Schema.String }),
  /** The mean return from which the task counts as solved, where one is known. */
  threshold: Schema.optionalKey(Schema.Finite),
  step: Count,
  /** Without episodes of evaluation there are none. */
  before: Schema.optionalKey(Evaluation),
  after: Schema.optionalKey(Evaluation),
  hash: Hash,
  /** Of all sessions of the run. */
  wallSeconds: Schema.Finite,
  stepsPerSecond: Schema.Finite
})
export type Outcome = typeof Outcome.Type

/** The run has had all of its steps. */
export const Finished = Schema.TaggedStruct("Finished", { outcome: Outcome })

/** Told to a sink that was too slow: so many events before the next one were left out. */
export const Missed = Schema.TaggedStruct("Missed", { count: Count })

export const Event = Schema.Union([
  Started,
  Note,
  SliceEnded,
  Evaluating,
  Evaluated,
  Settled,
  Saved,
  Stopped,
  Failed,
  Finished,
  Missed
])
export type Event = typeof Event.Type

// pure core

/** An event as JSON without line breaks, and back: a line of a stream. */
export const Line = Schema.fromJsonString(Event)

const encode = Schema.encodeSync(Line)

/** An event as a line of JSON, without its end. */
export const line = (event: Event): string => encode(event)

/** A remark. */
export const note = (text: string): Event => ({ _tag: "Note", text })
