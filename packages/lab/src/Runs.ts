/** The runs below a directory, and how each one stands. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Lock from "./Lock.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as RunRecord from "./RunRecord.ts"

// models

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
  /** Why it was stopped, or what is damaged. */
  readonly reason: string | null
}

// pure core

const damaged = (path: string, reason: string, manifest?: RunDirectory.Manifest): Run => ({
  path,
  state: "damaged",
  step: manifest?.step ?? 0,
  steps: manifest?.steps ?? 0,
  startedAt: manifest?.startedAt ?? "",
  reason
})

// reading

/**
 * Can the run be resumed? Looks at manifests and tables, not at every byte of its checkpoints: that is what `resume`
 * does. The tables of a run in progress are its process's own.
 */
const inspect = Effect.fnUntraced(function* (run: string, isHeld: boolean) {
  const record = yield* RunRecord.open(run)
  const found = yield* isHeld ? RunRecord.newest(record) : RunRecord.confirmNewest(record)
  return found?.manifest.step ?? 0
})

/** One run. */
export const look = Effect.fn("Runs.look")(function* (path: string) {
  const lock = yield* Lock.state(path)
  const isHeld = lock._tag === "Held"
  const read = yield* Effect.result(RunDirectory.readManifest(path))
  if (read._tag === "Failure") return damaged(path, read.failure.message)
  const manifest = read.success
  const inspected = yield* Effect.result(inspect(path, isHeld))
  if (inspected._tag === "Failure") return damaged(path, inspected.failure.message, manifest)
  const { reason, startedAt, status, steps } = manifest
  const state: State = isHeld ? "running" : status === "finished" ? "finished" : "stopped"
  const run: Run = {
    path,
    state,
    step: Math.max(inspected.success, status === "running" ? 0 : manifest.step),
    steps,
    startedAt,
    reason: state === "stopped" && status === "running" ? "its process is gone" : reason
  }
  return run
})

/** The runs directly below a directory, by name; none if it does not exist. */
export const list = Effect.fn("Runs.list")(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const entries = yield* fs.readDirectoryEntries(directory).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "NotFound",
      () => Effect.succeed([])
    )
  )
  const isRun = (name: string) =>
    Effect.map(
      Effect.all([
        fs.exists(path.join(directory, name, RunDirectory.files.manifest)),
        fs.exists(path.join(directory, name, RunDirectory.files.config))
      ]),
      ([manifest, config]) => manifest || config
    )
  const names = entries
    .filter(({ name, type }) => type === "Directory" && !name.startsWith("."))
    .map(({ name }) => name)
  const runs = yield* Effect.filter(names, isRun)
  return yield* Effect.forEach(runs.toSorted(), (name) => look(path.join(directory, name)))
})
