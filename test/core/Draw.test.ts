import { Draw, Key } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "vitest"

const draw = (draw: Draw.Draw, key: Key.Key): NdArray.Data => {
  const { dtype, shape } = Draw.spec(draw)
  const out = NdArray.allocate(dtype, NdArray.size(shape))
  Draw.write(draw, key, out)
  return out
}

const keys = Array.from({ length: 600 }, (_, i) => Key.fold(Key.make(5), i))

describe("a draw", () => {
  it("of normal numbers is what the key gives", () => {
    const out = draw(Draw.normal([3, 4]), Key.make(1))
    assert.deepStrictEqual(out, Key.normals(Key.make(1), new Float32Array(12)))
    assert.deepStrictEqual(Draw.spec(Draw.normal([3, 4])), NdArray.spec([3, 4]))
  })

  it("of uniform numbers is spread over [0, 1)", () => {
    const all = keys.flatMap((key) => Array.from(draw(Draw.uniform([2]), key)))
    assert.isAtLeast(Math.min(...all), 0)
    assert.isBelow(Math.max(...all), 1)
    assert.closeTo(all.reduce((sum, x) => sum + x, 0) / all.length, 0.5, 0.03)
  })

  it("of a subset has different indices, every pair as often", () => {
    const counts = new Map<string, number>()
    for (const key of keys) {
      const [i, j, ...rest] = draw(Draw.subset({ size: 2, of: 4 }), key)
      assert.lengthOf(rest, 0)
      counts.set(`${i} ${j}`, (counts.get(`${i} ${j}`) ?? 0) + 1)
    }
    // Twelve ordered pairs of different indices, 50 times each but for a deviation of 7.
    assert.strictEqual(counts.size, 12)
    for (const [pair, count] of counts) {
      assert.notStrictEqual(pair[0], pair[2])
      assert.closeTo(count, 50, 28, pair)
    }
  })

  it("of a permutation has every index once", () => {
    const seen = new Set(
      keys.map((key) => {
        const order = draw(Draw.permutation(3), key)
        assert.deepStrictEqual(new Set(order), new Set([0, 1, 2]))
        return order.join()
      })
    )
    assert.strictEqual(seen.size, 6)
    assert.deepStrictEqual(Draw.spec(Draw.permutation(3)), NdArray.spec([3], "int32"))
  })

  it("refuses more than there are, and an array of another type", () => {
    assert.throws(() => Draw.subset({ size: 3, of: 2 }), "a subset of 3 cannot be drawn from 2")
    assert.throws(() => Draw.write(Draw.normal([1]), Key.make(1), new Int32Array(1)), "takes a float32 array")
  })
})
