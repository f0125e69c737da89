/**
 * The checkpoints of one run, in a directory of their own:
 *
 * ```text
 * checkpoints/
 *   000000010000/    a checkpoint by its step: manifest.json, manifest.sha256, and the files of `Checkpoint`
 *   000000020000/
 *   segments/        the replay's transitions, shared by all checkpoints
 *     000000000000-000000010000-91b0c3e2a5d4f678.safetensors
 * ```
 *
 * A checkpoint is written beside its place, synced, and renamed into it: it is there as a whole or not at all. Training
 * waits for the copy of its state only; the writing goes on between its steps.
 *
 * ```ts
 * const store = yield* CheckpointStore.make("runs/a/checkpoints", { keep: 3, identity })
 * yield* store.save(trainer)
 * yield* store.finished
 * const { found, passedOver } = yield* CheckpointStore.latest("runs/a/checkpoints")
 * ```
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Agent from "./Agent.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as CheckpointError from "./CheckpointError.ts"
import * as Durable from "./Durable.ts"
import * as Manifest from "./Manifest.ts"
import * as Segments from "./Segments.ts"
import type * as Training from "./Training.ts"

// models

export interface Options {
  /** How many of the newest checkpoints stay, besides the best one. */
  readonly keep: number
  readonly identity: Manifest.Identity
}

/** Writes the checkpoints of a run in progress, one at a time. */
export interface CheckpointStore {
  /**
   * Copies the run's state and begins to write it; waits for the checkpoint before it. Fails if that one failed, and
   * with a `DivergenceError` rather than keep numbers that are not finite. `score` is an evaluation at this step.
   */
  readonly save: (
    trainer: Training.Trainer,
    score?: Manifest.Score
  ) => Effect.Effect<void, CheckpointError.CheckpointError | Agent.DivergenceError>
  /** Waits until the last one is on the disk: its manifest, if there was any. */
  readonly finished: Effect.Effect<Manifest.Manifest | undefined, CheckpointError.CheckpointError>
}

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

// pure core

const MANIFEST = "manifest.json"
const SEAL = "manifest.sha256"
const SEGMENTS = "segments"

/** What a process left behind that was killed while it wrote or removed a checkpoint. */
const TEMPORARY = /^\.tmp-/

/** A checkpoint that was moved aside for another of the same step, until that one is in place. */
const ASIDE = ".old"

const NAME = /^(\d{12})(\.old)?$/

const nameOf = (step: number): string => String(step).padStart(12, "0")

/** Which of the readable checkpoints up to a step stay: the newest ones, and the best by evaluation. */
export const kept = (
  manifests: ReadonlyArray<Manifest.Manifest>,
  keep: number
): ReadonlyArray<Manifest.Manifest> => {
  const newest = manifests.toSorted((a, b) => b.step - a.step)
  const best = newest
    .filter(({ score }) => score !== undefined)
    .toSorted((a, b) => (b.score?.mean ?? 0) - (a.score?.mean ?? 0))
    .slice(0, 1)
  return [...new Set([...newest.slice(0, keep), ...best])]
}

// reading

const readManifest = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = (yield* Path.Path).join(directory, MANIFEST)
  const read = (file: string) => CheckpointError.at(file)(fs.readFileString(file))
  const text = yield* read(path)
  const given = yield* read((yield* Path.Path).join(directory, SEAL))
  return yield* Effect.fromResult(Manifest.decode(path, text, given))
})

/** The checkpoints of a directory, newest first; none if it does not exist. */
export const list = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* fs.readDirectory(directory).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "NotFound",
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
        manifest: Effect.provideContext(readManifest(path.join(directory, name)), context)
      })
    )
    .sort((a, b) => b.step - a.step || a.name.length - b.name.length)
})

const readVerified = Effect.fnUntraced(function* (path: string, digest: Manifest.Digest) {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* CheckpointError.at(path)(fs.readFile(path))
  const fault = Manifest.fault(bytes, digest)
  return fault === undefined ? bytes : yield* CheckpointError.damaged(path, fault)
})

