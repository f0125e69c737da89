/**
 * The rows of a run's tables: one schema for each table, by which rows are written, read and followed. Nothing in them
 * but the times of `timing.jsonl` depends on the clock.
 */
import * as Evaluation from "@ornstein/core/Evaluation"
import type * as Training from "@ornstein/core/Training"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

// models

/** A number of a table: JSON has none that is not finite, and the tables say `null` in their place. */
export const Quantity = Schema.NullOr(Schema.Number).pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform({
      decode: (value) => value ?? Number.NaN,
      encode: (value) => (Number.isFinite(value) ? value : null)
    })
  )
)

/** A line of `metrics.jsonl`: a slice. Losses and what else the learner reports stand beside these by name. */
export const Slice = Schema.StructWithRest(
  Schema.Struct({
    step: Schema.Int,
    /** The noise's scale at the last step, of the first lane; of all lanes, where they differ. */
    exploration: Quantity,
    explorations: Schema.optionalKey(Schema.Array(Quantity)),
    /** Of the episodes that ended in the slice, in their order. */
    returns: Schema.Array(Quantity),
    lengths: Schema.Array(Schema.Int),
    /** The slice in which the run failed: it ends there. */
    unfinished: Schema.optionalKey(Schema.Literal(true))
  }),
  [Schema.Record(Schema.String, Schema.Unknown)]
)
export type Slice = typeof Slice.Type

/** A line of `evaluations.jsonl`. */
export const Evaluated = Schema.Struct({
  step: Schema.Int,
  mean: Quantity,
  std: Quantity,
  episodes: Schema.Int,
  returns: Schema.Array(Quantity),
  lengths: Schema.Array(Schema.Int),
  /** Episodes that the evaluation's own limit cut off, if there are any. */
  truncated: Schema.optionalKey(Schema.Int)
})
export type Evaluated = typeof Evaluated.Type

/** A line of `timing.jsonl`: the seconds spent in slices by then, of one session. */
export const Timing = Schema.Struct({ step: Schema.Int, seconds: Schema.Finite })
export type Timing = typeof Timing.Type

/** What a slice has to say for its row. */
export type Report = Pick<
  Training.Report,
  "step" | "updates" | "metrics" | "exploration" | "explorations" | "chain"
> & {
  readonly episodes: ReadonlyArray<{ readonly return: number; readonly length: number }>
}

/** The first line of a table that is no row of it, counted from 1. */
export interface Damage {
  readonly line: number
  readonly reason: string
}

// pure core

const mean = (numbers: ReadonlyArray<number>): number | null =>
  numbers.length === 0 ? null : Evaluation.mean(numbers)

/** A line of `metrics.jsonl`. */
export const slice = ({
  chain,
  episodes,
  exploration,
  explorations,
  metrics,
  step,
  updates
}: Report): Slice => ({
  step,
  updates,
  episodes: episodes.length,
  return: mean(episodes.map((episode) => episode.return)),
  length: mean(episodes.map((episode) => episode.length)),
  exploration,
  ...(explorations === undefined ? {} : { explorations }),
  ...metrics,
  returns: episodes.map((episode) => episode.return),
  lengths: episodes.map((episode) => episode.length),
  chain
})

/** The same for the slice in which a run failed. */
export const unfinished = (report: Report): Slice => ({ ...slice(report), unfinished: true })

/** A line of `evaluations.jsonl`. */
export const evaluation = (step: number, result: Evaluation.Evaluation): Evaluated => {
  const { episodes, lengths, mean, returns, std, truncated } = result
  return { step, mean, std, episodes, returns, lengths, ...(truncated > 0 ? { truncated } : {}) }
}

/** The whole lines of a table; what comes after the last end of a line is none. */
export const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

/** The rows of a table's whole lines. */
export const decode = <A>(
  schema: Schema.Codec<A, unknown>,
  text: string
): Result.Result<ReadonlyArray<A>, Damage> => {
  const row = Schema.decodeUnknownResult(Schema.fromJsonString(schema))
  return Result.all(
    linesOf(text).map((line, i) =>
      Result.mapError(row(line), ({ message }): Damage => ({ line: i + 1, reason: message }))
    )
  )
}
