import { assert, describe, it } from "@effect/vitest"
import * as Numbers from "@ornstein/lab/Numbers"

describe("Numbers", () => {
  it.each([
    [0, "0"],
    [1234567.4, "1,234,567"]
  ])("integer %d", (x, text) => assert.strictEqual(Numbers.integer(x), text))

  it.each([
    [0, "0.0"],
    [-152.25, "-152.3"],
    [0.0314, "0.031"],
    [-6.248147719876545e62, "-6.25e+62"],
    [Number.NEGATIVE_INFINITY, "-Infinity"]
  ])("value %d", (x, text) => assert.strictEqual(Numbers.value(x), text))

  it.each([
    [0, "0:00"],
    [59.6, "1:00"],
    [309, "5:09"],
    [3909, "1:05:09"],
    [-1, "0:00"]
  ])("duration %d", (seconds, text) => assert.strictEqual(Numbers.duration(seconds), text))

  it("spread", () => assert.strictEqual(Numbers.spread({ mean: -150.24, std: 90 }), "-150.2 ± 90.0"))
})
