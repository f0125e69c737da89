/** The policy that a run has left behind, with the world that it learned in. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Replay from "@ornstein/core/Replay"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as ConfigFile from "./ConfigFile.ts"
import * as Experiment from "./Experiment.ts"
import * as RunDirectory from "./RunDirectory.ts"

// models

export interface SavedPolicy {
  readonly manifest: RunDirectory.Manifest
  readonly config: Experiment.Options
  /** As the learner saw it: actions of a box lie in [-1, 1]. */
  readonly environment: Environment.Environment
  /** Without exploration. */
  readonly policy: Evaluation.Policy
}

// reading

/** Opens a run that has been trained, in any state of completion; the scope frees its engine. */
export const open = Effect.fn("SavedPolicy.open")(function* (run: string) {
  const paths = yield* Path.Path
  const manifest = yield* RunDirectory.readManifest(run)
  const config = yield* Effect.flatMap(ConfigFile.read(paths.join(run, RunDirectory.files.config)), (input) =>
    Effect.fromResult(Experiment.decode(input))
  )
  const path = paths.join(run, RunDirectory.files.state)
  const text = yield* RunDirectory.read(run, RunDirectory.files.state)
  const damaged = (reason: string) =>
    new RunDirectory.RunDirectoryError({
      path,
      reason,
      fix: "The file is damaged: train again with `ornstein train --config` and this run's config.json"
    })
  const state = yield* Effect.try({
    try: () => Schema.decodeUnknownSync(Training.TrainState)(Snapshot.parse(text)),
    catch: (cause) => damaged(cause instanceof Error ? cause.message : String(cause))
  })

  const learner = yield* Experiment.learner(config)
  const services = yield* Layer.build(Experiment.layer(config))
  const trainer = yield* Effect.gen(function* () {
    // A policy that only acts samples nothing: the replay stays empty.
    const { action, goals, observation } = (yield* learner.environment).spec
    const sizes = { observation: Space.size(observation), action: Space.size(action) }
    const shape = { ...sizes, ...(goals === undefined ? {} : { goals }) }
    const replay = yield* (yield* Replay.Replay).make(shape)
    const rows = Object.fromEntries(
      Object.keys(replay.log.widths).map((field) => [field, new Float32Array(0)])
    )
    const from = { state: { ...state, replay: replay.snapshot() }, first: 0, rows }
    return yield* Training.make(learner, config.training, from)
  }).pipe(Effect.provideContext(services))
  const opened: SavedPolicy = {
    manifest,
    config,
    environment: trainer.environment,
    policy: trainer.policy
  }
  return opened
})
