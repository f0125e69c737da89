import { Key } from "@ornstein/core"
import * as Rollout from "@ornstein/core/internal/replay/Rollout"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "vitest"
import * as Golden from "../algos/Golden.ts"

const shape = { observation: 1, action: 1, gamma: 0.5 }

const rows = 4

const batch = () => ({
  observation: NdArray.zeros([rows, 1]),
  reward: NdArray.zeros([rows]),
  discount: NdArray.zeros([rows]),
  nextObservation: NdArray.zeros([rows, 1]),
  return: NdArray.zeros([rows]),
  mask: NdArray.zeros([rows])
})

/** Step number t: reward t + 1, from observation t to t + 1. */
const step = (t: number, end?: "terminated" | "truncated") => ({
  observation: Float32Array.of(t),
  action: Float32Array.of(0),
  reward: t + 1,
  nextObservation: Float32Array.of(t + 1),
  terminated: end === "terminated",
  truncated: end === "truncated"
})

const made = (until: "episode" | "full", normalize = false) =>
  Rollout.make({ capacity: rows, until, normalize }, shape)

describe("a rollout", () => {
  it("of an episode is there when the episode ends, once, and filled up", () => {
    const rollout = made("episode")
    rollout.store(step(0))
    rollout.store(step(1))
    assert.strictEqual(rollout.size(), 0)
    rollout.store(step(2, "terminated"))
    assert.strictEqual(rollout.size(), 3)
    const drawn = batch()
    rollout.sample(Key.make(0), drawn)
    assert.deepStrictEqual(Array.from(drawn.return.data), [1 + 1 + 0.75, 2 + 1.5, 3, 0])
    assert.deepStrictEqual(Array.from(drawn.discount.data), [0, 0, 0, 0])
    assert.deepStrictEqual(Array.from(drawn.mask.data), [1, 1, 1, 0])
    assert.strictEqual(rollout.size(), 0)
  })

  it("that is full runs over the ends of episodes, and bootstraps each from its own last observation", () => {
    const rollout = made("full")
    for (const one of [step(0), step(1, "truncated"), step(7), step(8)]) rollout.store(one)
    assert.strictEqual(rollout.size(), 4)
    const drawn = batch()
    rollout.sample(Key.make(0), drawn)
    assert.deepStrictEqual(Array.from(drawn.reward.data), [2, 2, 12.5, 9])
    assert.deepStrictEqual(Array.from(drawn.discount.data), [0.25, 0.5, 0.25, 0.5])
    assert.deepStrictEqual(Array.from(drawn.nextObservation.data), [2, 2, 9, 9])
  })

  it.each([2, 4])("of %i lanes is that of each lane, in turn", (lanes) => {
    const each = Array.from({ length: lanes }, (_, lane) => {
      const alone = Rollout.make({ capacity: rows / lanes, until: "full", normalize: false }, shape)
      const steps = Array.from({ length: rows / lanes }, (_, t) =>
        step(10 * lane + t, lane === 0 && t === 0 ? "terminated" : lane === 1 ? "truncated" : undefined)
      )
      for (const one of steps) alone.store(one)
      const drawn = Object.fromEntries(
        Object.entries(batch()).map(([name, { shape }]) => [
          name,
          NdArray.zeros([rows / lanes, ...shape.slice(1)])
        ])
      )
      alone.sample(Key.make(0), drawn)
      return { steps, drawn }
    })
    const together = Rollout.make({ capacity: rows, until: "full", normalize: false }, { ...shape, lanes })
    for (let i = 0; i < rows; i++) {
      assert.strictEqual(together.size(), 0)
      together.store(each[i % lanes]!.steps[Math.floor(i / lanes)]!)
    }
    const drawn = batch()
    together.sample(Key.make(0), drawn)
    for (const [name, { data }] of Object.entries(drawn)) {
      const expected = Array.from(data, (_, i) => each[i % lanes]!.drawn[name]!.data[Math.floor(i / lanes)])
      assert.deepStrictEqual(Array.from(data), expected, name)
    }
  })

  it("of two lanes sums the rewards of each, and ends where its own lane does", () => {
    const rollout = Rollout.make({ capacity: rows, until: "full", normalize: false }, { ...shape, lanes: 2 })
    // Rewards 1, 2 of the one lane, 11, 12 of the other; no episode ends.
    for (const one of [step(0), step(10), step(1), step(11)]) rollout.store(one)
    const drawn = batch()
    rollout.sample(Key.make(0), drawn)
    assert.deepStrictEqual(Array.from(drawn.observation.data), [0, 10, 1, 11])
    assert.deepStrictEqual(Array.from(drawn.return.data), [1 + 1, 11 + 6, 2, 12])
    assert.deepStrictEqual(Array.from(drawn.discount.data), [0.25, 0.25, 0.5, 0.5])
    assert.deepStrictEqual(Array.from(drawn.nextObservation.data), [2, 12, 2, 12])
  })

  it("is learned from once", () => {
    const rollout = made("episode")
    const masks = [3, 2].map((length) => {
      for (let t = 0; t < length; t++) rollout.store(step(t, t === length - 1 ? "terminated" : undefined))
      const drawn = batch()
      rollout.sample(Key.make(0), drawn)
      return Array.from(drawn.mask.data)
    })
    assert.deepStrictEqual(masks, [
      [1, 1, 1, 0],
      [1, 1, 0, 0]
    ])
  })

  it("is cut when it is full, though the episode goes on", () => {
    const rollout = made("episode")
    for (let t = 0; t < 4; t++) rollout.store(step(t))
    assert.strictEqual(rollout.size(), 4)
  })

  it("that is complete refuses another step, which would be lost or lose it", () => {
    for (const [until, count] of [
      ["full", 4],
      ["episode", 2]
    ] as const) {
      const rollout = made(until)
      for (let t = 1; t < count; t++) rollout.store(step(t))
      rollout.store(step(count, "terminated"))
      assert.strictEqual(rollout.size(), count)
      assert.throws(() => rollout.store(step(count + 1)), /complete: sample it before another step is stored/)
      rollout.sample(Key.make(0), batch())
      rollout.store(step(count + 1))
      assert.strictEqual(rollout.size(), 0)
    }
  })

  it("refuses the steps of a longer one", () => {
    const long = Rollout.make({ capacity: 9, until: "full", normalize: false }, shape)
    for (let t = 0; t < 4; t++) long.store(step(t))
    assert.throws(() => made("full").restore(long.snapshot()), /has 4 steps so far, this one has room for 4/)
  })

  it("has returns of mean 0 and deviation 1", () => {
    const values = Float64Array.of(3, 1, 4, 1, 5)
    Rollout.normalize(values)
    const mean = values.reduce((sum, x) => sum + x, 0) / 5
    Golden.near([mean, values.reduce((sum, x) => sum + x * x, 0) / 5], [0, 1], 1e-6, "moments")
    const single = Float64Array.of(7)
    Rollout.normalize(single)
    assert.deepStrictEqual(single, Float64Array.of(0))
  })

  it("goes on from its snapshot", () => {
    const [rollout, other] = [made("episode", true), made("episode", true)]
    for (let t = 0; t < 2; t++) rollout.store(step(t))
    other.restore(rollout.snapshot())
    const drawn = [rollout, other].map((one) => {
      one.store(step(2, "truncated"))
      const into = batch()
      one.sample(Key.make(0), into)
      return into
    })
    assert.deepStrictEqual(drawn[1], drawn[0])
  })
})
