import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { score } from "./Learning.ts"

const seeds = [1, 2, 3, 4, 5]

/** The mean over seeds and the worst seed must reach these. */
const thresholds = [
  { preset: "pendulum", mean: -160, worst: -200 },
  { preset: "pendulum-td3", mean: -160, worst: -200 },
  { preset: "pendulum-sac", mean: -160, worst: -200 },
  { preset: "cartpole", mean: 475, worst: 400 }
]

it.effect.each(thresholds)(
  "$preset reaches $mean over 5 seeds, and $worst with each",
  ({ mean, preset, worst }) =>
    Effect.gen(function* () {
      const scores = yield* Effect.forEach(seeds, (seed) => score(preset, seed))
      const label = `${preset}: ${scores.map((score) => score.toFixed(1)).join(", ")}`
      assert.isAtLeast(Math.min(...scores), worst, label)
      assert.isAtLeast(scores.reduce((sum, score) => sum + score, 0) / seeds.length, mean, label)
    })
)
