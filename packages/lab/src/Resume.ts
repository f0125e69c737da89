/** Going on with a run from its newest valid checkpoint. */
import * as CheckpointError from "@ornstein/core/CheckpointError"
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Config from "@ornstein/core/Config"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as ConfigFile from "./ConfigFile.ts"
import * as Experiment from "./Experiment.ts"
import * as Lock from "./Lock.ts"
import * as Numbers from "./Numbers.ts"
import type * as Output from "./Output.ts"
import * as Presets from "./Presets.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as Session from "./Session.ts"

// errors

/** A request that makes no sense for this run: why, and what would. */
export class RefusedError extends Schema.TaggedError<RefusedError>()("RefusedError", {
  reason: Schema.String,
  fix: Schema.String
}) {
  override get message(): string {
    return `${this.reason}. ${this.fix}`
  }
}

// models

export interface Request {
  readonly run: string
  /** Environment steps in all, if not those that the run was started with. */
  readonly steps: number | undefined
  readonly every: number | undefined
  readonly keep: number | undefined
  /** Takes the lock from an owner that may be at work still. */
  readonly force: boolean
  readonly output: Output.Shape
}

// pure core

const isRecord = (u: unknown): u is { readonly [key: string]: unknown } =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** Where two configurations differ: `training.batchSize: 64 became 128`. */
export const differences = (before: unknown, after: unknown, path = ""): ReadonlyArray<string> => {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`))
  }
  const [was, is] = [JSON.stringify(before) ?? "nothing", JSON.stringify(after) ?? "nothing"]
  return was === is ? [] : [`${path}: ${was} became ${is}`]
}

const mismatch = (path: string, changes: ReadonlyArray<string>): CheckpointError.CheckpointError =>
  new CheckpointError.CheckpointError({
    kind: "config",
    path,
    reason: `it was changed since the run was started (${changes.join("; ")})`,
    fix: "Change it back, or start another run with the change: `ornstein branch RUN --set path=value`"
  })

/** The threshold of the preset that a run was started from. */
export const thresholdOf = ({ preset }: RunDirectory.Manifest): number | undefined =>
  preset === null ? undefined : Presets.presets[preset]?.threshold

// reading

/** The configuration of a run, which must be the one that it was started with. */
export const readConfig = Effect.fnUntraced(function* (run: string, manifest: RunDirectory.Manifest) {
  const path = yield* Path.Path
  const file = path.join(run, RunDirectory.files.config)
  const config = yield* Effect.fromResult(Experiment.decode(yield* ConfigFile.read(file)))
  if (Config.hash(config) === manifest.config) return config
  const entries = yield* CheckpointDirectory.list(path.join(run, RunDirectory.files.checkpoints))
  const recorded = yield* Effect.forEach(entries, (entry) => Effect.result(entry.manifest))
  const changes = recorded.flatMap((result) =>
    result._tag === "Success" && result.success.configHash === manifest.config
      ? [differences(result.success.config, config)]
      : []
  )
  return yield* mismatch(file, changes[0] ?? [`its hash in ${RunDirectory.files.manifest} is another`])
})

/** The checkpoint that a branch began with. */
export const readOrigin = Effect.fnUntraced(function* (run: string) {
  const path = yield* Path.Path
  return (yield* CheckpointDirectory.latest(path.join(run, RunDirectory.files.origin))).found
})

/** The newest valid checkpoint; `undefined` if a run was killed before its first, and is no branch. */
const newest = Effect.fnUntraced(function* (
  run: string,
  manifest: RunDirectory.Manifest,
  output: Output.Shape
) {
  const path = yield* Path.Path
  const checkpoints = path.join(run, RunDirectory.files.checkpoints)
  const warn = (error: CheckpointError.CheckpointError) => output.line(`warning: ${error.message}`)
  if ((yield* CheckpointDirectory.list(checkpoints)).length > 0) {
    const result = yield* Effect.result(CheckpointDirectory.latest(checkpoints))
    if (result._tag === "Success") {
      const { found, passedOver } = result.success
      yield* Effect.forEach(passedOver, warn)
      if (passedOver.length > 0) {
        yield* output.line(`the checkpoint of step ${found.manifest.step} is used instead`)
      }
      if (found.manifest.configHash === manifest.config) return found
      return yield* mismatch(path.join(checkpoints, found.name), [`it belongs to another configuration`])
    }
    if (manifest.origin === null) return yield* result.failure
    yield* warn(result.failure)
  }
  if (manifest.origin === null) return undefined
  const origin = yield* readOrigin(run)
  const store = path.join(run, RunDirectory.files.origin)
  yield* CheckpointDirectory.shareSegments(store, origin.manifest, checkpoints)
  return origin
})

// running

/** Goes on with a run to its end, or to another one. */
export const resume = Effect.fn("Resume.resume")(function* (request: Request) {
  const { every, keep, output } = request
  const run = (yield* Path.Path).resolve(request.run)
  const before = yield* RunDirectory.readManifest(run)
  const guard = yield* Lock.hold(run, output.line, request.force)
  const config = yield* readConfig(run, before)
  const from = yield* newest(run, before, output)
  const step = from?.manifest.step ?? 0
  const steps = request.steps ?? before.steps
  if (steps < step) {
    return yield* new RefusedError({
      reason: `the run stands at step ${Numbers.integer(step)}, beyond step ${Numbers.integer(steps)}`,
      fix: "Give --steps a larger number: it counts from the run's beginning"
    })
  }
  const { episodes } = config.training
  if (steps > before.steps && from !== undefined && from.saved.state.episode >= (episodes ?? Infinity)) {
    return yield* new RefusedError({
      reason: `the run has had all of its episodes, training.episodes = ${episodes}`,
      fix: "`ornstein branch RUN --set training.episodes=N` goes on from there"
    })
  }
  const manifest: RunDirectory.Manifest = {
    ...before,
    steps,
    extended: [...before.extended, ...(steps > before.steps ? [before.steps] : [])].filter(
      (end) => end <= step
    ),
    checkpoints: { every: every ?? before.checkpoints.every, keep: keep ?? before.checkpoints.keep }
  }
  if (from === undefined) yield* output.line("the run was ended before its first checkpoint: it begins again")
  const directory = yield* RunDirectory.at(run, guard)
  const threshold = thresholdOf(manifest)
  return yield* Session.run({ directory, config, manifest, from, threshold, output }).pipe(
    Effect.provide(Experiment.layer(config))
  )
}, Effect.scoped)
