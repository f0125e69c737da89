import * as Key from "@ornstein/core/Key"
import { assert, describe, it } from "@effect/vitest"

const key = Key.make(7)

/** Pearson's statistic of counts that should all be equal, in standard deviations from its mean. */
const chiSquare = (counts: ReadonlyArray<number>): number => {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length
  const statistic = counts.reduce((sum, n) => sum + ((n - expected) * (n - expected)) / expected, 0)
  const degrees = counts.length - 1
  return (statistic - degrees) / Math.sqrt(2 * degrees)
}

describe("Key", () => {
  it("gives the published answers of Threefry-2x32-20", () => {
    const out = new Uint32Array(2)
    const answer = (high: number, low: number, c0: number, c1: number) => {
      Key.block({ high, low }, c0, c1, out)
      return Array.from(out)
    }
    assert.deepStrictEqual(answer(0, 0, 0, 0), [0x6b200159, 0x99ba4efe])
    assert.deepStrictEqual(answer(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), [0x1cb996fc, 0xbb002be7])
    assert.deepStrictEqual(answer(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), [0xc4923a9c, 0x483df7a0])
  })

  it("gives the same numbers for ever", () => {
    assert.deepStrictEqual(Key.make(0), { high: 4003134048, low: 2050128842 })
    assert.strictEqual(Key.uniform(key, 3), 0.8770579097121367)
    assert.strictEqual(Key.normal(key, 3), -1.373485695411844)
    const seven = Key.make(7)
    assert.deepStrictEqual(Key.fold(seven, "exploration"), { high: 2955452515, low: 528037257 })
    assert.deepStrictEqual(Key.fold(seven, 12345678901), { high: 1299641771, low: 2925007144 })
  })

  it("draws normals by the inverse of the distribution function", () => {
    // Phi(x) by its continued fraction for the tail, Phi(-x) = phi(x) / (x + 1 / (x + 2 / (x + ...))).
    const tail = (x: number): number => {
      let fraction = x
      for (let n = 200; n >= 1; n--) fraction = x + n / fraction
      return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / fraction
    }
    const words = new Uint32Array(2)
    for (let i = 0; i < 2000; i++) {
      const x = Key.normal(key, i)
      if (Math.abs(x) < 1.5) continue
      Key.block(key, 1, i, words)
      const p = ((words[0]! >>> 6) * 67108864 + (words[1]! >>> 6) + 0.5) / 4503599627370496
      assert.closeTo(tail(Math.abs(x)) / (x < 0 ? p : 1 - p), 1, 1e-12)
    }
  })

  it("folds names and numbers into keys that differ", () => {
    const names = ["", "a", "b", "ab", "ba", "exploration", "evaluation", "a\0"]
    const folded = [
      ...names.map((name) => Key.fold(key, name)),
      ...[0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52].map((n) => Key.fold(key, n))
    ]
    assert.strictEqual(new Set(folded.map(({ high, low }) => `${high}/${low}`)).size, folded.length)
    assert.notDeepEqual(Key.fold(Key.fold(key, "a"), "b"), Key.fold(Key.fold(key, "b"), "a"))
  })

  it("folds numbers away from the counters that draws use", () => {
    for (let n = 0; n < 50; n++) {
      const folded = Key.fold(key, n)
      for (let i = 0; i < 50; i++) assert.notStrictEqual(folded.high, Key.bits32(key, i))
    }
  })

  it("draws uniforms that fill [0, 1) evenly, for neighbouring seeds too", () => {
    for (const draw of [(i: number) => Key.uniform(key, i), (i: number) => Key.uniform(Key.make(i), 0)]) {
      const counts = Array.from({ length: 64 }, () => 0)
      for (let i = 0; i < 64_000; i++) {
        const u = draw(i)
        assert.isTrue(u >= 0 && u < 1)
        counts[Math.floor(u * 64)]! += 1
      }
      assert.isBelow(Math.abs(chiSquare(counts)), 4)
    }
  })

  it("draws normals with the moments and the tails of the normal distribution", () => {
    const n = 200_000
    let [sum, square, fourth, beyond2, beyond4] = [0, 0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const x = Key.normal(key, i)
      sum += x
      square += x * x
      fourth += x * x * x * x
      if (Math.abs(x) > 2) beyond2 += 1
      if (Math.abs(x) > 4) beyond4 += 1
    }
    assert.closeTo(sum / n, 0, 0.01)
    assert.closeTo(square / n, 1, 0.015)
    assert.closeTo(fourth / n, 3, 0.1)
    assert.closeTo(beyond2 / n, 0.0455, 0.002)
    assert.isBelow(beyond4, 40)
  })

  it("draws integers without modulo bias", () => {
    // Of 3 * 2^30 numbers a plain remainder of 32 bits would give the first third twice as often.
    const n = 3 * 2 ** 30
    const counts = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) counts[Math.floor(Key.integer(key, n, i) / 2 ** 30)]! += 1
    assert.isBelow(Math.abs(chiSquare(counts)), 4)
    assert.throws(() => Key.integer(key, 0), RangeError)
    assert.throws(() => Key.integer(key, 2.5), RangeError)
  })

  it("permutes uniformly", () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const order = Key.permutation(Key.fold(key, i), 4).join("")
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 24)
    assert.isBelow(Math.abs(chiSquare([...counts.values()])), 4)
  })

  it("fills arrays within bounds, and about a mean with a deviation", () => {
    const plain = Key.normals(key, new Float64Array(5))
    const moved = Key.normals(key, new Float64Array(5), 2, 3)
    assert.deepStrictEqual(
      Array.from(moved),
      Array.from(plain, (n) => 2 + 3 * n)
    )
    const unit = Key.uniforms(key, new Float64Array(5))
    assert.deepStrictEqual(
      Array.from(Key.uniforms(key, new Float64Array(5), -2, 5)),
      Array.from(unit, (u) => -2 + 7 * u)
    )
  })

  it("fills arrays with the draws of their indices", () => {
    assert.strictEqual(Key.normals(key, new Float64Array(5))[4], Key.normal(key, 4))
    assert.strictEqual(Key.uniforms(key, new Float64Array(5), -1, 1)[4], -1 + 2 * Key.uniform(key, 4))
    assert.strictEqual(Key.integers(key, new Uint32Array(5), 10)[4], Key.integer(key, 10, 4))
  })

  it("refuses a seed that is no integer", () => {
    assert.throws(() => Key.make(0.5), RangeError)
    assert.throws(() => Key.make(Number.NaN), RangeError)
  })
})
