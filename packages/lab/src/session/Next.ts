/** What to try after a run: only what would be accepted. */
import * as Config from "@ornstein/core/Config"
import * as Result from "effect/Result"
import { Experiment } from "../experiment/index.ts"
import * as Presets from "../presets/Presets.ts"

// models

export interface Next {
  /** The preset that is exactly this run's configuration, whatever the seed. */
  readonly preset: string | undefined
  /** Another seed. */
  readonly seed: number | undefined
  /** Other start states than those of the run's own evaluations. */
  readonly evaluation: number
  /** A field that can be another: `algorithm.tau=0.005`. */
  readonly change: string | undefined
}

// pure core

const CHANGES = [
  "algorithm.tau=0.005",
  "algorithm.tau=0.01",
  "algorithm.hidden=[64,64]",
  "algorithm.hidden=[32,32]",
  "algorithm.gamma=0.98"
]

/** The configuration with an override, if that is one. */
const changed = (
  experiment: Experiment.Experiment,
  config: Experiment.Settings,
  override: string
): Experiment.Settings | undefined => Result.getOrUndefined(experiment.decodeWith(config, [override]))

/** What to try after a run of this configuration, which began with a preset or not. */
export const of = (
  config: Experiment.Settings,
  preset: string | null,
  experiment: Experiment.Experiment = Experiment.ours
): Next => {
  const { seed } = config.training
  const seeded = (config: Experiment.Settings, seed: number) =>
    changed(experiment, config, `training.seed=${seed}`)
  const begun =
    preset === null || !Object.hasOwn(Presets.presets, preset) ? undefined : Presets.presets[preset]
  const whole = begun === undefined ? undefined : experiment.decode(begun.config)
  const same = whole?._tag === "Success" ? seeded(whole.success, seed) : undefined
  return {
    preset:
      preset !== null && same !== undefined && Config.hash(same) === Config.hash(config) ? preset : undefined,
    seed: [seed + 1, seed - 1].find((other) => seeded(config, other) !== undefined),
    evaluation: config.evaluation.seed === 1 ? 2 : 1,
    change: CHANGES.find((override) => {
      const other = changed(experiment, config, override)
      return other !== undefined && Config.hash(other) !== Config.hash(config)
    })
  }
}
