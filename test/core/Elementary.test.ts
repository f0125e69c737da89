import { Elementary, Key } from "@ornstein/core"
import { createHash } from "node:crypto"
import { assert, it } from "vitest"

/** In units of the last place of doubles near `expected`. */
const ulps = (actual: number, expected: number): number =>
  Math.abs(actual - expected) / (Math.abs(expected) * Number.EPSILON)

it("logarithms, exponentials and powers are those of the host within some last places", () => {
  const key = Key.make(1)
  for (let i = 0; i < 20_000; i++) {
    const x = 40 * (Key.uniform(key, i) - 0.5)
    assert.isAtMost(ulps(Elementary.exp(x), Math.exp(x)), 4, `exp ${x}`)
    const y = Math.exp(x)
    assert.isAtMost(Math.abs(Elementary.log(y) - x) / Math.max(1, Math.abs(x)), 4e-16, `log ${y}`)
    assert.isAtMost(ulps(Elementary.pow(y, 0.6), y ** 0.6), 40, `pow ${y}`)
  }
})

it("their bits are those that they have always been", () => {
  const key = Key.make(3)
  const bits = (f: (u: number) => number): string =>
    createHash("sha256")
      .update(Float64Array.from({ length: 20_000 }, (_, i) => f(Key.uniform(key, i))))
      .digest("hex")
      .slice(0, 16)
  assert.deepStrictEqual(
    [
      bits((u) => Elementary.exp(1400 * (u - 0.5))),
      bits((u) => Elementary.log(u + 1e-12)),
      bits((u) => Elementary.pow(10 * u, 4 * u - 2))
    ],
    ["29f1b297eb83250a", "1698f5774dc7712f", "879652faab82b10b"]
  )
})

it("powers 0 and 1 are exact", () => {
  assert.deepStrictEqual(
    [Elementary.pow(3.7, 0), Elementary.pow(3.7, 1), Elementary.pow(0, 0), Elementary.pow(0, 0.5)],
    [1, 3.7, 1, 0]
  )
})
