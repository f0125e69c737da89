import * as Key from "@ornstein/core/Key"
import * as Statistics from "@ornstein/lab/Statistics"
import { assert, describe, it } from "vitest"

const key = Key.make(3)

it("the extremes of 200,000 values are found, of none there are none", () => {
  const values = Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_003)
  assert.deepStrictEqual([Statistics.minimum(values), Statistics.maximum(values)], [0, 200_002])
  assert.deepStrictEqual([Statistics.minimum([]), Statistics.maximum([])], [Number.NaN, Number.NaN])
})

describe("statistics", () => {
  it("are those computed by hand", () => {
    const scores = [4, 1, 3, 2]
    assert.strictEqual(Statistics.mean(scores), 2.5)
    assert.strictEqual(Statistics.median(scores), 2.5)
    assert.closeTo(Statistics.standardDeviation(scores), Math.sqrt(5 / 3), 1e-15)
    assert.strictEqual(Statistics.standardDeviation([7]), 0)
  })

  it("leave out a quarter on either side in the interquartile mean, rounded down to whole scores", () => {
    assert.strictEqual(Statistics.interquartileMean([8, 1, 2, 3, 100, 5, 6, -50]), (2 + 3 + 5 + 6) / 4)
    assert.strictEqual(Statistics.interquartileMean([100, 2, 3, 4, -7]), 3)
    // Of three scores a quarter is less than one: all stay.
    assert.strictEqual(Statistics.interquartileMean([0, 0, 3]), 1)
  })

  it("interpolate quantiles linearly", () => {
    const scores = [40, 10, 30, 20]
    assert.strictEqual(Statistics.quantile(scores, 0), 10)
    assert.strictEqual(Statistics.quantile(scores, 1), 40)
    // At 0.1 * 3 = 0.3 of the way from 10 to 20.
    assert.closeTo(Statistics.quantile(scores, 0.1), 13, 1e-12)
  })

  it("smooth over the last values", () => {
    assert.deepStrictEqual(Statistics.smooth([1, 3, 5, 7], 2), [1, 2, 4, 6])
    assert.deepStrictEqual(Statistics.smooth([1, 3], 10), [1, 2])
  })
})

describe("the bootstrap", () => {
  it("has the interval that two scores must have", () => {
    // Means of two draws from {0, 1}: 0, 1/2, 1 with probabilities 1/4, 1/2, 1/4.
    const wide = Statistics.bootstrap([[0, 1]], Statistics.mean, { key })
    assert.deepStrictEqual(wide, { point: 0.5, low: 0, high: 1 })
    const narrow = Statistics.bootstrap([[0, 1]], Statistics.mean, { key, level: 0.4 })
    assert.deepStrictEqual(narrow, { point: 0.5, low: 0.5, high: 0.5 })
  })

  it("agrees with the normal interval of a mean", () => {
    const scores = Array.from(Key.normals(Key.make(8), new Float64Array(400)))
    const { high, low, point } = Statistics.bootstrap([scores], Statistics.mean, { key })
    const error = Statistics.standardDeviation(scores) / 20
    assert.closeTo(low, point - 1.96 * error, 0.2 * error)
    assert.closeTo(high, point + 1.96 * error, 0.2 * error)
  })

  it("draws inside strata only", () => {
    const scores = [
      [0, 0, 0],
      [10, 10, 10]
    ]
    assert.deepStrictEqual(Statistics.bootstrap(scores, Statistics.mean, { key }), {
      point: 5,
      low: 5,
      high: 5
    })
    assert.isBelow(Statistics.bootstrap([scores.flat()], Statistics.mean, { key }).low, 5)
  })

  it("depends on its key and nothing else", () => {
    const scores = [[3.1, 1.41, 4.2, 1.73, 5.5, 9.9, 2.71, 6.28]]
    const run = (key: Key.Key) => Statistics.bootstrap(scores, Statistics.mean, { key, level: 0.37 })
    assert.deepStrictEqual(run(key), run(key))
    const others = [4, 5, 6, 7].map((seed) => run(Key.make(seed)).low)
    assert.isAbove(new Set(others).size, 1)
  })
})
