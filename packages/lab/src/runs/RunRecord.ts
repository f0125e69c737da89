/**
 * The record of a run, opened: the one way in which every command reads a run, and what it checks before it believes
 * it. The configuration is the one that `run.json` names by its hash, and a checkpoint belongs to this run: it was
 * made with this configuration, and its hash chain is that of the run's metrics.
 *
 * ```ts
 * const record = yield* RunRecord.open("runs/a") // or look, for who needs none of its parts
 * const { found } = yield* RunRecord.latest(record)
 * ```
 */
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as CheckpointError from "@ornstein/core/CheckpointError"
import * as Config from "@ornstein/core/Config"
import type * as Environment from "@ornstein/core/Environment"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Manifest from "@ornstein/core/Manifest"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { ConfigFile, Current, type Experiment, Settings } from "../experiment/index.ts"
import * as RunParts from "./RunParts.ts"
import type * as Record from "./Record.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as Tables from "./Tables.ts"

// models

/** What a run's files say of it. */
export interface Written {
  /** Absolute. */
  readonly path: string
  readonly manifest: Record.Manifest
  readonly config: Experiment.Settings
  /** The checkpoint that a branch began with, without its state. */
  readonly origin: Manifest.Manifest | undefined
}

/** A run that can go on, or be repeated: all of its parts are there. */
export interface RunRecord extends Written {
  /** The user's own parts, as they were recorded and as they are. */
  readonly parts: Effect.Success<ReturnType<typeof RunParts.check>>
}

// pure core

/** Where two configurations differ: `training.batchSize: 64 became 128`. */
export const differences = (before: unknown, after: unknown): ReadonlyArray<string> => {
  const shown = (value: unknown): string => (value === undefined ? "nothing" : (JSON.stringify(value) ?? ""))
  return JsonPath.differing(before, after).map(
    (path) => `${path}: ${shown(JsonPath.at(before, path))} became ${shown(JsonPath.at(after, path))}`
  )
}

/** Where versions differ. What belongs to an engine, its level, is not compared with another engine's. */
export const versionChanges = (
  before: Record.Manifest["versions"],
  after: Record.Manifest["versions"]
): ReadonlyArray<string> => {
  const changes = differences(before, after)
  return before["engine"] === after["engine"]
    ? changes
    : changes.filter((change) => !change.startsWith("level: "))
}

/** Where a world is computed by other releases than the record says: `mujoco: "3.13.0" became "3.14.0"`. */
export const libraryChanges = (
  before: Record.Manifest["versions"],
  { libraries = {} }: Pick<Environment.Spec, "libraries">
): ReadonlyArray<string> => {
  const recorded = Object.keys(libraries).map((name) => [name, before[name]] as const)
  return differences(Object.fromEntries(recorded), libraries)
}

/** The same experiment with another end. */
export const withSteps = (config: Experiment.Settings, steps: number): Experiment.Settings => ({
  ...config,
  training: { ...config.training, steps }
})

/** What differs besides the end, which a run may change as it goes. */
const changes = (recorded: unknown, config: Experiment.Settings): ReadonlyArray<string> =>
  differences(recorded, config).filter((change) => !change.startsWith("training.steps: "))

const mismatch = (path: string, reason: string, fix: string): CheckpointError.CheckpointError =>
  new CheckpointError.CheckpointError({ kind: "config", path, what: reason, fix })

// reading

/** The directory of a run's checkpoints. */
export const storeOf = Effect.fnUntraced(function* ({ path }: Pick<Written, "path">) {
  return (yield* Path.Path).join(path, RunDirectory.files.checkpoints)
})

/** A configuration as it is written, whichever parts it chooses: it has all of its defaults. */
const asWritten = (
  input: unknown,
  file: string
): Result.Result<Experiment.Settings, CheckpointError.CheckpointError> =>
  Settings.isSettings(input)
    ? Result.succeed(input)
    : Result.fail(mismatch(file, "it is no configuration of an experiment", "Restore it from a copy"))

/** The configuration of a run, which must be the one that it was started with. */
const readConfig = Effect.fnUntraced(function* <E>(
  run: string,
  manifest: Record.Manifest,
  decode: (input: unknown, file: string) => Result.Result<Experiment.Settings, E>
) {
  const path = yield* Path.Path
  const file = path.join(run, RunDirectory.files.config)
  const given = yield* Effect.fromResult(decode(yield* ConfigFile.read(file), file))
  const config = withSteps(given, manifest.steps)
  const { steps } = given.training
  const isEnd = steps === manifest.steps || steps === manifest.replaced
  if (isEnd && Config.hash(config) === manifest.config) return config
  const recorded = yield* Effect.option(CheckpointDirectory.latestManifest(yield* storeOf({ path: run })))
  const changed = recorded._tag === "Some" ? changes(recorded.value.found.manifest.config, given) : []
  const all = [...changed, ...(isEnd ? [] : [`training.steps: ${manifest.steps} became ${steps}`])]
  const told = all.length > 0 ? all.join("; ") : `its hash in ${RunDirectory.files.manifest} is another`
  return yield* mismatch(
    file,
    `it was changed since the run was started (${told})`,
    "Change it back, or start another run with the change: `ornstein branch RUN --set path=value`" +
      (isEnd ? "" : "; `ornstein resume RUN --steps N` gives a run another end")
  )
})

