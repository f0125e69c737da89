/** The runs below a directory, and how each one stands. */
import * as FileWords from "@ornstein/core/FileWords"
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Lock from "./Lock.ts"
import type * as Record from "./Record.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as RunRecord from "./RunRecord.ts"

// errors

/** There is no directory of runs where one was looked for. */
export class NoRunsError
  extends Schema.TaggedError<NoRunsError>()("NoRunsError", { path: Schema.String, what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  get fix(): string {
    return "Give a directory that has runs in it; `ornstein train` makes them under runs/"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** An evaluation without exploration, or the mean return of the episodes of a slice. */
export interface Score {
  readonly step: number
  readonly mean: number
}

/**
 * - `running`: a process is at work on it
 * - `finished`: it has reached its last step
 * - `stopped`: it has not, and `ornstein resume` goes on with it
 * - `damaged`: it cannot be resumed as it is
 */
export type State = "running" | "finished" | "stopped" | "damaged"

export interface Run {
  readonly path: string
  readonly state: State
  readonly step: number
  readonly steps: number
  readonly startedAt: string
  /** The last evaluation, and the best one after training began; none before there was one. */
  readonly evaluation: Score | null
  readonly best: Score | null
  /** The last slice in which an episode ended. */
  readonly training: Score | null
  /** Why it was stopped, or what is damaged. */
  readonly reason: string | null
}

type Scores = Pick<Run, "evaluation" | "best" | "training">

// pure core

const NOTHING: Scores = { evaluation: null, best: null, training: null }

const damaged = (path: string, reason: string, manifest?: Record.Manifest): Run => ({
  path,
  state: "damaged",
  step: manifest?.step ?? 0,
  steps: manifest?.steps ?? 0,
  startedAt: manifest?.startedAt ?? "",
  ...NOTHING,
  reason
})

const Evaluated = Schema.Struct({ step: Schema.Int, mean: Schema.Finite })
const Slice = Schema.Struct({ step: Schema.Int, return: Schema.Finite })

/** The rows of a table that can be read: a run that is listed is not judged by each of them. */
const rowsOf = <A>(table: string, schema: Schema.Codec<A, unknown>): ReadonlyArray<A> => {
  const decode = Schema.decodeUnknownOption(Schema.fromJsonString(schema))
  return table.split("\n").flatMap((line) => Option.toArray(decode(line)))
}

/** What the tables of a run say of how well it does. */
export const scores = (evaluations: string, metrics: string): Scores => {
  const evaluated = rowsOf(evaluations, Evaluated)
  const [, ...later] = evaluated
  const slice = rowsOf(metrics, Slice).at(-1)
  return {
    evaluation: evaluated.at(-1) ?? null,
    best: later.toSorted((a, b) => b.mean - a.mean)[0] ?? null,
    training: slice === undefined ? null : { step: slice.step, mean: slice.return }
  }
}

// reading

/** A table of a run; empty if there is none yet. */
const tableOf = (run: string, file: string) =>
  Effect.catchTag(RunDirectory.read(run, file), "NoRunError", () => Effect.succeed(""))

/**
 * Can the run be resumed? Looks at manifests and tables, not at every byte of its checkpoints: that is what `resume`
 * does. The tables of a run in progress are its process's own.
 */
const inspect = Effect.fnUntraced(function* (run: string, isHeld: boolean) {
  const record = yield* RunRecord.look(run)
  const found = yield* isHeld ? RunRecord.newest(record) : RunRecord.confirmNewest(record)
  return found?.manifest.step ?? 0
})

/** One run; whatever is wrong with it, it is listed. */
export const look = Effect.fn("Runs.look")(function* (path: string) {
  const lock = yield* Effect.result(Lock.state(path))
  if (lock._tag === "Failure") {
    return damaged(path, RunDirectory.platform(path, "reading its lock")(lock.failure).message)
  }
  const isHeld = lock.success._tag === "Held"
  const read = yield* Effect.result(RunDirectory.readManifest(path))
  if (read._tag === "Failure") return damaged(path, read.failure.message)
  const manifest = read.success
  const inspected = yield* Effect.result(inspect(path, isHeld))
  if (inspected._tag === "Failure") return damaged(path, inspected.failure.message, manifest)
  const tables = yield* Effect.result(
    Effect.all(
      [RunDirectory.files.evaluations, RunDirectory.files.metrics].map((file) => tableOf(path, file))
    )
  )
  if (tables._tag === "Failure") return damaged(path, tables.failure.message, manifest)
  const [evaluations = "", metrics = ""] = tables.success
  const { reason, startedAt, status, steps } = manifest
  const state: State = isHeld ? "running" : status === "finished" ? "finished" : "stopped"
  const run: Run = {
    path,
    state,
    step: Math.max(inspected.success, status === "running" ? 0 : manifest.step),
    steps,
    startedAt,
    ...scores(evaluations, metrics),
    reason: state === "stopped" && status === "running" ? "its process is gone" : reason
  }
  return run
})

/** The runs directly below a directory, by name, or the run that it is. Fails with a `NoRunsError` if it is none. */
export const list = Effect.fn("Runs.list")(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const entries = yield* fs.readDirectoryEntries(directory).pipe(
    Effect.mapError(
      (error) =>
        new NoRunsError({
          path: directory,
          what: error.reason._tag === "NotFound" ? "there is no such directory" : FileWords.said(error)
        })
    )
  )
  const isThere = (name: string, file: string) =>
    Effect.orElseSucceed(fs.exists(path.join(directory, name, file)), () => false)
  const isRun = (name: string) =>
    Effect.map(
      Effect.all([isThere(name, RunDirectory.files.manifest), isThere(name, RunDirectory.files.config)]),
      ([manifest, config]) => manifest || config
    )
  if (yield* isThere("", RunDirectory.files.manifest)) return [yield* look(directory)]
  const names = entries
    .filter(({ name, type }) => type === "Directory" && !name.startsWith("."))
    .map(({ name }) => name)
  const runs = yield* Effect.filter(names, isRun)
  return yield* Effect.forEach(runs.toSorted(), (name) => look(path.join(directory, name)))
})