/** The state of a checkpoint without the replay's rows: what a policy needs. */
export const state = Effect.fnUntraced(function* (directory: string, { manifest, name }: Entry) {
  const path = yield* Path.Path
  const { files } = yield* manifest
  const read = Object.entries(files).map(([file, digest]) =>
    Effect.map(readVerified(path.join(directory, name, file), digest), (bytes) => [file, bytes] as const)
  )
  const bytes = Object.fromEntries(yield* Effect.all(read, { concurrency: "unbounded" }))
  return yield* Effect.fromResult(Checkpoint.decode(path.join(directory, name), bytes))
})

const readRows = Effect.fnUntraced(function* (directory: string, { replay }: Manifest.Manifest) {
  const path = yield* Path.Path
  const { first, segments, stored } = replay
  const gap = segments.find((segment, i) => segment.first > (segments[i - 1]?.last ?? first))
  const end = segments.at(-1)?.last ?? first
  if (gap !== undefined || end !== stored) {
    return yield* CheckpointError.damaged(
      directory,
      `transitions are missing after number ${gap?.first ?? end}`
    )
  }
  const target: Segments.Target = { first, last: stored, rows: {} }
  yield* Effect.forEach(
    segments,
    Effect.fnUntraced(function* (segment) {
      const file = path.join(directory, SEGMENTS, segment.file)
      const bytes = yield* readVerified(file, segment)
      yield* Effect.fromResult(Segments.copyInto(target, file, segment, bytes))
    }),
    { concurrency: 4, discard: true }
  )
  return target.rows
})

/** Reads a checkpoint and verifies every byte of it. */
export const load = Effect.fn("CheckpointStore.load")(function* (directory: string, entry: Entry) {
  const manifest = yield* entry.manifest
  const saved: Training.Saved = {
    state: yield* state(directory, entry),
    first: manifest.replay.first,
    rows: yield* readRows(directory, manifest)
  }
  const loaded: Loaded = { name: entry.name, manifest, saved }
  return loaded
})

/** Takes the newest checkpoint that `use` accepts, and tells of those that it had to pass over. */
const newest = Effect.fnUntraced(function* <A, R>(
  directory: string,
  use: (entry: Entry) => Effect.Effect<A, CheckpointError.CheckpointError, R>
) {
  const passedOver: Array<CheckpointError.CheckpointError> = []
  for (const entry of yield* list(directory)) {
    const result = yield* Effect.result(use(entry))
    if (result._tag === "Success") return { found: result.success, passedOver }
    passedOver.push(result.failure)
  }
  return yield* new CheckpointError.CheckpointError({
    kind: "none",
    path: directory,
    reason:
      passedOver.length === 0
        ? "there is no checkpoint here"
        : ["none of the checkpoints here can be used:", ...passedOver.map(String)].join("\n  "),
    fix: "Restore the files named from a copy, or train again from the run's config.json"
  })
})

/** The newest checkpoint that is valid, and what is wrong with each newer one. */
export const latest = Effect.fn("CheckpointStore.latest")((directory: string) =>
  newest(directory, (entry) => load(directory, entry))
)

/** The same without the replay's rows: what a policy needs. */
export const latestState = Effect.fn("CheckpointStore.latestState")((directory: string) =>
  newest(directory, (entry) => state(directory, entry))
)

/** The checkpoint of exactly this step. */
export const at = Effect.fn("CheckpointStore.at")(function* (directory: string, step: number) {
  const entries = yield* list(directory)
  const entry = entries.find((entry) => entry.step === step)
  if (entry !== undefined) return yield* load(directory, entry)
  const steps = entries.map((entry) => entry.step).toSorted((a, b) => a - b)
  return yield* new CheckpointError.CheckpointError({
    kind: "none",
    path: directory,
    reason: `there is no checkpoint of step ${step}`,
    fix: steps.length === 0 ? "There are none at all" : `There are ones of ${steps.join(", ")}`
  })
})

// writing

/** What was copied of a run. */
interface Captured {
  readonly state: Training.TrainState
  readonly shapes: Checkpoint.Shapes
  readonly replay: { readonly first: number; readonly stored: number }
  readonly segments: ReadonlyArray<Segments.Pending>
  readonly score: Manifest.Score | undefined
}

const capture = Effect.fnUntraced(function* (
  { agent, replay, state }: Training.Trainer,
  from: number,
  score: Manifest.Score | undefined
) {
  const captured: Captured = {
    state: yield* state,
    shapes: agent.shapes,
    replay: {
      first: Math.max(0, replay.log.stored() - replay.log.capacity),
      stored: replay.log.stored()
    },
    segments: Segments.since(replay.log, from),
    score
  }
  const tensor = agent.divergence()
  if (tensor !== undefined) return yield* new Agent.DivergenceError({ step: captured.state.step, tensor })
  return captured
})

