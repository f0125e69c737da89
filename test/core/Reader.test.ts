import { Key } from "@ornstein/core"
import * as Reader from "@ornstein/core/internal/replay/Reader"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "vitest"
import * as Golden from "../algos/Golden.ts"

const { cases } = Golden.read("nStep", "n-step")

const shape = { observation: 1, action: 1 }

describe.each(["full", "compact"] as const)("n steps in one, %s storage", (storage) => {
  describe.each(cases)("$label", ({ capacity, expected, gamma, stream }) => {
    const count = stream.reward.length
    const transitions = Transitions[storage](capacity ?? count, shape)
    for (let i = 0; i < count; i++) {
      transitions.push({
        observation: Float32Array.of(stream.observation_id[i]!),
        action: Float32Array.of(0),
        reward: stream.reward[i]!,
        nextObservation: Float32Array.of(stream.next_observation_id[i]!),
        terminated: stream.terminated[i]!,
        truncated: stream.truncated[i]!
      })
    }
    const rows = Transitions.held(transitions)
    const slots = Uint32Array.from({ length: rows }, (_, slot) => slot)
    const batch = {
      observation: NdArray.zeros([rows, 1]),
      action: NdArray.zeros([rows, 1]),
      reward: NdArray.zeros([rows]),
      discount: NdArray.zeros([rows]),
      nextObservation: NdArray.zeros([rows, 1])
    }

    it.each([1, 3, 5])("n = %i", (n) => {
      const numbers = Golden.entry(expected, `n=${n}`)
      const valuation = { ...Reader.undiscounted, gamma }
      Reader.nStep(n)(transitions, shape, slots, batch, Key.make(0), valuation)
      Golden.near(batch.reward.data, numbers.reward_sum, 5e-6, "reward")
      Golden.near(batch.discount.data, numbers.discount, 5e-6, "discount")
      assert.deepStrictEqual(Array.from(batch.nextObservation.data), numbers.bootstrap_observation_id)
    })
  })
})
