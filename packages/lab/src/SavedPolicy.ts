/** The policy that a run has left behind, with the world that it learned in. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Replay from "@ornstein/core/Replay"
import * as Snapshot from "@ornstein/core/Snapshot"
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

// pure core

const isTrainState = Schema.is(Training.TrainState)

/** A replay that needs no memory: a policy that only acts samples nothing. */
const tiny = (replay: Replay.Options): Replay.Options => ({ ...replay, capacity: 1 })

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
    try: () => Snapshot.parse(text),
    catch: (cause) => damaged(cause instanceof Error ? cause.message : String(cause))
  })
  if (!isTrainState(state)) return yield* damaged("it holds no training state")

  const learner = yield* Experiment.learner(config)
  const services = yield* Layer.build(Experiment.layer({ ...config, replay: tiny(config.replay) }))
  const trainer = yield* Effect.gen(function* () {
    const replay = (yield* Replay.Replay).make({ observation: 1, action: 1 })
    const none = Object.fromEntries(
      Object.keys(replay.log.widths).map((field) => [field, new Float32Array(0)])
    )
    return yield* Training.make(learner, config.training, { state, first: 0, rows: none })
  }).pipe(Effect.provideContext(services))
  const opened: SavedPolicy = {
    manifest,
    config,
    environment: trainer.environment,
    policy: trainer.policy
  }
  return opened
})
