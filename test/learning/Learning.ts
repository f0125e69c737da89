/** Trains a preset with one seed and evaluates what it learned. */
import { Evaluation, Training } from "@ornstein/core"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Presets from "@ornstein/lab/Presets"
import { Effect, Result, Stream } from "effect"

export const config = (preset: string, seed: number): Experiment.Options => {
  const found = Presets.presets[preset]
  if (found === undefined) throw new RangeError(`there is no preset "${preset}"`)
  const training = { ...found.config.training, seed }
  return Result.getOrThrow(
    // One thread: tests share their cores.
    Experiment.decode({ ...found.config, training, engine: { kind: "wasm", threads: 1 } })
  )
}

/** The trained run of a preset; the scope ends it. */
export const trained = Effect.fnUntraced(function* (config: Experiment.Options) {
  const learner = yield* Experiment.learner(config)
  const trainer = yield* Training.make(learner, config.training).pipe(
    Effect.provide(Experiment.layer(config))
  )
  yield* Stream.runDrain(trainer.stream)
  return trainer
})

/** The mean return over 100 episodes from fixed start states. */
export const score = (preset: string, seed: number) =>
  Effect.gen(function* () {
    const run = yield* trained(config(preset, seed))
    const { mean } = yield* Evaluation.run(run.environment, run.policy, { episodes: 100, seed: 0 })
    return mean
  }).pipe(Effect.scoped)
