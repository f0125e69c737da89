/** A new run from a checkpoint of another one, with changed hyper-parameters. */
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Config from "@ornstein/core/Config"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { Sink } from "../events/index.ts"
import { Current } from "../experiment/index.ts"
import { type Record, RunDirectory, RunRecord, Tables } from "../runs/index.ts"
import { Numbers, Signals } from "../terminal/index.ts"
import * as Beginning from "./Beginning.ts"
import * as Inheritance from "./Inheritance.ts"
import * as Opening from "./Opening.ts"
import type * as Plan from "./Plan.ts"
import * as Resume from "./Resume.ts"
import * as Session from "./Session.ts"

// models

export interface Request {
  readonly run: string
  /** The step of the checkpoint to begin with; without it the newest one. */
  readonly at?: number | undefined
  /** `path=value` */
  readonly overrides?: ReadonlyArray<string>
  readonly out?: string | undefined
  readonly checkpoints: Record.Manifest["checkpoints"]
  /** Is the first operation named whose result is not finite, if numbers stop being so? See `Plan`. */
  readonly findNan?: boolean
}

// pure core

// running

/** Trains the branch to its end. Nothing is written if it cannot go on from the checkpoint. */
export const run = Effect.fn("Branch.run")(function* <E = never, R = never>(
  request: Request,
  { note = () => Effect.void, sinks = [] }: Partial<Sink.Audience<E, R>> = {}
) {
  const { at, checkpoints, findNan = false, out, overrides = [] } = request
  const path = yield* Path.Path
  const run = path.resolve(request.run)
  const record = yield* RunRecord.open(run)
  const { config: before, manifest: parent } = record
  const { experiment } = yield* Current
  const config = yield* Effect.fromResult(experiment.decodeWith(before, overrides))
  const changes = RunRecord.differences(before, config)
  if (changes.length === 0) {
    return yield* new Resume.RefusedError({
      what: "a branch that changes nothing is the run itself",
      fix: "Change something with --set path=value, or go on with `ornstein resume`"
    })
  }
  const store = yield* RunRecord.storeOf(record)
  const from = yield* at === undefined
    ? Effect.map(RunRecord.latest(record), ({ found }) => found)
    : RunRecord.at(record, at)
  const { episodes, steps } = config.training
  if (steps <= from.manifest.step) {
    return yield* new Resume.RefusedError({
      what: `the branch begins at step ${Numbers.integer(from.manifest.step)}, and training.steps is ${steps}`,
      fix: `Choose an earlier checkpoint with --at, or --steps ${2 * from.manifest.step}`
    })
  }
  const { episode } = from.saved.state
  if (episode >= (episodes ?? Infinity)) {
    return yield* new Resume.RefusedError({
      what: `the branch begins after ${Numbers.integer(episode)} episodes, and training.episodes is ${episodes}`,
      fix: `Choose an earlier checkpoint with --at, or --set training.episodes=${2 * episode}`
    })
  }

  const mistakes = yield* Inheritance.mistakes(before, config, from.saved)
  if (mistakes.length > 0) return yield* new Config.ConfigError({ mistakes })

  return yield* Effect.gen(function* () {
    const inherited = yield* Inheritance.take(before, config, from.saved)
    const opened = yield* Opening.open(config, { findNan, from: inherited }).pipe(
      Effect.catchTag("ResumeError", ({ what: reason }) =>
        Effect.fail(
          new Resume.RefusedError({
            what: `the branch cannot go on from the checkpoint: ${reason}`,
            fix: "Change something else, or train the changed configuration from the beginning"
          })
        )
      ),
      Signals.deadly
    )
    const { directory, record: begun } = yield* Beginning.make({
      config,
      name: parent.name,
      preset: parent.preset,
      out,
      checkpoints,
      origin: { run, step: from.manifest.step, config: from.manifest.configHash, changes },
      inherited: record.parts,
      prepare: Effect.fnUntraced(function* (directory: string) {
        const { files } = RunDirectory
        yield* CheckpointDirectory.shareCheckpoint(store, from, path.join(directory, files.origin))
        yield* CheckpointDirectory.shareSegments(
          store,
          from.manifest,
          path.join(directory, files.checkpoints)
        )
      })
    })
    yield* note(`a branch of ${run} at step ${from.manifest.step}: ${changes.join("; ")}`)
    const threshold = Resume.thresholdOf(parent)
    const plan: Plan.Plan = {
      directory,
      config,
      record: begun,
      from: { place: "origin", step: from.manifest.step },
      kept: Tables.NONE,
      ...(threshold === undefined ? {} : { threshold }),
      findNan
    }
    return yield* Session.run(plan, { note, sinks }, { opened, from })
  }).pipe(Effect.provide(experiment.layer(config)))
}, Effect.scoped)