/** Removes what a killed process left half done. */
const sweep = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const place of [directory, path.join(directory, SEGMENTS)]) {
    for (const name of yield* fs.readDirectory(place)) {
      if (TEMPORARY.test(name)) yield* fs.remove(path.join(place, name), { recursive: true, force: true })
    }
  }
})

/** Removes a directory so that a kill in between leaves no half of it under its name. */
const removeWhole = Effect.fnUntraced(function* (directory: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const aside = path.join(directory, `.tmp-removed-${name}`)
  yield* fs.rename(path.join(directory, name), aside)
  yield* fs.remove(aside, { recursive: true })
})

const writeSegment = Effect.fnUntraced(function* (directory: string, { bytes, segment }: Segments.Pending) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const temporary = path.join(directory, `.tmp-${segment.file}`)
  yield* Durable.write(temporary, bytes)
  yield* fs.rename(temporary, path.join(directory, segment.file))
})

/** Renames a finished directory into place; an older one of the same step goes only once the new one is there. */
const install = Effect.fnUntraced(function* (directory: string, temporary: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const target = path.join(directory, name)
  const isTaken = yield* fs.exists(target)
  if (isTaken) {
    if (yield* fs.exists(`${target}${ASIDE}`)) yield* removeWhole(directory, `${name}${ASIDE}`)
    yield* fs.rename(target, `${target}${ASIDE}`)
  }
  yield* fs.rename(temporary, target)
  yield* Durable.syncDirectory(directory)
  if (yield* fs.exists(`${target}${ASIDE}`)) yield* removeWhole(directory, `${name}${ASIDE}`)
})

/** Removes checkpoints beyond those to keep, and then the segments that no remaining one needs. */
const rotate = Effect.fnUntraced(function* (directory: string, keep: number, written: Manifest.Manifest) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = yield* Effect.forEach(yield* list(directory), (entry) =>
    Effect.map(Effect.result(entry.manifest), (result) => ({ entry, result }))
  )
  const readable = read.flatMap(({ entry, result }) => {
    if (entry.name === nameOf(written.step)) return [{ name: entry.name, manifest: written }]
    return result._tag === "Success" ? [{ name: entry.name, manifest: result.success }] : []
  })
  // A checkpoint beyond this step was passed over when the run went on: it is neither counted nor removed.
  const reached = readable.map(({ manifest }) => manifest).filter(({ step }) => step <= written.step)
  const stay = new Set(kept(reached, keep))
  const isStaying = ({ manifest }: { readonly manifest: Manifest.Manifest }) =>
    stay.has(manifest) || manifest.step > written.step
  const remaining = readable.filter(isStaying)
  const superfluous = readable.filter((one) => !isStaying(one))
  for (const { name } of superfluous) yield* removeWhole(directory, name)

  // What an unreadable manifest needs is not known. A damaged one can never be used; any other may be.
  const isUnknown = read.some(({ result }) => result._tag === "Failure" && result.failure.kind !== "damaged")
  if (isUnknown) return
  const needed = new Set(
    remaining.flatMap(({ manifest }) => manifest.replay.segments.map((segment) => segment.file))
  )
  for (const file of yield* fs.readDirectory(path.join(directory, SEGMENTS))) {
    if (!needed.has(file)) yield* fs.remove(path.join(directory, SEGMENTS, file), { force: true })
  }
})

