import * as Decision from "@ornstein/core/Decision"
import * as Key from "@ornstein/core/Key"
import { assert, describe, it } from "vitest"
import * as Golden from "../algos/Golden.ts"

describe("a direct decision", () => {
  it("is the output, with and without a key", () => {
    for (const key of [undefined, Key.make(1)]) {
      const action = new Float64Array(2)
      Decision.decide("direct", Float32Array.of(0.25, -1), key, action)
      assert.deepStrictEqual(action, Float64Array.of(0.25, -1))
    }
  })
})

describe("a categorical decision", () => {
  const decided = (probabilities: ReadonlyArray<number>, key?: Key.Key) => {
    const action = new Float32Array(1)
    Decision.decide("categorical", Float32Array.from(probabilities), key, action)
    return action[0]!
  }

  it("takes the likeliest action without a key", () => {
    assert.strictEqual(decided([0.2, 0.5, 0.3]), 1)
  })

  it("draws in proportion with one, and never beyond the last action", () => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 10_000; i++) counts[decided([0.2, 0.5, 0, 0.3], Key.make(i))]! += 1
    Golden.near(
      counts.map((n) => n / 10_000),
      [0.2, 0.5, 0, 0.3],
      0.015,
      "shares"
    )
    assert.strictEqual(decided([0, 0, 0], Key.make(1)), 2)
  })
})
