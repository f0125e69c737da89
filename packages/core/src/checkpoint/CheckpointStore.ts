/**
 * Writing the checkpoints of a run that is in progress (`CheckpointDirectory` reads them).
 *
 * A checkpoint is written beside its place, synced, and renamed into it: it is there as a whole or not at all. Training
 * waits for the copy of its state only; the writing goes on between its steps.
 *
 * ```ts
 * const store = yield* CheckpointStore.make("runs/a/checkpoints", { keep: 3, identity })
 * yield* store.save(trainer)
 * yield* store.finished
 * ```
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type { Environment } from "../environment/index.ts"
import { Durable, RegularFile } from "../files/index.ts"
import { Agent } from "../learner/index.ts"
import type { Training } from "../training/index.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as CheckpointDirectory from "./CheckpointDirectory.ts"
import * as CheckpointError from "./CheckpointError.ts"
import * as Manifest from "./Manifest.ts"
import * as Segments from "./Segments.ts"

// models

export interface Options<E = never> {
  /** How many of the newest checkpoints stay, besides the best one. */
  readonly keep: number
  readonly identity: Manifest.Identity
  /** Fails once somebody else writes here: asked before anything is put in place or removed. */
  readonly guard?: Effect.Effect<void, E>
}

/** Writes the checkpoints of a run in progress, one at a time. */
export interface CheckpointStore<E = never> {
  /**
   * Copies the run's state and begins to write it; waits for the checkpoint before it. Fails if that one failed, and
   * with a `DivergenceError` rather than keep numbers that are not finite. `score` is an evaluation at this step,
   * `tables` what the run has written down until now.
   */
  readonly save: (
    trainer: Training.Trainer,
    score?: Manifest.Score,
    tables?: Manifest.Tables
  ) => Effect.Effect<
    void,
    CheckpointError.CheckpointError | Agent.DivergenceError | Environment.WorldError | E
  >
  /** Waits until the last one is on the disk: its manifest, if there was any. */
  readonly finished: Effect.Effect<Manifest.Manifest | undefined, CheckpointError.CheckpointError | E>
}

// pure core

/** A checkpoint that was moved aside for another of the same step, until that one is in place. */
const ASIDE = ".old"

/** Which of the readable checkpoints up to a step stay: the newest ones, and the best by evaluation. */
export const kept = (
  manifests: ReadonlyArray<Manifest.Manifest>,
  keep: number
): ReadonlyArray<Manifest.Manifest> => {
  const newest = manifests.toSorted((a, b) => b.step - a.step)
  const best = Manifest.best(manifests)
  return [...new Set([...newest.slice(0, keep), ...(best === undefined ? [] : [best])])]
}

// writing

/** What was copied of a run. */
interface Captured {
  readonly state: Training.TrainState
  readonly shapes: Checkpoint.Shapes
  readonly replay: { readonly first: number; readonly stored: number }
  readonly segments: ReadonlyArray<Segments.Pending>
  readonly score: Manifest.Score | undefined
  readonly tables: Manifest.Tables | undefined
}

const capture = Effect.fnUntraced(function* (
  { agent, replay, state }: Training.Trainer,
  from: number,
  score: Manifest.Score | undefined,
  tables: Manifest.Tables | undefined
) {
  const captured: Captured = {
    state: yield* state,
    shapes: agent.shapes,
    replay: {
      first: Math.max(0, replay.log.stored() - replay.log.capacity),
      stored: replay.log.stored()
    },
    segments: Segments.since(replay.log, from),
    score,
    tables
  }
  const divergence = agent.divergence()
  if (divergence !== undefined)
    return yield* new Agent.DivergenceError({ step: captured.state.step, ...divergence })
  return captured
})

const writeSegment = Effect.fnUntraced(function* (directory: string, { bytes, segment }: Segments.Pending) {
  const path = yield* Path.Path
  yield* Durable.replace(path.join(directory, segment.file), bytes)
})

/** Renames a finished directory into place; an older one of the same step goes only once the new one is there. */
const install = Effect.fnUntraced(function* (directory: string, temporary: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const target = path.join(directory, name)
  const former = `${target}${ASIDE}`
  if (yield* fs.exists(target)) {
    if (yield* fs.exists(former)) yield* Durable.removeDirectory(former)
    yield* Durable.rename(target, former)
  }
  yield* Durable.rename(temporary, target)
  yield* Durable.syncDirectory(directory)
  if (yield* fs.exists(former)) yield* Durable.removeDirectory(former)
})

/** Removes checkpoints beyond those to keep, and then the segments that no remaining one needs. */
const rotate = Effect.fnUntraced(function* (directory: string, keep: number, written: Manifest.Manifest) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = yield* Effect.forEach(yield* CheckpointDirectory.list(directory), (entry) =>
    Effect.map(Effect.result(entry.manifest), (result) => ({ entry, result }))
  )
  const readable = read.flatMap(({ entry, result }) => {
    if (entry.name === CheckpointDirectory.nameOf(written.step))
      return [{ name: entry.name, manifest: written }]
    return result._tag === "Success" ? [{ name: entry.name, manifest: result.success }] : []
  })
  // A checkpoint beyond this step was passed over when the run went on: it is neither counted nor removed.
  const reached = readable.map(({ manifest }) => manifest).filter(({ step }) => step <= written.step)
  const stay = new Set(kept(reached, keep))
  const isStaying = ({ manifest }: { readonly manifest: Manifest.Manifest }) =>
    stay.has(manifest) || manifest.step > written.step
  const remaining = readable.filter(isStaying)
  const superfluous = readable.filter((one) => !isStaying(one))
  for (const { name } of superfluous) yield* Durable.removeDirectory(path.join(directory, name))

  // What an unreadable manifest needs is not known. A damaged one can never be used; any other may be.
  const isUnknown = read.some(({ result }) => result._tag === "Failure" && result.failure.kind !== "damaged")
  if (isUnknown) return
  const needed = new Set(
    remaining.flatMap(({ manifest }) => manifest.replay.segments.map((segment) => segment.file))
  )
  for (const file of yield* fs.readDirectory(path.join(directory, CheckpointDirectory.SEGMENTS))) {
    if (Segments.isName(file) && !needed.has(file))
      yield* Durable.removeFile(path.join(directory, CheckpointDirectory.SEGMENTS, file))
  }
})

