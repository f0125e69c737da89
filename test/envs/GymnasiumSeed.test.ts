import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as GymnasiumSeed from "@ornstein/envs/GymnasiumSeed"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Recording from "@ornstein/envs/Recording"
import * as Effect from "effect/Effect"

/** From NumPy 2.4.6: uniform(), uniform(-3, 5), two normals, three integers(-9999, 9999), uniform(). */
const known = [
  [
    0, 0.6369616873214543, -0.8417062898890375, 0.6404226504432821, 0.10490011715303971, -6495, 6264, 2988,
    0.6066357757671799
  ],
  [
    1, 0.5118216247002567, 4.603709570607482, 0.33043707618338714, -1.303157231604361, -5015, -3763, 7379,
    0.8277025938204418
  ],
  [
    42, 0.7739560485559633, 0.5110275180164185, 0.7504511958064572, 0.9405647163912139, -5971, -8116, 529,
    0.761139701990353
  ],
  [
    4294967301, 0.7742041803738812, 0.7657814655047446, -1.1486664173057208, 0.7814066462771306, 6308, 758,
    1404, 0.21022114520689128
  ],
  [
    9007199254740991, 0.7862681066761149, 1.8504259080207435, 0.31841586354167123, 0.4159900677571479, 1211,
    -7805, 5797, 0.5973201571827766
  ]
] as const

it.each([...known])("seed %i draws what NumPy draws", (seed, ...expected) => {
  const { uniform, normal, integer } = GymnasiumSeed.generator(seed)
  const drawn = [uniform(0, 1), uniform(-3, 5), normal(), normal()]
  for (let i = 0; i < 3; i++) drawn.push(integer(-9999, 9999))
  assert.deepStrictEqual([...drawn, uniform(0, 1)], expected)
})

it("SeedSequence gives NumPy's words", () => {
  const words = [...GymnasiumSeed.seedSequence(42, 4)]
  assert.deepStrictEqual(words, [3444837047, 2669555309, 2046530742, 3581440988])
})

it("normals follow NumPy through the ziggurat's edges and tail", () => {
  const { normal, uniform } = GymnasiumSeed.generator(7)
  let [sum, largest] = [0, 0]
  for (let i = 0; i < 20_000; i++) {
    const x = normal()
    sum += x
    largest = Math.max(largest, Math.abs(x))
  }
  assert.approximately(sum, -128.85348381400433, 1e-12)
  assert.approximately(largest, 4.06160631065189, 1e-14)
  assert.strictEqual(uniform(0, 1), 0.9736926283733067)
})

it("draws from the tail are NumPy's", () => {
  const { normal } = GymnasiumSeed.generator(7)
  const drawn = Array.from({ length: 25_635 }, normal)
  // By their places in NumPy's stream.
  const tail = drawn.flatMap((x, i) => (Math.abs(x) > 3.6541528853610088 ? [[i, x]] : []))
  assert.deepStrictEqual(tail, [
    [2311, -3.661081810206792],
    [4657, 4.06160631065189],
    [6694, 3.7631766765169505],
    [10479, 3.895566624599476],
    [25634, -4.233863398396944]
  ])
})

it("integers reject without bias, and take nothing for a single choice", () => {
  const { integer, uniform } = GymnasiumSeed.generator(11)
  let sum = 0
  for (let i = 0; i < 1000; i++) sum += integer(0, 3_000_000_000)
  assert.strictEqual(sum, 1503614886592)
  assert.strictEqual(integer(5, 6), 5)
  assert.strictEqual(uniform(0, 1), 0.5386483022044491)
  assert.throws(() => integer(3, 3), /no integers from 3 below 3/u)
})

it.effect("resets go on from the seed, whatever the keys, also after restore", () =>
  Effect.gen(function* () {
    const { uniform } = GymnasiumSeed.generator(1010)
    const starts = [0, 1, 2].map(() => [uniform(-Math.PI, Math.PI), uniform(-1, 1)])
    const environment = Pendulum.make({ gymnasiumSeed: 1010 })
    const [one, two] = [yield* environment.make, yield* environment.make]
    const start = (pendulum: Environment.Instance) => {
      pendulum.reset(Key.make(1))
      return Recording.numbers(Environment.stateOf(pendulum.snapshot()))
    }
    assert.deepStrictEqual([start(one), start(one)], starts.slice(0, 2))
    two.restore(Snapshot.parse(Snapshot.stringify(one.snapshot())))
    assert.deepStrictEqual([start(two), start(one)], [starts[2]!, starts[2]!])
    const plain = yield* Pendulum.make().make
    plain.reset(Key.make(1))
    const error = yield* Effect.flip(Environment.attempt(() => one.restore(plain.snapshot())))
    assert.include(error.message, "the snapshot was taken without this wrapper")
  })
)
