import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"

const infinity = Number.POSITIVE_INFINITY

const mixed = Space.box({ shape: [4], low: [-2, 0, -infinity, -infinity], high: [3, infinity, 1, infinity] })

it("samples inside the bounds, whatever they are, and from the key alone", () => {
  const values = Array.from({ length: 2000 }, (_, i) => Space.sample(mixed, Key.make(i), new Float64Array(4)))
  for (const value of values) assert.isTrue(Space.contains(mixed, value))
  const mean = (j: number) => values.reduce((sum, value) => sum + value[j]!, 0) / values.length
  // Uniform on [-2, 3], 0 + exponential, 1 - exponential, normal.
  for (const [j, expected] of [0.5, 1, 0, 0].entries()) assert.approximately(mean(j), expected, 0.13)
  assert.deepStrictEqual(Space.sample(mixed, Key.make(3), new Float64Array(4)), values[3])
})

it("draws every dimension of a sample by itself", () => {
  for (const [low, high] of [
    [-1, 1],
    [0, infinity],
    [-infinity, 0],
    [-infinity, infinity]
  ] as const) {
    const box = Space.box({ shape: [8], low, high })
    assert.strictEqual(new Set(Space.sample(box, Key.make(4), new Float64Array(8))).size, 8)
  }
})

it("contains compares in the numbers' own precision and refuses NaN, other lengths, fractions", () => {
  const tenth = Space.box({ shape: [1], low: -0.1, high: 0.1 })
  assert.isTrue(Space.contains(tenth, Float32Array.of(0.1)))
  assert.isFalse(Space.contains(tenth, Float64Array.of(Math.fround(0.1))))
  assert.isFalse(Space.contains(tenth, Float32Array.of(Number.NaN)))
  assert.isFalse(Space.contains(tenth, Float32Array.of(0, 0)))
  const three = Space.discrete(3)
  const isIn = (index: number) => Space.contains(three, Float32Array.of(index))
  assert.deepStrictEqual([0, 2, 3, -1, 0.5, Number.NaN].map(isIn), [true, true, false, false, false, false])
})

it("carries [-1, 1] to each dimension's own bounds and back", () => {
  const box = Space.box({ shape: [3], low: [-2, 0, 5], high: [2, 10, 5] })
  const [element, unit] = [new Float64Array(3), new Float64Array(3)]
  Space.fromUnit(box, Float64Array.of(-1, 0.5, 0.3), element)
  assert.deepStrictEqual([...element], [-2, 7.5, 5])
  Space.toUnit(box, element, unit)
  assert.deepStrictEqual([...unit], [-1, 0.5, 0])
  Space.fromUnit(box, Float64Array.of(-7, 7, 0), element)
  assert.deepStrictEqual([...element], [-2, 10, 5])
})

it("meets both ends exactly for any bounds", () => {
  const out = new Float64Array(1)
  for (let i = 0; i < 500; i++) {
    const [a, b] = [Key.normal(Key.make(i), 0), Key.normal(Key.make(i), 1)]
    const box = Space.box({ shape: [1], low: Math.min(a, b), high: Math.max(a, b) })
    for (const [unit, end] of [
      [-1, box.low[0]],
      [1, box.high[0]]
    ] as const) {
      Space.fromUnit(box, Float64Array.of(unit), out)
      assert.isTrue(Space.contains(box, out))
      assert.approximately(out[0]!, end!, 1e-15)
    }
  }
})

it("allocates in its precision and tells bounded from unbounded", () => {
  const doubles = Space.box({ shape: [2, 3], low: -1, high: 1, dtype: "float64" })
  assert.deepStrictEqual(Space.allocate(doubles), new Float64Array(6))
  assert.deepStrictEqual(Space.allocate(Space.discrete(4)), new Float32Array(1))
  assert.deepStrictEqual(
    [Space.isUnit(doubles), Space.isBounded(doubles), Space.isBounded(mixed)],
    [true, true, false]
  )
})

it("refuses bounds of another count, empty elements and empty discrete spaces", () => {
  assert.throws(() => Space.box({ shape: [2], low: [0], high: [1, 1] }), /has 2 bounds on each side/u)
  assert.throws(() => Space.box({ shape: [2], low: [0, 2], high: 1 }), /element 1 of the box is empty/u)
  assert.throws(() => Space.box({ shape: [1], low: Number.NaN, high: 1 }), /element 0/u)
  assert.throws(() => Space.discrete(0), /at least one element/u)
})