const write = Effect.fn("CheckpointStore.write")(function* <E>(
  directory: string,
  { guard = Effect.void, identity, keep }: Options<E>,
  captured: Captured,
  segments: ReadonlyArray<Manifest.Segment>
) {
  const path = yield* Path.Path
  const { replay, score, shapes, state, tables } = captured
  const name = CheckpointDirectory.nameOf(state.step)
  const store = path.join(directory, CheckpointDirectory.SEGMENTS)
  const files = Checkpoint.encode(state, shapes)
  const manifest: Manifest.Manifest = {
    format: Manifest.FORMAT,
    step: state.step,
    updates: state.updates,
    episode: state.episode,
    chain: state.slice.chain,
    ...identity,
    ...(score === undefined ? {} : { score: Manifest.Score.make(score) }),
    ...(tables === undefined ? {} : { tables }),
    files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, Manifest.digest(bytes)])),
    replay: { ...replay, segments }
  }
  const { seal, text } = Manifest.encode(manifest)
  const encoder = new TextEncoder()
  const all = {
    ...files,
    [CheckpointDirectory.MANIFEST]: encoder.encode(text),
    [CheckpointDirectory.SEAL]: encoder.encode(seal)
  }
  const here = CheckpointError.at(path.join(directory, name))
  const begin = Effect.gen(function* () {
    yield* RegularFile.checkDirectory(directory)
    yield* RegularFile.checkDirectory(store)
    return yield* Durable.makeTemporaryDirectory(directory)
  })
  yield* guard
  const temporary = yield* here(begin)
  yield* Effect.all(
    [
      ...captured.segments.map((pending) => writeSegment(store, pending)),
      ...Object.entries(all).map(([file, bytes]) => Durable.write(path.join(temporary, file), bytes))
    ],
    { concurrency: "unbounded", discard: true }
  ).pipe(
    Effect.andThen(Durable.syncDirectory(store)),
    Effect.andThen(Durable.syncDirectory(temporary)),
    here,
    Effect.andThen(guard),
    Effect.andThen(here(install(directory, temporary, name))),
    Effect.tapError(() => Effect.ignore(Durable.removeTemporary(temporary)))
  )
  yield* guard
  yield* here(rotate(directory, keep, manifest))
  return manifest
}, Effect.uninterruptible)

// constructors

/**
 * The store of a run that writes here; nobody else may at the same time. `after` is the manifest that the run goes on
 * from: its segments are not written again. The scope waits for a checkpoint that is being written.
 */
export const make = Effect.fn("CheckpointStore.make")(function* <E = never>(
  directory: string,
  options: Options<E>,
  after?: Manifest.Manifest
): Effect.fn.Return<
  CheckpointStore<E>,
  CheckpointError.CheckpointError | E,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> {
  const { guard = Effect.void } = options
  const path = yield* Path.Path
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const scope = yield* Effect.scope
  const places = [directory, path.join(directory, CheckpointDirectory.SEGMENTS)]
  yield* guard
  yield* Effect.forEach(places, Durable.ensureDirectory).pipe(
    Effect.andThen(Effect.forEach(places, Durable.sweep)),
    Effect.andThen(Durable.syncDirectory(directory)),
    Effect.andThen(Durable.syncDirectory(path.dirname(directory))),
    CheckpointError.at(directory)
  )
  const segments = yield* Ref.make(after?.replay.segments ?? [])
  const writing = yield* Ref.make<
    Fiber.Fiber<Manifest.Manifest, CheckpointError.CheckpointError | E> | undefined
  >(undefined)

  const finished = Effect.flatMap(Ref.get(writing), (fiber) =>
    fiber === undefined ? Effect.succeed(undefined) : Fiber.join(fiber)
  )
  const save = Effect.fn("CheckpointStore.save")(function* (
    trainer: Training.Trainer,
    score?: Manifest.Score,
    tables?: Manifest.Tables
  ) {
    yield* Effect.tapError(finished, () => Ref.set(writing, undefined))
    const before = yield* Ref.get(segments)
    const captured = yield* capture(trainer, before.at(-1)?.last ?? 0, score, tables)
    const pending = captured.segments.map(({ segment }) => segment)
    const { first, stored } = captured.replay
    // A branch onto a dataset stores nothing: the segments of its parent are not its own.
    const all = Segments.needed([...before, ...pending], first, stored)
    const fiber = yield* write(directory, options, captured, all).pipe(
      Effect.tap(Ref.set(segments, all)),
      Effect.provideContext(context),
      Effect.forkIn(scope)
    )
    yield* Ref.set(writing, fiber)
  })
  return { save, finished }
})
