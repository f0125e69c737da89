import { Replay } from "@ornstein/core"
import * as Segments from "@ornstein/core/internal/checkpoint/Segments"
import { Result } from "effect"
import { assert, describe, it } from "vitest"

/** A log in which field `x` of transition n is [n, -n]. */
const logOf = (stored: number, capacity: number): Replay.Log => ({
  stored: () => stored,
  capacity,
  widths: { x: 2 },
  read: (first, last) => ({
    x: Float32Array.from(
      { length: 2 * (last - first) },
      (_, i) => (i % 2 === 0 ? 1 : -1) * (first + (i >> 1))
    )
  }),
  write: () => {}
})

const spans = (pending: ReadonlyArray<Segments.Pending>) =>
  pending.map(({ segment: { first, last } }) => [first, last])

describe("Segments", () => {
  it("begin where the last one ended, or where the ring now begins", () => {
    assert.deepStrictEqual(spans(Segments.since(logOf(30, 100), 20)), [[20, 30]])
    assert.deepStrictEqual(spans(Segments.since(logOf(30, 100), 30)), [])
    assert.deepStrictEqual(spans(Segments.since(logOf(300, 100), 20)), [[200, 300]])
  })

  it("are cut, so that a ring can free them piece by piece", () => {
    assert.deepStrictEqual(spans(Segments.since(logOf(120_000, 120_000), 0)), [
      [0, 50_000],
      [50_000, 100_000],
      [100_000, 120_000]
    ])
  })

  it("are named by their transitions and their bytes", () => {
    const [first] = Segments.since(logOf(30, 100), 20)
    const [again] = Segments.since(logOf(30, 200), 20)
    assert.match(first?.segment.file ?? "", /^000000000020-000000000030-[0-9a-f]{16}\.safetensors$/)
    assert.strictEqual(again?.segment.file, first?.segment.file)
  })

  it("are needed as long as one of their transitions is", () => {
    const segments = Segments.since(logOf(120_000, 120_000), 0).map(({ segment }) => segment)
    assert.strictEqual(Segments.needed(segments, 49_999, 120_000).length, 3)
    assert.strictEqual(Segments.needed(segments, 50_000, 120_000).length, 2)
    assert.strictEqual(Segments.needed(segments, 0, 0).length, 0)
  })

  it("come together to the rows of the replay, without those before it", () => {
    const target: Segments.Target = { first: 25, last: 40, rows: {} }
    for (const [stored, from] of [
      [30, 20],
      [40, 30]
    ] as const) {
      for (const { bytes, segment } of Segments.since(logOf(stored, 100), from)) {
        Result.getOrThrow(Segments.copyInto(target, "here", segment, bytes, 2 * bytes.length))
      }
    }
    assert.deepStrictEqual(target.rows["x"], logOf(40, 100).read(25, 40)["x"])
  })
})
