/** What a run's directory tells of its course: the tables that training wrote, decoded. */
import * as Effect from "effect/Effect"
import { Current, type Experiment } from "../experiment/index.ts"
import * as Rows from "./Rows.ts"
import type * as Record from "./Record.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as RunParts from "./RunParts.ts"
import * as RunRecord from "./RunRecord.ts"
import * as Tables from "./Tables.ts"

// models

export interface RunHistory {
  readonly run: string
  readonly manifest: Record.Manifest
  readonly config: Experiment.Settings
  /** The environment step at which the first episode of the tables began: 0, or of a branch one of the run before it. */
  readonly begun: number
  readonly slices: ReadonlyArray<Rows.Slice>
  readonly evaluations: ReadonlyArray<Rows.Evaluated>
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

// reading

/** A branch goes on with the episode that its origin was in. */
const begunOf = Effect.fnUntraced(function* (run: string, origin: Record.Origin | null) {
  if (origin === null) return 0
  const { state } = yield* RunRecord.readOriginState(run, origin)
  return state.step - state.episodeLength
})

/** The history of a run, in any state of completion. Parts of the user's own are compared with it where some are loaded. */
export const read = Effect.fn("RunHistory.read")(function* (run: string) {
  const { evaluations, metrics } = RunDirectory.files
  const record = yield* RunRecord.look(run)
  const { sources } = yield* Current
  if (sources.length > 0) yield* RunParts.check(record.path, record.manifest.parts)
  yield* RunRecord.confirmNewest(record)
  const history: RunHistory = {
    run,
    manifest: record.manifest,
    config: record.config,
    begun: yield* begunOf(record.path, record.manifest.origin),
    slices: yield* Tables.rows(run, metrics, Rows.Slice),
    evaluations: yield* Tables.rows(run, evaluations, Rows.Evaluated)
  }
  return history
})
