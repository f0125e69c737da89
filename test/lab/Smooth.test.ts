import * as Key from "@ornstein/core/Key"
import * as Smooth from "@ornstein/lab/internal/compare/Smooth"
import { assert, describe, it } from "vitest"

const series = (count: number, steps: number, f: (step: number, i: number) => number): Smooth.Series => {
  const at = Array.from({ length: count }, (_, i) => (i * steps) / (count - 1))
  return { steps: at, values: at.map(f) }
}

const furthest = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0)

describe("a smooth line", () => {
  it("leaves constants and one or two points as they are, to the bit", () => {
    for (const count of [2, 3, 10, 1000, 5000]) {
      const constant = series(count, 10_000, () => -123.456)
      assert.deepStrictEqual(Smooth.localLinear(constant, 1000), constant.values)
    }
    const two = { steps: [100, 150], values: [-1000, -10] }
    assert.deepStrictEqual(Smooth.localLinear(two, 1e6), two.values)
    assert.deepStrictEqual(Smooth.localLinear({ steps: [5], values: [7] }, 100), [7])
    assert.deepStrictEqual(Smooth.localLinear({ steps: [], values: [] }, 100), [])
  })

  it("keeps straight lines straight up to both ends", () => {
    for (const count of [5, 100, 3000]) {
      const line = series(count, 10_000, (step) => 3 - 0.25 * step)
      assert.isBelow(furthest(Smooth.localLinear(line, 1500), line.values), 1e-9)
    }
  })

  it("does not lag: a jump stays where it is", () => {
    const jump = series(1001, 10_000, (step) => (step < 5000 ? 0 : 1))
    const smooth = Smooth.localLinear(jump, 1000)
    const crossing = jump.steps[smooth.findIndex((value) => value >= 0.5)]!
    assert.isBelow(Math.abs(crossing - 5000), 20)
  })

  it("takes noise away: a tenth of its deviation is left of 400 points in a window", () => {
    const noisy = series(4001, 10_000, (_, i) => Key.normal(Key.make(1), i))
    const inner = Smooth.localLinear(noisy, 1000).slice(400, -400)
    const rms = Math.sqrt(inner.reduce((sum, x) => sum + x * x, 0) / inner.length)
    assert.isBelow(rms, 0.1)
  })

  it("is the same line through 1,000 points and 100,000", () => {
    const f = (step: number) => Math.sin(step / 1500) * 100
    const [few, many] = [series(1000, 99_900, f), series(99_901, 99_900, f)]
    const [coarse, fine] = [Smooth.localLinear(few, 3000), Smooth.localLinear(many, 3000)]
    assert.isBelow(
      furthest(
        coarse,
        few.steps.map((step) => fine[Math.round(step)]!)
      ),
      0.5
    )
  })

  it("passes over what is no number", () => {
    const values = [1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 1]
    assert.deepStrictEqual(Smooth.localLinear({ steps: [0, 1, 2, 3, 4, 5], values }, 4), values)
  })
})
