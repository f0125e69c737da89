import { Elementary, Key } from "@ornstein/core"
import * as Sampler from "@ornstein/core/internal/replay/Sampler"
import * as SumTree from "@ornstein/core/internal/replay/SumTree"
import { assert, describe, it } from "vitest"
import * as Golden from "../algos/Golden.ts"

describe("prioritized draws compute the golden numbers", () => {
  it.each(Golden.read("priorities", "per-weights").cases)("$label", (given) => {
    const { alpha, beta, epsilon, expected, indices, priorities, stratified_draws: draws, td } = given
    const count = priorities.length
    const tree = SumTree.make(count)
    priorities.forEach((p, slot) => SumTree.set(tree, slot, Elementary.pow(p, alpha)))
    Golden.near([SumTree.total(tree)], expected.powered_sum, 1e-14, "sum")
    const shares = priorities.map((_, slot) => SumTree.get(tree, slot) / SumTree.total(tree))
    Golden.near(shares, expected.probabilities, 1e-14, "probabilities")
    const weights = new Float64Array(indices.length)
    Sampler.importance(tree, count, beta, Uint32Array.from(indices), weights)
    Golden.near(weights, expected.weights, 1e-14, "weights")
    const found = draws.map((u, k) => SumTree.find(tree, ((k + u) / draws.length) * SumTree.total(tree)))
    assert.deepStrictEqual(found, expected.stratified_indices)
    Golden.near(
      td.map((error) => Math.abs(error) + epsilon),
      expected.new_priorities,
      1e-14,
      "priorities"
    )
  })
})

const filled = (sampler: Sampler.Sampler, count: number): Sampler.Sampler => {
  for (let slot = 0; slot < count; slot++) sampler.add(slot)
  return sampler
}

const draw = (sampler: Sampler.Sampler, key: Key.Key, held: number, rows: number, stored = held) => {
  const slots = new Uint32Array(rows)
  const weights = new Float32Array(rows)
  sampler.draw(key, slots, held, stored, weights)
  return { slots, weights }
}

describe("prioritized", () => {
  const options = { alpha: 1, beta: 1, epsilon: 0.5 }

  it("draws in proportion to the errors it was told, and new transitions as if their error were the largest", () => {
    const sampler = filled(Sampler.prioritized(4, options), 3)
    draw(sampler, Key.make(0), 3, 3)
    // From equal strata slots 0, 1, 2 are drawn in order.
    sampler.prioritize?.(Float32Array.of(0, -1.5, 3.5))
    sampler.add(3)
    const counts = new Float64Array(4)
    for (let i = 0; i < 2000; i++)
      for (const slot of draw(sampler, Key.make(i), 4, 5).slots) counts[slot]! += 1
    // Priorities 0.5, 2, 4, 4.
    Golden.near(
      Array.from(counts, (count) => count / 10_000),
      [0.5, 2, 4, 4].map((p) => p / 10.5),
      0.01,
      "shares"
    )
    const { slots, weights } = draw(sampler, Key.make(1), 4, 5)
    const least = Math.min(...Array.from(slots, (slot) => [0.5, 2, 4, 4][slot]!))
    slots.forEach((slot, i) => assert.closeTo(weights[i]!, least / [0.5, 2, 4, 4][slot]!, 1e-6))
  })

  it("goes on from its snapshot, also in a smaller memory", () => {
    const sampler = filled(Sampler.prioritized(8, options), 8)
    draw(sampler, Key.make(0), 8, 8)
    sampler.prioritize?.(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    // Ten transitions in all: slots 0 and 1 hold numbers 8 and 9.
    filled(sampler, 2)
    const same = Sampler.prioritized(8, options)
    same.restore(sampler.snapshot(10), 10)
    assert.deepStrictEqual(draw(same, Key.make(5), 8, 6, 10), draw(sampler, Key.make(5), 8, 6, 10))
    const smaller = Sampler.prioritized(2, options)
    smaller.restore(sampler.snapshot(10), 10)
    assert.deepStrictEqual(smaller.snapshot(10), { largest: 8.5, weights: Float64Array.of(8.5, 8.5) })
  })
})

describe("without replacement", () => {
  it("no transition comes twice, and each equally often", () => {
    const sampler = Sampler.withoutReplacement(50)
    const counts = new Float64Array(20)
    for (let i = 0; i < 1000; i++) {
      const { slots } = draw(sampler, Key.make(i), 20, 12)
      assert.strictEqual(new Set(slots).size, 12)
      for (const slot of slots) counts[slot]! += 1
    }
    Golden.near(
      counts,
      Array.from({ length: 20 }, () => 600),
      0.15,
      "counts"
    )
  })

  it("what it drew before changes nothing", () => {
    const used = Sampler.withoutReplacement(9)
    draw(used, Key.make(1), 9, 7)
    const fresh = draw(Sampler.withoutReplacement(9), Key.make(2), 9, 7)
    assert.deepStrictEqual(draw(used, Key.make(2), 9, 7), fresh)
  })

  it("begins anew when there are fewer transitions than rows", () => {
    const { slots } = draw(Sampler.withoutReplacement(9), Key.make(3), 3, 7)
    assert.deepStrictEqual(slots.slice(0, 3).sort(), Uint32Array.of(0, 1, 2))
    assert.deepStrictEqual(slots.slice(3, 6).sort(), Uint32Array.of(0, 1, 2))
  })
})
