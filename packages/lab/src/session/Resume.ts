/** Going on with a run from its newest valid checkpoint. */
import * as Fault from "@ornstein/core/Fault"
import type * as CheckpointError from "@ornstein/core/CheckpointError"
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type { Sink } from "../events/index.ts"
import { Current, type Experiment } from "../experiment/index.ts"
import * as Presets from "../presets/Presets.ts"
import { Lock, type Record, RunDirectory, RunParts, RunRecord, Tables } from "../runs/index.ts"
import { Numbers } from "../terminal/index.ts"
import type * as Plan from "./Plan.ts"
import * as Session from "./Session.ts"

// errors

/** A request that makes no sense for this run: why, and what would. */
export class RefusedError
  extends Schema.TaggedError<RefusedError>()("RefusedError", Fault.fields)
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Request {
  readonly run: string
  /** What computes from here on, if not the run's own engine; its bits must be the same. */
  readonly engine?: Experiment.Settings["engine"] | undefined
  /** Threads that step the lanes from here on, if not those of the run. */
  readonly workers?: number | undefined
  /** Environment steps in all, if not those that the run was started with. */
  readonly steps?: number | undefined
  readonly every?: number | undefined
  readonly keep?: number | undefined
  /** Takes the lock from an owner that may be at work still. */
  readonly force?: boolean
  /** Is the first operation named whose result is not finite, if numbers stop being so? See `Plan`. */
  readonly findNan?: boolean
}

// pure core

/** The threshold of the preset that a run was started from. */
export const thresholdOf = ({ preset }: Record.Manifest): number | undefined =>
  preset === null ? undefined : Presets.presets[preset]?.threshold

/** The configuration with another engine, which must have the same bits. */
export const computedBy = Effect.fnUntraced(function* (
  config: Experiment.Settings,
  engine: Request["engine"]
) {
  if (engine === undefined) return config
  if (Engine.isExact(engine) && Engine.isExact(config.engine)) return { ...config, engine }
  return yield* new RefusedError({
    what: `the bits of ${engine.kind} are not those of ${config.engine.kind}, which the run was made with`,
    fix: "--engine exchanges auto, native and wasm, neither fused nor relaxed; leave it out"
  })
})

// reading

/**
 * Where the run goes on: the newest valid checkpoint, or that of a branch's beginning; nothing if a run was killed
 * before its first. With how much of the tables is there and stays.
 */
const newest = Effect.fnUntraced(function* (record: RunRecord.RunRecord, note: Sink.Audience["note"]) {
  const path = yield* Path.Path
  const { origin } = record.manifest
  const checkpoints = yield* RunRecord.storeOf(record)
  const warn = (error: CheckpointError.CheckpointError) => note(`warning: ${error.message}`)
  if ((yield* CheckpointDirectory.list(checkpoints)).length > 0) {
    const result = yield* Effect.result(RunRecord.latest(record))
    if (result._tag === "Success") {
      const { found, kept, passedOver } = result.success
      yield* Effect.forEach(passedOver, warn)
      if (passedOver.length > 0) {
        yield* note(`the checkpoint of step ${found.manifest.step} is used instead`)
      }
      return { place: "checkpoints" as const, from: found, kept }
    }
    const { failure } = result
    if (failure._tag !== "CheckpointError" || failure.kind !== "damaged" || origin === null)
      return yield* failure
    yield* warn(failure)
  }
  if (origin === null) return { place: "checkpoints" as const, from: undefined, kept: Tables.NONE }
  const from = yield* RunRecord.readOrigin(record.path, origin)
  const store = path.join(record.path, RunDirectory.files.origin)
  yield* CheckpointDirectory.shareSegments(store, from.manifest, checkpoints)
  return { place: "origin" as const, from, kept: Tables.NONE }
})

/** Says of a damaged table where a copy of it is. */
const asideOf = Effect.fnUntraced(function* (error: Tables.TableError) {
  const aside = yield* Tables.keepAside(error.path)
  if (aside === undefined) return error
  return new Tables.TableError({
    path: error.path,
    what: `${error.what}; as it is now it was copied to ${aside}`,
    fix: error.fix
  })
})

// running

/** Goes on with a run to its end, or to another one. */
export const run = Effect.fn("Resume.run")(function* <E = never, R = never>(
  request: Request,
  { note = () => Effect.void, sinks = [] }: Partial<Sink.Audience<E, R>> = {}
) {
  const { every, findNan = false, keep, workers } = request
  const run = (yield* Path.Path).resolve(request.run)
  yield* RunDirectory.readManifest(run)
  const guard = yield* Lock.hold(run, note, request.force ?? false)
  const record = yield* RunRecord.open(run)
  const { from, kept, place } = yield* newest(record, note).pipe(
    Effect.catchTag("TableError", (error) => Effect.flatMap(asideOf(error), Effect.fail))
  )
  const before = record.manifest
  const step = from?.manifest.step ?? 0
  const steps = request.steps ?? before.steps
  if (steps < step) {
    return yield* new RefusedError({
      what: `the run stands at step ${Numbers.integer(step)}, beyond step ${Numbers.integer(steps)}`,
      fix: "Give --steps a larger number: it counts from the run's beginning"
    })
  }
  const { experiment } = yield* Current
  const config = yield* Effect.fromResult(experiment.decode(RunRecord.withSteps(record.config, steps)))
  const { episodes } = config.training
  if (steps > before.steps && from !== undefined && from.saved.state.episode >= (episodes ?? Infinity)) {
    return yield* new RefusedError({
      what: `the run has had all of its episodes, training.episodes = ${episodes}`,
      fix: "`ornstein branch RUN --set training.episodes=N` goes on from there"
    })
  }
  const accepted = RunParts.accepted(record.parts)
  const manifest: Record.Manifest = {
    ...before,
    ...(steps === before.steps ? {} : { config: Config.hash(config), steps, replaced: before.steps }),
    extended: [...before.extended, ...(steps > before.steps ? [before.steps] : [])].filter(
      (end) => end <= step
    ),
    checkpoints: { every: every ?? before.checkpoints.every, keep: keep ?? before.checkpoints.keep },
    ...(record.parts.length === 0 ? {} : { parts: accepted.parts })
  }
  const directory = yield* RunDirectory.at(run, guard)
  for (const [file, text] of Object.entries(accepted.copies)) yield* directory.write(file, text)
  if (from === undefined) yield* note("the run was ended before its first checkpoint: it begins again")
  if (steps < before.steps) {
    yield* note(
      `the run ends at step ${Numbers.integer(steps)} now, before step ${Numbers.integer(before.steps)}`
    )
  }
  const threshold = thresholdOf(manifest)
  const plan: Plan.Plan = {
    directory: run,
    config,
    record: { ...manifest, status: "running", reason: null, endedAt: null, hash: null },
    from: from === undefined ? null : { place, step },
    kept,
    ...(threshold === undefined ? {} : { threshold }),
    ...(workers === undefined ? {} : { workers }),
    findNan
  }
  return yield* Session.run(plan, { note, sinks }, { guard, from }).pipe(
    Effect.provide(experiment.layer(yield* computedBy(config, request.engine)))
  )
}, Effect.scoped)
