import { Key } from "@ornstein/core"
import * as SumTree from "@ornstein/core/internal/replay/SumTree"
import { assert, describe, it } from "vitest"

describe("SumTree", () => {
  it.each([1, 2, 5, 64, 100])("of %i slots has their total, and finds by cumulative sum", (size) => {
    const key = Key.make(size)
    const tree = SumTree.make(size)
    const weights = new Float64Array(size)
    for (let i = 0; i < 5 * size; i++) {
      const slot = Key.integer(key, size, i)
      // Multiples of 1/8 add up without rounding.
      weights[slot] = Key.integer(key, 40, 1000 + i) / 8
      SumTree.set(tree, slot, weights[slot])
    }
    const total = weights.reduce((sum, w) => sum + w, 0)
    assert.strictEqual(SumTree.total(tree), total)
    for (let value = 0; value < total; value += 0.125) {
      let [slot, cumulative] = [0, weights[0]!]
      while (cumulative <= value) cumulative += weights[++slot]!
      assert.strictEqual(SumTree.find(tree, value), slot)
    }
  })

  it("has the same bits whatever the order of setting", () => {
    const weights = Key.uniforms(Key.make(3), new Float64Array(37))
    const [forth, back] = [SumTree.make(37), SumTree.make(37)]
    for (let i = 0; i < 37; i++) {
      SumTree.set(back, 36 - i, 7)
      SumTree.set(forth, i, weights[i]!)
    }
    for (let i = 36; i >= 0; i--) SumTree.set(back, i, weights[i]!)
    assert.deepStrictEqual(back.sums, forth.sums)
  })

  it("never enters a slot without weight, even for a value beyond the total", () => {
    const tree = SumTree.make(3)
    SumTree.set(tree, 1, 2)
    for (const value of [0, 1.999, 2, 3]) assert.strictEqual(SumTree.find(tree, value), 1)
  })
})
