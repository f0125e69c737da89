/** What a run's directory tells of its course: the tables that training wrote, decoded. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Experiment } from "../experiment/index.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as RunRecord from "./RunRecord.ts"

// models

/** A number of a table: JSON has none that is not finite, and the tables say `null` in their place. */
const Quantity = Schema.NullOr(Schema.Number).pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform({
      decode: (value) => value ?? Number.NaN,
      encode: (value) => (Number.isFinite(value) ? value : null)
    })
  )
)

/** A line of `metrics.jsonl`: a slice. Losses and what else the learner reports stand beside these by name. */
const Slice = Schema.StructWithRest(
  Schema.Struct({
    step: Schema.Int,
    /** The noise's scale at the last step. */
    exploration: Quantity,
    /** Of the episodes that ended in the slice, in their order. */
    returns: Schema.Array(Quantity),
    lengths: Schema.Array(Schema.Int)
  }),
  [Schema.Record(Schema.String, Schema.Unknown)]
)
export type Slice = typeof Slice.Type

/** A line of `evaluations.jsonl`. */
const Evaluated = Schema.Struct({
  step: Schema.Int,
  mean: Quantity,
  returns: Schema.Array(Quantity)
})
export type Evaluated = typeof Evaluated.Type

export interface RunHistory {
  readonly run: string
  readonly manifest: RunDirectory.Manifest
  readonly config: Experiment.Options
  /** The environment step at which the first episode of the tables began: 0, or of a branch one of the run before it. */
  readonly begun: number
  readonly slices: ReadonlyArray<Slice>
  readonly evaluations: ReadonlyArray<Evaluated>
}

/** Values over environment steps. */
export interface Series {
  readonly steps: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

// pure core

/** The return of every episode, at the step where it ended. */
export const episodes = ({ begun, slices }: Pick<RunHistory, "begun" | "slices">): Series => {
  const values = slices.flatMap(({ returns }) => returns)
  let step = begun
  const steps = slices.flatMap(({ lengths }) => lengths.map((length) => (step += length)))
  return { steps, values }
}

/** A column of the metrics; slices without it are left out. */
export const metric = ({ slices }: Pick<RunHistory, "slices">, name: string): Series => {
  const points = slices.flatMap((slice) => {
    const value = slice[name]
    return typeof value === "number" ? [{ step: slice.step, value }] : []
  })
  return { steps: points.map(({ step }) => step), values: points.map(({ value }) => value) }
}

const slice = Schema.decodeUnknownResult(Schema.fromJsonString(Slice))
const evaluated = Schema.decodeUnknownResult(Schema.fromJsonString(Evaluated))

const table = <A>(
  text: string,
  path: string,
  decode: (line: string) => Result.Result<A, Schema.SchemaError>
): Result.Result<ReadonlyArray<A>, RunDirectory.RunDirectoryError> =>
  Result.all(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line, i) =>
        Result.mapError(
          decode(line),
          (error) =>
            new RunDirectory.RunDirectoryError({
              path: `${path}, line ${i + 1}`,
              what: error.message,
              fix: "It was changed, or written by another version of Ornstein: train again"
            })
        )
      )
  )

// reading

/** A table of a run; none is written before its first row. */
const rowsOf = (run: string, file: string) =>
  RunDirectory.read(run, file).pipe(Effect.catchTag("NoRunError", () => Effect.succeed("")))

/** A branch goes on with the episode that its origin was in. */
const begunOf = Effect.fnUntraced(function* (run: string, origin: RunDirectory.Origin | null) {
  if (origin === null) return 0
  const { state } = yield* RunRecord.readOriginState(run, origin)
  return state.step - state.episodeLength
})

/** The history of a run, in any state of completion. */
export const read = Effect.fn("RunHistory.read")(function* (run: string) {
  const { evaluations, metrics } = RunDirectory.files
  const record = yield* RunRecord.open(run)
  yield* RunRecord.confirmNewest(record)
  const history: RunHistory = {
    run,
    manifest: record.manifest,
    config: record.config,
    begun: yield* begunOf(record.path, record.manifest.origin),
    slices: yield* Effect.fromResult(table(yield* rowsOf(run, metrics), `${run}/${metrics}`, slice)),
    evaluations: yield* Effect.fromResult(
      table(yield* rowsOf(run, evaluations), `${run}/${evaluations}`, evaluated)
    )
  }
  return history
})
