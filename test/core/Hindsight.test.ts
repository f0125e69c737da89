import { Goals, Hindsight, Key } from "@ornstein/core"
import * as Reader from "@ornstein/core/internal/replay/Reader"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "vitest"

/** A point on a line: the observation is [position, goal], a step adds 1, the goal is far away. */
const shape = { observation: 2, action: 1 }

const goals: Goals.Goals = {
  size: 1,
  achieved: (observation, out) => {
    out[0] = observation[0]!
  },
  setGoal: (observation, goal) => {
    observation[1] = goal[0]!
  },
  reward: (achieved, goal) => (achieved[0] === goal[0] ? 0 : -1),
  isTerminal: (achieved, goal) => achieved[0] === goal[0]
}

/** Episodes of these lengths, in a ring of capacity 16; positions count from 100 times the episode's number. */
const filled = (lengths: ReadonlyArray<number>): Transitions.Transitions => {
  const transitions = Transitions.compact(16, shape)
  lengths.forEach((length, episode) => {
    for (let t = 0; t < length; t++) {
      transitions.push({
        observation: Float32Array.of(100 * episode + t, -5),
        action: Float32Array.of(1),
        reward: -1,
        nextObservation: Float32Array.of(100 * episode + t + 1, -5),
        terminated: false,
        truncated: t === length - 1
      })
    }
  })
  return transitions
}

const rows = 64

const sample = (
  transitions: Transitions.Transitions,
  strategy: Hindsight.Strategy,
  ratio: number,
  seed = 1
) => {
  const batch = {
    observation: NdArray.zeros([rows, 2]),
    action: NdArray.zeros([rows, 1]),
    reward: NdArray.zeros([rows]),
    discount: NdArray.zeros([rows]),
    nextObservation: NdArray.zeros([rows, 2])
  }
  const slots = new Uint32Array(rows)
  Key.integers(Key.make(seed), slots, Transitions.held(transitions))
  const valuation = { ...Reader.undiscounted, gamma: 0.9 }
  Hindsight.reader({ goals, strategy, ratio })(transitions, shape, slots, batch, Key.make(seed), valuation)
  return Array.from({ length: rows }, (_, row) => ({
    position: batch.observation.data[2 * row]!,
    goal: batch.observation.data[2 * row + 1]!,
    next: batch.nextObservation.data[2 * row]!,
    nextGoal: batch.nextObservation.data[2 * row + 1]!,
    reward: batch.reward.data[row]!,
    discount: batch.discount.data[row]!
  }))
}

/** Seven, nine and four steps: the ring holds the last three of the first episode. */
const ring = filled([7, 9, 4])
const lasts = [7, 109, 204]
const starts = [4, 100, 200]

describe("hindsight", () => {
  it("leaves the share of rows alone that it should, with the old goal", () => {
    const all = Array.from({ length: 50 }, (_, seed) => sample(ring, "future", 0.8, seed)).flat()
    const old = all.filter(({ goal }) => goal === -5)
    assert.closeTo(old.length / all.length, 0.2, 0.02)
    for (const row of old)
      assert.deepStrictEqual([row.nextGoal, row.reward, row.discount], [-5, -1, Math.fround(0.9)])
  })

  it.each(["future", "final", "episode"] as const)(
    "%s: goals are what the same episode reached",
    (strategy) => {
      const seen = new Set<string>()
      for (let seed = 0; seed < 50; seed++) {
        for (const { discount, goal, next, nextGoal, position, reward } of sample(ring, strategy, 1, seed)) {
          const episode = Math.floor(position / 100)
          assert.strictEqual(goal, nextGoal)
          assert.isAtMost(goal, lasts[episode]!)
          if (strategy === "future") assert.isAtLeast(goal, next)
          if (strategy === "final") assert.strictEqual(goal, lasts[episode])
          if (strategy === "episode") assert.isAbove(goal, starts[episode]!)
          assert.deepStrictEqual([reward, discount], goal === next ? [0, 0] : [-1, Math.fround(0.9)])
          seen.add(`${position} ${goal}`)
        }
      }
      // Every step with every goal that it may get: of 3, 9 and 4 steps.
      const pairs = { future: 6 + 45 + 10, final: 16, episode: 9 + 81 + 16 }
      assert.strictEqual(seen.size, pairs[strategy])
    }
  )
})

