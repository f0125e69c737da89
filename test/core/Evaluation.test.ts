import { assert, describe, it } from "@effect/vitest"
import { Environment, Evaluation, Space } from "@ornstein/core"
import { Effect, Fiber } from "effect"

const line = Space.box({ shape: [1], low: -1, high: 1 })

/** Never ends by itself. */
const endless = (timeLimit?: number) =>
  Environment.define({
    id: "Endless-v0",
    description: "never ends",
    observation: line,
    action: line,
    ...(timeLimit === undefined ? {} : { timeLimit }),
    reset: () => 0,
    step: (state: number) => ({ state, reward: 1, terminated: false }),
    observe: (state, out) => {
      out[0] = state
    }
  })

const still: Evaluation.Policy = (_, action) => {
  action[0] = 0
}

describe("Evaluation", () => {
  it.effect("cuts episodes off where neither the world nor the options set a limit, and says so", () =>
    Effect.gen(function* () {
      const result = yield* Evaluation.run(endless(), still, { episodes: 2, seed: 0 })
      assert.deepStrictEqual(result.lengths, [10_000, 10_000])
      assert.strictEqual(result.truncated, 2)
      assert.strictEqual(Evaluation.remark(result), ", 2 of 2 cut off after 10000 steps")
    })
  )

  it.effect("keeps to the limit that it is given, which may be nearer than the world's", () =>
    Effect.gen(function* () {
      const near = yield* Evaluation.run(endless(50), still, { episodes: 1, seed: 0, stepLimit: 30 })
      assert.deepStrictEqual([near.lengths, near.truncated], [[30], 1])
      const far = yield* Evaluation.run(endless(50), still, { episodes: 3, seed: 0, stepLimit: 80 })
      assert.deepStrictEqual([far.lengths, far.truncated], [[50, 50, 50], 0])
      assert.strictEqual(Evaluation.remark(far), "")
      const worlds = yield* Evaluation.run(endless(20_000), still, { episodes: 1, seed: 0 })
      assert.deepStrictEqual([worlds.lengths, worlds.truncated], [[20_000], 0])
    })
  )

  it.live("gives timers and interruption their turn inside an episode", () =>
    Effect.gen(function* () {
      const options = { episodes: 1, seed: 0, stepLimit: Number.MAX_SAFE_INTEGER }
      const fiber = yield* Effect.forkChild(Evaluation.run(endless(), still, options))
      yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(fiber)
    })
  )
})