/** The checkpoint that a branch began with, read in one way or another; it must be the one that `run.json` names. */
const originWith = Effect.fnUntraced(function* <A extends { readonly manifest: Manifest.Manifest }, E, R>(
  run: string,
  origin: Record.Origin,
  read: (store: string) => Effect.Effect<{ readonly found: A }, E, R>
) {
  const store = (yield* Path.Path).join(run, RunDirectory.files.origin)
  const { found } = yield* read(store)
  const { configHash, step } = found.manifest
  if (configHash === origin.config && step === origin.step) return found
  return yield* mismatch(
    store,
    `it is not the checkpoint that ${RunDirectory.files.manifest} says the branch began with`,
    "Restore both from a copy, or start the branch again"
  )
})

/** The checkpoint that a branch began with. */
export const readOrigin = (run: string, origin: Record.Origin) =>
  originWith(run, origin, CheckpointDirectory.latest)

/** The same without the replay's rows. */
export const readOriginState = (run: string, origin: Record.Origin) =>
  originWith(run, origin, (store) => CheckpointDirectory.stateAt(store, "last"))

const readOriginManifest = Effect.fnUntraced(function* (run: string, { origin }: Record.Manifest) {
  if (origin === null) return undefined
  return (yield* originWith(run, origin, CheckpointDirectory.latestManifest)).manifest
})

/** What a run's files say, for who only looks at it: parts of the user's own need not be there, and none is run. */
export const look = Effect.fn("RunRecord.look")(function* (run: string) {
  const path = (yield* Path.Path).resolve(run)
  const manifest = yield* RunDirectory.readManifest(path)
  const { experiment } = yield* Current
  const config = yield* manifest.parts === undefined
    ? readConfig(path, manifest, experiment.decode)
    : readConfig(path, manifest, asWritten)
  const written: Written = { path, manifest, config, origin: yield* readOriginManifest(path, manifest) }
  return written
})

/** Opens a run, with the parts that it was made with. */
export const open = Effect.fn("RunRecord.open")(function* (run: string) {
  const path = (yield* Path.Path).resolve(run)
  const manifest = yield* RunDirectory.readManifest(path)
  const parts = yield* RunParts.check(path, manifest.parts)
  const { experiment } = yield* Current
  const config = yield* readConfig(path, manifest, experiment.decode)
  const origin = yield* readOriginManifest(path, manifest)
  const record: RunRecord = { path, manifest, config, parts, origin }
  return record
})

/**
 * Fails unless a checkpoint belongs to the run, and the tables are, up to its step, what they were when it was written.
 * Gives how much of them that is.
 */
export const confirm = Effect.fn("RunRecord.confirm")(function* (
  record: Written,
  name: string,
  manifest: Manifest.Manifest
) {
  const path = yield* Path.Path
  const place = path.join(yield* storeOf(record), name)
  const fix = "Put it back where it came from: a run goes on from its own checkpoints only"
  const changed = changes(manifest.config, record.config)
  const isSame = changed.length === 0 && Config.hash(manifest.config) === manifest.configHash
  if (!isSame) {
    const told = changed.length === 0 ? "its hash is another" : changed.join("; ")
    return yield* mismatch(place, `it belongs to another configuration (${told})`, fix)
  }
  const begun = record.origin?.chain ?? ""
  if (manifest.tables === undefined) return yield* mismatch(place, "it says nothing of the run's tables", fix)
  const result = yield* Effect.result(Tables.check(record.path, manifest, manifest.tables, begun))
  if (result._tag === "Success") return result.success
  if (result.failure._tag !== "ForeignError") return yield* result.failure
  return yield* mismatch(
    place,
    `it belongs to another run, or ${RunDirectory.files.metrics} was changed: its hash chain ` +
      `${manifest.chain.slice(0, 16)}... is not the one there, ${result.failure.chain.slice(0, 16)}...`,
    fix
  )
})

/** What the newest readable checkpoint of a run says of itself; nothing if there is none at all. */
export const newest = Effect.fn("RunRecord.newest")(function* (record: Written) {
  const store = yield* storeOf(record)
  if ((yield* CheckpointDirectory.list(store)).length === 0) return undefined
  return (yield* CheckpointDirectory.latestManifest(store)).found
})

/** The same, confirmed. Every byte of it is verified by whoever loads it. */
export const confirmNewest = Effect.fn("RunRecord.confirmNewest")(function* (record: Written) {
  const found = yield* newest(record)
  if (found !== undefined) yield* confirm(record, found.name, found.manifest)
  return found
})

/** The newest valid checkpoint of a run, confirmed; with its replay. */
export const latest = Effect.fn("RunRecord.latest")(function* (record: Written) {
  const { found, passedOver } = yield* CheckpointDirectory.latest(yield* storeOf(record))
  return { found, passedOver, kept: yield* confirm(record, found.name, found.manifest) }
})

/** One of the checkpoints of a run, confirmed; without the replay's rows. */
export const stateAt = Effect.fn("RunRecord.stateAt")(function* (
  record: Written,
  which: CheckpointDirectory.Which
) {
  const { found, passedOver } = yield* CheckpointDirectory.stateAt(yield* storeOf(record), which)
  yield* confirm(record, found.name, found.manifest)
  return { found, passedOver }
})

/** The checkpoint of exactly this step, confirmed. */
export const at = Effect.fn("RunRecord.at")(function* (record: Written, step: number) {
  const found = yield* CheckpointDirectory.at(yield* storeOf(record), step)
  yield* confirm(record, found.name, found.manifest)
  return found
})