/** A track on which positions beyond 1 are a crash; a row stands at `at`, with this old goal, and `next` after the step. */
const track = (isTerminal: boolean): Goals.Goals => ({
  ...goals,
  desired: (observation, out) => {
    out[0] = observation[1]!
  },
  isTerminal: (achieved, goal) => isTerminal && achieved[0] === goal[0]
})

/** How a step ended, and what its row says when the new goal is (not) the one that the step reached. */
const ends: ReadonlyArray<
  readonly [
    title: string,
    row: {
      readonly next: number
      readonly old: number
      readonly terminated: boolean
      readonly truncated: boolean
    },
    reached: number,
    missed: number
  ]
> = [
  ["the step went on", { next: 0.5, old: 9, terminated: false, truncated: false }, 0, 0.5],
  ["it was truncated", { next: 0.5, old: 9, terminated: false, truncated: true }, 0, 0.5],
  ["it reached the old goal", { next: 0.5, old: 0.5, terminated: true, truncated: false }, 0, 0.5],
  ["it reached it at the limit", { next: 0.5, old: 0.5, terminated: true, truncated: true }, 0, 0.5],
  ["it crashed", { next: 2, old: 9, terminated: true, truncated: false }, 0, 0],
  ["it crashed at the limit", { next: 2, old: 9, terminated: true, truncated: true }, 0, 0]
]

describe("an end under another goal", () => {
  /** Relabels the first of two steps, whose episode is made to reach `goal` in the second; the row's numbers. */
  const relabelled = (given: Goals.Goals, row: (typeof ends)[number][1], goal: number) => {
    const transitions = Transitions.full(2, shape)
    const step = { action: Float32Array.of(1), reward: -1, terminated: false, truncated: false }
    // The other row comes before, in the same episode: `episode` may give its position to the later one.
    transitions.push({
      ...step,
      observation: Float32Array.of(0, row.old),
      nextObservation: Float32Array.of(goal, row.old)
    })
    transitions.push({
      ...step,
      ...row,
      observation: Float32Array.of(goal, row.old),
      nextObservation: Float32Array.of(row.next, row.old)
    })
    const batch = {
      observation: NdArray.zeros([1, 2]),
      action: NdArray.zeros([1, 1]),
      reward: NdArray.zeros([1]),
      discount: NdArray.zeros([1]),
      nextObservation: NdArray.zeros([1, 2])
    }
    const read = Hindsight.reader({ goals: given, strategy: "episode", ratio: 1 })
    const valuation = { ...Reader.undiscounted, gamma: 0.5 }
    for (let seed = 0; seed < 50; seed++) {
      read(transitions, shape, Uint32Array.of(1), batch, Key.make(seed), valuation)
      if (batch.observation.data[1] === Math.fround(goal)) {
        return { discount: batch.discount.data[0], reward: batch.reward.data[0] }
      }
    }
    throw new RangeError("no draw chose the goal")
  }

  it.each(ends)("%s: it is decided anew where goals end episodes", (_, row, reached, missed) => {
    assert.deepStrictEqual(relabelled(track(true), row, row.next), { discount: reached, reward: 0 })
    assert.deepStrictEqual(relabelled(track(true), row, 0.25), { discount: missed, reward: -1 })
  })

  it.each(ends)("%s: it stays where goals end nothing", (_, row) => {
    const discount = row.terminated ? 0 : 0.5
    for (const given of [track(false), { ...goals, isTerminal: () => false }]) {
      assert.deepStrictEqual(relabelled(given, row, row.next), { discount, reward: 0 })
      assert.deepStrictEqual(relabelled(given, row, 0.25), { discount, reward: -1 })
    }
  })

  it("can be told from others, or the goals say that they cannot", () => {
    assert.isTrue(Goals.tellsEnds(track(true)))
    assert.isTrue(Goals.tellsEnds({ ...goals, isTerminal: () => false }))
    assert.isFalse(Goals.tellsEnds(goals))
  })
})