const write = Effect.fn("CheckpointStore.write")(function* (
  directory: string,
  { identity, keep }: Options,
  captured: Captured,
  segments: ReadonlyArray<Manifest.Segment>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { replay, score, shapes, state } = captured
  const name = nameOf(state.step)
  const temporary = path.join(directory, `.tmp-${name}`)
  const files = Checkpoint.encode(state, shapes)
  const manifest: Manifest.Manifest = {
    format: Manifest.FORMAT,
    step: state.step,
    updates: state.updates,
    episode: state.episode,
    chain: state.slice.chain,
    ...identity,
    ...(score === undefined ? {} : { score: Manifest.Score.make(score) }),
    files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, Manifest.digest(bytes)])),
    replay: { ...replay, segments }
  }
  const { seal, text } = Manifest.encode(manifest)
  const encoder = new TextEncoder()
  const all = { ...files, [MANIFEST]: encoder.encode(text), [SEAL]: encoder.encode(seal) }
  yield* Effect.gen(function* () {
    yield* fs.makeDirectory(temporary)
    yield* Effect.all(
      [
        ...captured.segments.map((pending) => writeSegment(path.join(directory, SEGMENTS), pending)),
        ...Object.entries(all).map(([file, bytes]) => Durable.write(path.join(temporary, file), bytes))
      ],
      { concurrency: "unbounded", discard: true }
    )
    yield* Durable.syncDirectory(path.join(directory, SEGMENTS))
    yield* Durable.syncDirectory(temporary)
    yield* install(directory, temporary, name)
    yield* rotate(directory, keep, manifest)
  }).pipe(
    Effect.tapError(() => Effect.ignore(fs.remove(temporary, { recursive: true, force: true }))),
    CheckpointError.at(path.join(directory, name))
  )
  return manifest
}, Effect.uninterruptible)

/** The same file at another path: linked, since files of checkpoints never change, or copied where that cannot be. */
const share = Effect.fnUntraced(function* (from: string, to: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.catch(fs.link(from, to), () => fs.copyFile(from, to))
})

/** Puts the segments of a checkpoint into the store of another run, which can then go on from it. */
export const shareSegments = Effect.fnUntraced(function* (
  from: string,
  manifest: Manifest.Manifest,
  to: string
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.gen(function* () {
    yield* fs.makeDirectory(path.join(to, SEGMENTS), { recursive: true })
    for (const { file } of manifest.replay.segments) {
      yield* share(path.join(from, SEGMENTS, file), path.join(to, SEGMENTS, file))
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
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* shareSegments(from, manifest, to)
  yield* Effect.gen(function* () {
    yield* fs.makeDirectory(path.join(to, name))
    for (const file of [...Object.keys(manifest.files), MANIFEST, SEAL]) {
      yield* share(path.join(from, name, file), path.join(to, name, file))
    }
    yield* Durable.syncDirectory(path.join(to, name))
    yield* Durable.syncDirectory(to)
  }).pipe(CheckpointError.at(to))
})

// constructors

/**
 * The store of a run that writes here; nobody else may at the same time. `after` is the manifest that the run goes on
 * from: its segments are not written again. The scope waits for a checkpoint that is being written.
 */
export const make = Effect.fn("CheckpointStore.make")(function* (
  directory: string,
  options: Options,
  after?: Manifest.Manifest
): Effect.fn.Return<
  CheckpointStore,
  CheckpointError.CheckpointError,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const scope = yield* Effect.scope
  yield* fs
    .makeDirectory(path.join(directory, SEGMENTS), { recursive: true })
    .pipe(
      Effect.andThen(sweep(directory)),
      Effect.andThen(Durable.syncDirectory(directory)),
      Effect.andThen(Durable.syncDirectory(path.dirname(directory))),
      CheckpointError.at(directory)
    )
  const segments = yield* Ref.make(after?.replay.segments ?? [])
  const writing = yield* Ref.make<
    Fiber.Fiber<Manifest.Manifest, CheckpointError.CheckpointError> | undefined
  >(undefined)

  const finished = Effect.flatMap(Ref.get(writing), (fiber) =>
    fiber === undefined ? Effect.succeed(undefined) : Fiber.join(fiber)
  )
  const save = Effect.fn("CheckpointStore.save")(function* (
    trainer: Training.Trainer,
    score?: Manifest.Score
  ) {
    yield* Effect.tapError(finished, () => Ref.set(writing, undefined))
    const before = yield* Ref.get(segments)
    const captured = yield* capture(trainer, before.at(-1)?.last ?? 0, score)
    const pending = captured.segments.map(({ segment }) => segment)
    const all = Segments.needed([...before, ...pending], captured.replay.first)
    const fiber = yield* write(directory, options, captured, all).pipe(
      Effect.tap(Ref.set(segments, all)),
      Effect.provideContext(context),
      Effect.forkIn(scope)
    )
    yield* Ref.set(writing, fiber)
  })
  return { save, finished }
})
