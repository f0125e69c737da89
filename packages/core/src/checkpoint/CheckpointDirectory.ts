/**
 * The directory of a run's checkpoints, for reading: which there are, and what is in them, every byte verified.
 *
 * ```text
 * checkpoints/
 *   000000010000/    a checkpoint by its step: manifest.json, manifest.sha256, and the files of `Checkpoint`
 *   000000020000/
 *   segments/        the replay's transitions, shared by all checkpoints
 *     000000000000-000000010000-91b0c3e2a5d4f678.safetensors
 * ```
 *
 * ```ts
 * const { found, passedOver } = yield* CheckpointDirectory.latest("runs/a/checkpoints")
 * const trainer = yield* Training.make(learner, options, found.saved)
 * ```
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { Durable, RegularFile } from "../files/index.ts"
import type { Training } from "../training/index.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as CheckpointError from "./CheckpointError.ts"
import * as Manifest from "./Manifest.ts"
import * as Segments from "./Segments.ts"

// models

/** A checkpoint by name, with its manifest or what is wrong with it. */
export interface Entry {
  readonly name: string
  readonly step: number
  readonly manifest: Effect.Effect<Manifest.Manifest, CheckpointError.CheckpointError>
}

/** A checkpoint that has been read and verified as a whole. */
export interface Loaded {
  readonly name: string
  readonly manifest: Manifest.Manifest
  readonly saved: Training.Saved
}

/** The same without the replay's rows: what a policy needs. */
export interface LoadedState {
  readonly name: string
  readonly manifest: Manifest.Manifest
  readonly state: Training.TrainState
}

// pure core

export const MANIFEST = "manifest.json"
export const SEAL = "manifest.sha256"
export const SEGMENTS = "segments"

/** Also one that was moved aside for another of the same step, and left so by a kill. */
const NAME = /^(\d{12})(\.old)?$/

/** The name of the checkpoint of a step. */
export const nameOf = Manifest.nameOf

// reading

const readManifest = Effect.fnUntraced(function* (directory: string, step: number) {
  const path = yield* Path.Path
  const file = path.join(directory, MANIFEST)
  const read = (file: string) =>
    CheckpointError.at(file)(RegularFile.readText(file, { most: RegularFile.SMALL }))
  yield* CheckpointError.at(directory)(RegularFile.checkDirectory(directory))
  const text = yield* read(file)
  const given = yield* read(path.join(directory, SEAL))
  const manifest = yield* Effect.fromResult(Manifest.decode(file, text, given))
  if (manifest.step !== step) {
    return yield* CheckpointError.damaged(file, `it says step ${manifest.step}, its directory step ${step}`)
  }
  const foreign = Object.keys(manifest.files).find((name) => !Checkpoint.FILES.includes(name))
  if (foreign === undefined) return manifest
  return yield* CheckpointError.damaged(file, `it names a file that no checkpoint has, "${foreign}"`)
})

/** The checkpoints of a directory, newest first; none if it does not exist. */
export const list = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* RegularFile.checkDirectory(directory).pipe(
    Effect.andThen(fs.readDirectory(directory)),
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.succeed([])
    ),
    CheckpointError.at(directory)
  )
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  return names
    .filter((name) => NAME.test(name))
    .map(
      (name): Entry => ({
        name,
        step: Number(name.slice(0, 12)),
        manifest: Effect.provideContext(
          readManifest(path.join(directory, name), Number(name.slice(0, 12))),
          context
        )
      })
    )
    .sort((a, b) => b.step - a.step || a.name.length - b.name.length)
})

const readVerified = Effect.fnUntraced(function* (path: string, digest: Manifest.Digest) {
  const bytes = yield* CheckpointError.at(path)(
    RegularFile.read(path, { most: RegularFile.LARGE, bytes: digest.bytes })
  )
  const fault = Manifest.fault(bytes, digest)
  return fault === undefined ? bytes : yield* CheckpointError.damaged(path, fault)
})

/** The state of a checkpoint without the replay's rows. */
const readState = Effect.fnUntraced(function* (directory: string, entry: Entry) {
  const path = yield* Path.Path
  const { name } = entry
  const manifest = yield* entry.manifest
  const read = Object.entries(manifest.files).map(([file, digest]) =>
    Effect.map(readVerified(path.join(directory, name, file), digest), (bytes) => [file, bytes] as const)
  )
  const bytes = Object.fromEntries(yield* Effect.all(read, { concurrency: "unbounded" }))
  const place = path.join(directory, name)
  const decoded = yield* Effect.fromResult(Checkpoint.decode(place, bytes))
  const { state } = decoded
  const said: ReadonlyArray<readonly [name: string, manifest: unknown, state: unknown]> = [
    ["step", manifest.step, state.step],
    ["updates", manifest.updates, state.updates],
    ["episode", manifest.episode, state.episode],
    ["chain", manifest.chain, state.slice.chain]
  ]
  const other = said.find(([, manifest, state]) => manifest !== state)
  if (other === undefined) return decoded
  const [field, ofManifest, ofState] = other
  return yield* CheckpointError.damaged(
    place,
    `its manifest says ${field} ${String(ofManifest)}, its state ${field} ${String(ofState)}`
  )
})

