import { Hindsight, Key, Reader, Transitions } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "vitest"

/** A point on a line: the observation is [position, goal], a step adds 1, the goal is far away. */
const shape = { observation: 2, action: 1 }

const goals: Hindsight.Goals = {
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
const ends = [7, 109, 204]
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
          assert.isAtMost(goal, ends[episode]!)
          if (strategy === "future") assert.isAtLeast(goal, next)
          if (strategy === "final") assert.strictEqual(goal, ends[episode])
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
