import { Evaluation, Replay } from "@ornstein/core"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { config, score, trained } from "./Learning.ts"

const five = [1, 2, 3, 4, 5]

/** The mean over seeds and the worst seed must reach these. */
const thresholds = [
  { preset: "pendulum", seeds: five, mean: -160, worst: -200 },
  { preset: "pendulum-td3", seeds: five, mean: -160, worst: -200 },
  { preset: "pendulum-sac", seeds: five, mean: -160, worst: -200 },
  { preset: "pendulum-d4pg", seeds: [1, 2, 3], mean: -160, worst: -200 },
  { preset: "pendulum-tqc", seeds: [1, 2], mean: -160, worst: -200 },
  { preset: "reach-goal", seeds: [1, 2, 3], mean: -1, worst: -2 },
  { preset: "mountain-car", seeds: [1, 2, 3], mean: 93, worst: 92 },
  { preset: "cartpole", seeds: five, mean: 475, worst: 400 }
]

it.effect.each(thresholds)(
  "$preset reaches $mean over its seeds, and $worst with each",
  ({ mean, preset, seeds, worst }) =>
    Effect.gen(function* () {
      const scores = yield* Effect.forEach(seeds, (seed) => score(preset, seed))
      const label = `${preset}: ${scores.map((score) => score.toFixed(1)).join(", ")}`
      assert.isAtLeast(Math.min(...scores), worst, label)
      assert.isAtLeast(scores.reduce((sum, score) => sum + score, 0) / seeds.length, mean, label)
    })
)

it.effect("without hindsight the goal is never found", () =>
  Effect.gen(function* () {
    const { replay: _, ...rest } = config("reach-goal", 1)
    const run = yield* trained({ ...rest, replay: Replay.Options.make({ kind: "uniform" }) })
    const { mean } = yield* Evaluation.run(run.environment, run.policy, { episodes: 20, seed: 0 })
    assert.isBelow(mean, -18)
  }).pipe(Effect.scoped)
)