const readRows = Effect.fnUntraced(function* (directory: string, { replay }: Manifest.Manifest) {
  const path = yield* Path.Path
  const { first, segments, stored } = replay
  if (segments.length > 0) {
    const store = path.join(directory, SEGMENTS)
    yield* CheckpointError.at(store)(RegularFile.checkDirectory(store))
  }
  const target: Segments.Target = { first, last: stored, rows: {} }
  const all = segments.reduce((sum, { bytes }) => sum + bytes, 0)
  yield* Effect.forEach(
    segments,
    Effect.fnUntraced(function* (segment) {
      const file = path.join(directory, SEGMENTS, segment.file)
      const bytes = yield* readVerified(file, segment)
      yield* Effect.fromResult(Segments.copyInto(target, file, segment, bytes, all))
    }),
    { concurrency: 4, discard: true }
  )
  return target.rows
})

/** Reads a checkpoint and verifies every byte of it. */
export const load = Effect.fn("CheckpointDirectory.load")(function* (directory: string, entry: Entry) {
  const manifest = yield* entry.manifest
  const saved: Training.Saved = {
    ...(yield* readState(directory, entry)),
    first: manifest.replay.first,
    rows: yield* readRows(directory, manifest)
  }
  const loaded: Loaded = { name: entry.name, manifest, saved }
  return loaded
})

/** Reads the state of a checkpoint, without the replay's rows, and verifies every byte of it. */
export const loadState = Effect.fn("CheckpointDirectory.loadState")(function* (
  directory: string,
  entry: Entry
) {
  const manifest = yield* entry.manifest
  const loaded: LoadedState = { name: entry.name, manifest, ...(yield* readState(directory, entry)) }
  return loaded
})

/** What tells the checkpoint at a place from another one there; `undefined` where there is none any more. */
const sealOf = Effect.fnUntraced(function* (directory: string, { name }: Entry) {
  const path = yield* Path.Path
  const seal = yield* Effect.option(
    RegularFile.readText(path.join(directory, name, SEAL), { most: RegularFile.SMALL })
  )
  if (seal._tag === "Some") return seal.value
  return (yield* list(directory)).some((entry) => entry.name === name) ? "none" : undefined
})

/** A writer has put another checkpoint, or none, in the place of one that was being read. */
const Replaced = Symbol("Replaced")

/** Reads a checkpoint; a failure says whether it was replaced meanwhile. */
const attempt = Effect.fnUntraced(function* <A, R>(
  directory: string,
  entry: Entry,
  use: (entry: Entry) => Effect.Effect<A, CheckpointError.CheckpointError, R>
) {
  const before = yield* sealOf(directory, entry)
  const result = yield* Effect.result(use(entry))
  if (result._tag === "Success") return result
  const after = yield* sealOf(directory, entry)
  return after === undefined || after !== before ? Replaced : result
})

/** How often a reader lists again what a writer changes under it. */
const ROUNDS = 100

/** Takes the newest checkpoint that `use` accepts, and tells of those that it had to pass over. */
const newest = Effect.fnUntraced(function* <A, R>(
  directory: string,
  use: (entry: Entry) => Effect.Effect<A, CheckpointError.CheckpointError, R>
) {
  let passedOver: ReadonlyArray<CheckpointError.CheckpointError> = []
  for (let round = 1; round <= ROUNDS; round++) {
    passedOver = []
    let isReplaced = false
    for (const entry of yield* list(directory)) {
      const result = yield* attempt(directory, entry, use)
      if (result === Replaced) {
        isReplaced = true
        break
      }
      if (result._tag === "Success") return { found: result.success, passedOver }
      passedOver = [...passedOver, result.failure]
    }
    if (!isReplaced) break
  }
  const isEmpty = passedOver.length === 0
  return yield* new CheckpointError.CheckpointError({
    kind: isEmpty ? "none" : "damaged",
    path: directory,
    what: isEmpty
      ? "there is no checkpoint here"
      : ["none of the checkpoints here can be used:", ...passedOver.map(String)].join("\n  "),
    fix: isEmpty
      ? "Train until there is one (`ornstein train --checkpoint-every STEPS`), or name another run"
      : "Restore the files named from a copy, or train again from the run's config.json"
  })
})

