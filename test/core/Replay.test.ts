import { Key, Replay } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"

const shape = { observation: 2, action: 1, gamma: 0.99 }

/** Transition number n: all its numbers follow from n. */
const transition = (n: number): Replay.Transition => ({
  observation: Float32Array.of(n, -n),
  action: Float32Array.of(n / 1000),
  reward: 10 * n,
  nextObservation: Float32Array.of(n + 1, -n - 1),
  terminated: false,
  truncated: false
})

const filled = (capacity: number, n: number): Replay.Instance => {
  const replay = Replay.uniform(capacity, shape)
  for (let i = 0; i < n; i++) replay.store(transition(i))
  return replay
}

const batch = (rows: number) => ({
  observation: NdArray.zeros([rows, 2]),
  action: NdArray.zeros([rows, 1]),
  reward: NdArray.zeros([rows]),
  discount: NdArray.zeros([rows]),
  nextObservation: NdArray.zeros([rows, 2])
})

const key = Key.make(5)

describe("Replay.uniform", () => {
  it("draws every stored transition equally often (chi-square), the newest and the oldest too", () => {
    const replay = filled(50, 120)
    assert.strictEqual(replay.size(), 50)
    const counts = new Map<number, number>()
    for (let i = 0; i < 400; i++) {
      const drawn = batch(64)
      replay.sample(Key.fold(key, i), drawn)
      for (const reward of drawn.reward.data) counts.set(reward / 10, (counts.get(reward / 10) ?? 0) + 1)
    }
    assert.deepStrictEqual(
      [...counts.keys()].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => 70 + i)
    )
    const expected = (400 * 64) / 50
    const statistic = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 49 degrees of freedom: 85 is exceeded once in a thousand tries.
    assert.isBelow(statistic, 85)
  })

  it("keeps the fields of a transition together, and copies what it stores", () => {
    const replay = Replay.uniform(4, shape)
    const reused = transition(3)
    replay.store(reused)
    reused.observation.fill(99)
    const drawn = batch(2)
    replay.sample(key, drawn)
    assert.deepStrictEqual(Array.from(drawn.observation.data), [3, -3, 3, -3])
    assert.deepStrictEqual(Array.from(drawn.nextObservation.data), [4, -4, 4, -4])
    assert.deepStrictEqual(Array.from(drawn.reward.data), [30, 30])
    assert.deepStrictEqual(Array.from(drawn.action.data), [Math.fround(0.003), Math.fround(0.003)])
  })

  it("is its log: written row by row elsewhere, it samples the same", () => {
    for (const stored of [0, 7, 50, 73, 120]) {
      const original = filled(50, stored)
      const other = Replay.uniform(50, shape)
      other.restore(original.snapshot())
      const first = Math.max(0, stored - 50)
      // In two pieces, one of which wraps around the end of the ring.
      const middle = Math.floor((first + stored) / 2)
      other.log.write(first, original.log.read(first, middle))
      other.log.write(middle, original.log.read(middle, stored))
      assert.strictEqual(other.size(), original.size())
      if (stored === 0) continue
      const [expected, actual] = [batch(32), batch(32)]
      for (const replay of [original, other]) replay.store(transition(stored))
      original.sample(key, expected)
      other.sample(key, actual)
      assert.deepStrictEqual(actual, expected)
    }
  })

  it("tells which field of a batch is missing", () => {
    assert.throws(() => filled(4, 2).sample(key, { reward: NdArray.zeros([2]) }), /no field "observation"/)
  })
})
