/** The rows of a run's tables and of its event file: nothing in them depends on the clock. */
import type * as Evaluation from "@ornstein/core/Evaluation"
import type * as Training from "@ornstein/core/Training"
import * as Schema from "effect/Schema"

// models

/** A line of `evaluations.jsonl`. */
export const Evaluated = Schema.Struct({
  step: Schema.Int,
  mean: Schema.Number,
  std: Schema.Number,
  episodes: Schema.Int,
  returns: Schema.Array(Schema.Number),
  lengths: Schema.Array(Schema.Int),
  /** Episodes that the evaluation's own limit cut off, if there are any. */
  truncated: Schema.optionalKey(Schema.Int)
})
export type Evaluated = typeof Evaluated.Type

/** What a line of `metrics.jsonl` says of the hash chain. */
export const Link = Schema.Struct({ step: Schema.Int, chain: Schema.String })
export type Link = typeof Link.Type

// pure core

const mean = (numbers: ReadonlyArray<number>): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, x) => sum + x, 0) / numbers.length

/** A line of `metrics.jsonl`. */
export const metrics = ({ chain, episodes, exploration, metrics, step, updates }: Training.Report) => ({
  step,
  updates,
  episodes: episodes.length,
  return: mean(episodes.map((episode) => episode.return)),
  length: mean(episodes.map((episode) => episode.length)),
  exploration,
  ...metrics,
  returns: episodes.map((episode) => episode.return),
  lengths: episodes.map((episode) => episode.length),
  chain
})

/** A line of `evaluations.jsonl`. */
export const evaluation = (step: number, result: Evaluation.Evaluation): Evaluated => {
  const { episodes, lengths, mean, returns, std, truncated } = result
  return { step, mean, std, episodes, returns, lengths, ...(truncated > 0 ? { truncated } : {}) }
}