/** The newest checkpoint that is valid, and what is wrong with each newer one. */
export const latest = Effect.fn("CheckpointDirectory.latest")((directory: string) =>
  newest(directory, (entry) => load(directory, entry))
)

/** The same without the replay's rows: what a policy needs. */
export const latestState = Effect.fn("CheckpointDirectory.latestState")((directory: string) =>
  newest(directory, (entry) => loadState(directory, entry))
)

/** The same without any state: what the newest readable checkpoint says of itself. */
export const latestManifest = Effect.fn("CheckpointDirectory.latestManifest")((directory: string) =>
  newest(directory, (entry) => Effect.map(entry.manifest, (manifest) => ({ name: entry.name, manifest })))
)

const stepsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<number> =>
  [...new Set(entries.map(({ step }) => step))].toSorted((a, b) => a - b)

const absent = (directory: string, reason: string, entries: ReadonlyArray<Entry>) =>
  new CheckpointError.CheckpointError({
    kind: "none",
    path: directory,
    what: reason,
    fix: entries.length === 0 ? "There are none at all" : `There are ones of ${stepsOf(entries).join(", ")}`
  })

/** Reads the checkpoint of exactly this step. */
const exactly = Effect.fnUntraced(function* <A, R>(
  directory: string,
  step: number,
  use: (entry: Entry) => Effect.Effect<A, CheckpointError.CheckpointError, R>
) {
  let entries: ReadonlyArray<Entry> = []
  for (let round = 1; round <= ROUNDS; round++) {
    entries = yield* list(directory)
    const entry = entries.find((entry) => entry.step === step)
    if (entry === undefined) break
    const result = yield* attempt(directory, entry, use)
    if (result !== Replaced) return yield* Effect.fromResult(result)
  }
  return yield* absent(directory, `there is no checkpoint of step ${step}`, entries)
})

/** The checkpoint of exactly this step. */
export const at = Effect.fn("CheckpointDirectory.at")((directory: string, step: number) =>
  exactly(directory, step, (entry) => load(directory, entry))
)

/** Which checkpoint: the newest that is valid, the best by an evaluation at its step, or that of a step. */
export type Which = "last" | "best" | number

const bestStep = Effect.fnUntraced(function* (directory: string) {
  const entries = yield* list(directory)
  const results = yield* Effect.forEach(entries, ({ manifest }) => Effect.result(manifest))
  const best = Manifest.best(results.flatMap((result) => (result._tag === "Success" ? result.success : [])))
  if (best === undefined) return yield* absent(directory, "no checkpoint here was evaluated", entries)
  return best.step
})

/** The state of one of the checkpoints, without the replay's rows, and what is wrong with newer ones. */
export const stateAt = Effect.fn("CheckpointDirectory.stateAt")(function* (directory: string, which: Which) {
  if (which === "last") return yield* latestState(directory)
  const step = which === "best" ? yield* bestStep(directory) : which
  const found = yield* exactly(directory, step, (entry) => loadState(directory, entry))
  return { found, passedOver: [] }
})

// sharing

/** Puts the segments of a checkpoint into the store of another run, which can then go on from it. */
export const shareSegments = Effect.fnUntraced(function* (
  from: string,
  manifest: Manifest.Manifest,
  to: string
) {
  const path = yield* Path.Path
  yield* Effect.gen(function* () {
    for (const place of [from, path.join(from, SEGMENTS)]) yield* RegularFile.checkDirectory(place)
    for (const place of [to, path.join(to, SEGMENTS)]) yield* Durable.ensureDirectory(place)
    for (const { file } of manifest.replay.segments) {
      yield* Durable.share(path.join(from, SEGMENTS, file), path.join(to, SEGMENTS, file))
    }
    yield* Durable.syncDirectory(path.join(to, SEGMENTS))
  }).pipe(CheckpointError.at(to))
})

/** Puts a whole checkpoint into the store of another run. */
export const shareCheckpoint = Effect.fnUntraced(function* (
  from: string,
  { manifest, name }: Loaded,
  to: string
) {
  const path = yield* Path.Path
  yield* shareSegments(from, manifest, to)
  yield* Effect.gen(function* () {
    yield* Durable.makeDirectory(path.join(to, name))
    for (const file of [...Object.keys(manifest.files), MANIFEST, SEAL]) {
      yield* Durable.share(path.join(from, name, file), path.join(to, name, file))
    }
    yield* Durable.syncDirectory(path.join(to, name))
    yield* Durable.syncDirectory(to)
  }).pipe(CheckpointError.at(to))
})
