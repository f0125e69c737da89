import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import { createHash } from "node:crypto"

/** The doubles nearest to the exact values, from 300-bit arithmetic. */
const known = [
  [0.5, 0.479425538604203, 0.8775825618903728],
  [-Math.PI / 4, -0.7071067811865475, Math.SQRT1_2],
  [1.0, 0.8414709848078965, 0.5403023058681398],
  [Math.PI / 2, 1.0, 6.123233995736766e-17],
  [Math.PI, 1.2246467991473532e-16, -1.0],
  [-2.5, -0.5984721441039565, -0.8011436155469337],
  [10.0, -0.5440211108893698, -0.8390715290764524],
  [79.99, -0.9927351058641888, -0.12032044541480821],
  [-1234.5, -0.14539565052293643, -0.989373592132422],
  [355.0, -3.014435335948845e-5, -0.999999999545659],
  [100000.25, -0.21260836606769953, -0.9771374942545307],
  [1599999.0, -0.9999991467373152, -0.001306340170728884],
  [1e-9, 1e-9, 1.0]
] as const

it.each([...known])("sine and cosine of %d", (x, sine, cosine) => {
  assert.deepStrictEqual([Trigonometry.sin(x), Trigonometry.cos(x)], [sine, cosine])
})

it("has the bits that it has always had", () => {
  const key = Key.make(3)
  const hash = createHash("sha256")
  for (let i = 0; i < 20_000; i++) {
    const x = (Key.uniform(key, i) - 0.5) * (i % 2 === 0 ? 20 : 1e7)
    hash.update(Float64Array.of(Trigonometry.sin(x), Trigonometry.cos(x)))
  }
  assert.strictEqual(hash.digest("hex").slice(0, 16), "92018da34aae8b9f")
})

it("stays beside this machine's own functions everywhere", () => {
  const key = Key.make(2)
  let furthest = 0
  for (let i = 0; i < 20_000; i++) {
    const x = (2 * Key.uniform(key, i) - 1) * (i % 2 === 0 ? 3 : 1e5)
    furthest = Math.max(furthest, Math.abs(Trigonometry.sin(x) - Math.sin(x)))
    furthest = Math.max(furthest, Math.abs(Trigonometry.cos(x) - Math.cos(x)))
  }
  assert.isAtMost(furthest, 2.3e-16)
})

it("is odd and even, and loses accuracy slowly beyond its range", () => {
  for (const x of [0.3, 2, 44]) {
    assert.strictEqual(Trigonometry.sin(-x), -Trigonometry.sin(x))
    assert.strictEqual(Trigonometry.cos(-x), Trigonometry.cos(x))
  }
  assert.closeTo(Trigonometry.sin(1e8), Math.sin(1e8), 1e-8)
  assert.isNaN(Trigonometry.sin(Number.POSITIVE_INFINITY))
})
