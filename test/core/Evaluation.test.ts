import { assert, describe, it } from "@effect/vitest"
import { Environment, Evaluation, Key, Space } from "@ornstein/core"
import { Effect, Fiber } from "effect"
import * as Golden from "../algos/Golden.ts"

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

/** Three steps from a random start; the reward is the start times 1, 2, 3. */
const starting = Environment.define({
  id: "Starts-v0",
  description: "begins anywhere",
  observation: Space.box({ shape: [1], low: 0, high: 10 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  reset: (key) => ({ start: Key.uniform(key), t: 0 }),
  step: ({ start, t }) => ({ state: { start, t: t + 1 }, reward: start * (t + 1), terminated: t === 2 }),
  observe: ({ start }, out) => {
    out[0] = start
  }
})

const evaluate = (seed: number) =>
  Effect.gen(function* () {
    const starts: Array<number> = []
    const policy: Evaluation.Policy = (observation, action) => {
      if (starts.at(-1) !== observation[0]) starts.push(observation[0]!)
      action[0] = 0
    }
    return { starts, evaluation: yield* Evaluation.run(starting, policy, { episodes: 4, seed }) }
  })

/** Episodes as long as chance has it, some over at once; what is seen tells where it is, and the action moves it. */
const ragged = Environment.define({
  id: "Ragged-v0",
  description: "ends anywhere",
  observation: Space.box({ shape: [1], low: -100, high: 100 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  reset: (key) => ({ x: Key.uniform(key), left: Math.floor(40 * Key.uniform(Key.fold(key, 1))) }),
  step: ({ left, x }, action) => {
    const next = x + action[0]! / 3
    return { state: { x: next, left: left - 1 }, reward: next, terminated: left <= 1 }
  },
  observe: ({ x }, out) => {
    out[0] = x
  }
})

const swinging: Evaluation.Policy = (observation, action) => {
  action[0] = Math.max(-1, Math.min(1, (observation[0]! * 7.3) % 2))
}

/** The same, row by row, and what it was asked for. */
const inRows = (rows: number) => {
  const counts: Array<number> = []
  const batched: Evaluation.Batched = {
    rows,
    act: (observations, actions, count) => {
      counts.push(count)
      for (let i = 0; i < count; i++) swinging(observations[i]!, actions[i]!)
    }
  }
  return { batched, counts }
}

describe("Evaluation", () => {
  it.effect.each([1, 2, 7, 32, 100])("plays %i episodes side by side as one after the other", (rows) =>
    Effect.gen(function* () {
      const options = { episodes: 50, seed: 3, stepLimit: 30 }
      const alone = yield* Evaluation.run(ragged, swinging, options)
      assert.isAbove(new Set(alone.lengths).size, 15)
      assert.isAbove(alone.truncated, 3)
      assert.isBelow(alone.truncated, 40)
      const { batched, counts } = inRows(rows)
      assert.deepStrictEqual(yield* Evaluation.run(ragged, batched, options), alone)
      assert.strictEqual(Math.max(...counts), Math.min(rows, 50))
      // As few calls as there can be: a lane that is free takes the next episode at once.
      const steps = alone.lengths.reduce((a, b) => a + b, 0)
      assert.strictEqual(
        counts.reduce((a, b) => a + b, 0),
        steps
      )
      assert.isAtMost(counts.length, Math.ceil(steps / rows) + 30)
    })
  )

  it("summarises by hand", () => {
    const { mean, std } = Evaluation.summarize([1, 2, 6], [1, 1, 1])
    Golden.near([mean, std], [3, Math.sqrt(14 / 3)], 1e-15, "summary")
  })

  it.effect("sums the rewards of whole episodes, each from a start of its own", () =>
    Effect.gen(function* () {
      const { evaluation, starts } = yield* evaluate(0)
      assert.strictEqual(new Set(starts).size, 4)
      Golden.near(
        evaluation.returns,
        starts.map((start) => 6 * start),
        1e-6,
        "returns"
      )
      assert.deepStrictEqual(evaluation.lengths, [3, 3, 3, 3])
      assert.strictEqual(evaluation.episodes, 4)
    })
  )

  it.effect("starts alike for a seed, and elsewhere for another", () =>
    Effect.gen(function* () {
      const [first, again, other] = [yield* evaluate(0), yield* evaluate(0), yield* evaluate(1)]
      assert.deepStrictEqual(again, first)
      assert.isTrue(other.starts.every((start) => !first.starts.includes(start)))
    })
  )

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
