import { Key } from "@ornstein/core"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { assert, describe, it } from "vitest"
import { shape, stream } from "./Streams.ts"

const next = (self: Transitions.Transitions, slot: number): Float32Array => {
  const out = new Float32Array(shape.observation)
  self.copyNextObservation(slot, out, 0)
  return out
}

describe("compact storage", () => {
  it.each([1, 2, 7, 64])("of capacity %i reads as full storage does, after every transition", (capacity) => {
    const full = Transitions.full(capacity, shape)
    const compact = Transitions.compact(capacity, shape)
    for (const transition of stream(Key.make(1), 200)) {
      full.push(transition)
      compact.push(transition)
      for (let slot = 0; slot < Transitions.held(full); slot++) {
        assert.deepStrictEqual(next(compact, slot), next(full, slot))
      }
    }
    const rows = full.log.read(200 - capacity, 200)
    assert.deepStrictEqual(compact.log.read(200 - capacity, 200), rows)
  })

  it("keeps the last observation of a truncated episode, not the first of the one after", () => {
    const compact = Transitions.compact(4, shape)
    const at = (x: number) => Float32Array.of(x, x)
    const step = { action: at(0).subarray(1), reward: 0, terminated: false }
    compact.push({ ...step, observation: at(1), nextObservation: at(2), truncated: true })
    compact.push({ ...step, observation: at(50), nextObservation: at(51), truncated: false })
    assert.deepStrictEqual(next(compact, 0), at(2))
    assert.deepStrictEqual(next(compact, 1), at(51))
  })
})

describe("lanes", () => {
  const each = (lanes: number, rounds: number) =>
    Array.from({ length: lanes }, (_, lane) => stream(Key.make(20 + lane), rounds))

  it.each([
    [2, 7],
    [3, 3],
    [5, 64]
  ])("%i of them share a ring of %i, full or compact, and go on from its log", (lanes, capacity) => {
    const full = Transitions.full(capacity, { ...shape, lanes })
    const compact = Transitions.compact(capacity, { ...shape, lanes })
    const alone = Array.from({ length: lanes }, () => Transitions.full(40, shape))
    const all = each(lanes, 40)
    for (let n = 0; n < 40 * lanes - 1; n++) {
      const [lane, t] = [n % lanes, Math.floor(n / lanes)]
      for (const ring of [full, compact, alone[lane]!]) ring.push(all[lane]![t]!)
      const resumed = Transitions.compact(capacity, { ...shape, lanes })
      resumed.restore(n + 1)
      const first = Math.max(0, n + 1 - capacity)
      resumed.log.write(first, compact.log.read(first, n + 1))
      for (let of = first; of <= n; of++) {
        const slot = of % capacity
        const expected = next(alone[of % lanes]!, Math.floor(of / lanes))
        for (const ring of [full, compact, resumed]) assert.deepStrictEqual(next(ring, slot), expected)
        assert.strictEqual(Transitions.isNewest(full, slot), of > n - lanes)
        if (of <= n - lanes) assert.strictEqual(Transitions.following(full, slot), (of + lanes) % capacity)
      }
      // What was put back goes on as what it was taken from.
      if (n + 1 === 40 * lanes - 1) continue
      const after = all[(n + 1) % lanes]![Math.floor((n + 1) / lanes)]!
      resumed.push(after)
      for (let of = Math.max(0, n + 2 - capacity); of <= n + 1; of++) {
        const lane = alone[of % lanes]!
        const expected = of === n + 1 ? after.nextObservation : next(lane, Math.floor(of / lanes))
        assert.deepStrictEqual(next(resumed, of % capacity), expected)
      }
    }
  })
})

describe("the log", () => {
  it.each([
    ["full", "compact", 10],
    ["compact", "full", 10],
    ["compact", "compact", 4]
  ] as const)("of %s storage fills %s storage of capacity %i", (from, to, capacity) => {
    const all = stream(Key.make(2), 40)
    const source = Transitions[from](10, shape)
    for (const transition of all.slice(0, 23)) source.push(transition)
    const target = Transitions[to](capacity, shape)
    target.restore(23)
    target.log.write(23 - capacity, source.log.read(23 - capacity, 23))
    for (const transition of all.slice(23)) {
      source.push(transition)
      target.push(transition)
      const stored = source.stored()
      const rows = source.log.read(stored - capacity, stored)
      assert.deepStrictEqual(target.log.read(stored - capacity, stored), rows)
    }
  })

  it("refuses rows that lack a field", () => {
    assert.throws(() => Transitions.full(2, shape).log.write(0, {}), /have no field "observation"/)
  })
})
