/** A new run, from configuration to run directory. */
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import * as Effect from "effect/Effect"
import type { Experiment } from "../experiment/index.ts"
import { Lock, RunDirectory, Tables } from "../runs/index.ts"
import type { Output } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"
import * as Session from "./Session.ts"

// models

export interface Plan {
  readonly config: Experiment.Options
  /** The run's name: that of its preset, or its algorithm and environment. */
  readonly name: string
  readonly preset: string | undefined
  /** The mean return from which the task counts as solved. */
  readonly threshold: number | undefined
  /** The run directory; without it a new one under `runs/`. */
  readonly out: string | undefined
  /** Steps from one checkpoint to the next, and how many of the newest stay besides the best one. */
  readonly checkpoints: RunDirectory.Manifest["checkpoints"]
  /** Where progress is shown. */
  readonly output: Output.Shape
  readonly watch?: Session.Watch | undefined
}

// running

/** Runs the plan. Fails with `Session.Stopped` after a signal; the run directory is complete in every case. */
export const run = Effect.fn("Train.run")(function* (plan: Plan) {
  const { checkpoints, config, name, output, preset, threshold, watch } = plan
  const { seed, steps } = config.training
  const manifest: RunDirectory.Manifest = {
    format: 1,
    name,
    preset: preset ?? null,
    seed,
    config: Config.hash(config),
    status: "running",
    steps,
    extended: [],
    checkpoints,
    origin: null,
    reason: null,
    step: 0,
    startedAt: yield* Session.now,
    endedAt: null,
    wallSeconds: 0,
    versions: Version.versions(yield* Engine.Engine),
    hash: null
  }
  const opened = yield* Session.begin(config)
  const { files, format } = RunDirectory
  const content = { texts: { [files.config]: format(config), [files.manifest]: format(manifest) } }
  const path = yield* plan.out === undefined
    ? RunDirectory.create(name, seed, content)
    : RunDirectory.createAt(plan.out, content)
  const directory = yield* RunDirectory.at(path, yield* Lock.hold(path, output.line))
  return yield* Session.run({
    directory,
    config,
    manifest,
    from: undefined,
    opened,
    kept: Tables.NONE,
    threshold,
    output,
    watch
  })
}, Effect.scoped)
