/** The policy that a run has left behind, with the world that it learned in. */
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import * as Printable from "@ornstein/core/Printable"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Replay from "@ornstein/core/Replay"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as Effect from "effect/Effect"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { Experiment } from "../experiment/index.ts"
import { type RunDirectory, RunRecord } from "../runs/index.ts"
import { Output } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"

// models

export interface SavedPolicy {
  readonly manifest: RunDirectory.Manifest
  /** The environment step that it was saved at. */
  readonly step: number
  readonly config: Experiment.Options
  /** As the learner saw it: actions of a box lie in [-1, 1]. */
  readonly environment: Environment.Environment
  /** Without exploration. */
  readonly policy: Evaluation.Policy
}

// reading

/**
 * Opens a run that has been trained, in any state of completion, at one of its checkpoints; the scope frees its
 * engine.
 */
export const open = Effect.fn("SavedPolicy.open")(function* (
  run: string,
  which: CheckpointDirectory.Which = "last"
) {
  const record = yield* RunRecord.open(run)
  const { config, manifest } = record
  const {
    found: { state },
    passedOver
  } = yield* RunRecord.stateAt(record, which)
  const aside = yield* Output.Aside
  for (const error of passedOver) yield* aside.line(`warning: ${error.message}`)

  const learner = yield* Experiment.learner(config)
  const services = yield* Layer.build(Experiment.layer(config))
  const versions = Version.versions(Context.get(services, Engine.Engine))
  const differing = RunRecord.differences(manifest.versions, versions)
  if (differing.length > 0) {
    yield* aside.line(
      `note: the run was made with other versions (${differing.map(Printable.inline).join("; ")})`
    )
  }
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
    step: state.step,
    config,
    environment: trainer.environment,
    policy: trainer.policy
  }
  return opened
})
