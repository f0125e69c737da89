import * as Key from "@ornstein/core/Key"
import * as RunningStatistics from "@ornstein/core/RunningStatistics"
import * as Snapshot from "@ornstein/core/Snapshot"
import { assert, it } from "@effect/vitest"

it("finds mean and variance of numbers done by hand", () => {
  const statistics = RunningStatistics.make(2)
  RunningStatistics.add(statistics, Float32Array.of(1, 10, 2, 10, 3, 10, 6, 10))
  assert.deepStrictEqual([...statistics.mean], [3, 10])
  assert.strictEqual(RunningStatistics.variance(statistics, 0), 3.5)
  const out = new Float64Array(2)
  RunningStatistics.normalize(statistics, Float64Array.of(3 + Math.sqrt(3.5), 11), out, { clip: 5 })
  assert.approximately(out[0]!, 1, 1e-8)
  assert.strictEqual(out[1], 5)
})

it("normalises every row, and in place", () => {
  const statistics = RunningStatistics.make(2)
  RunningStatistics.add(statistics, Float64Array.of(0, 10, 4, 10))
  const rows = Float64Array.of(0, 10, 2, 10, 6, 10, -100, 10)
  RunningStatistics.normalize(statistics, rows, rows, { clip: 3, epsilon: 0 })
  assert.deepStrictEqual(
    [...rows].filter((_, i) => i % 2 === 0),
    [-1, 0, 2, -3]
  )
})

it("keeps its digits where the naive sums lose them", () => {
  const statistics = RunningStatistics.make(1)
  for (const x of [4, 7, 13, 16]) RunningStatistics.add(statistics, Float64Array.of(1e9 + x))
  assert.strictEqual(RunningStatistics.variance(statistics, 0), 22.5)
})

it("merging is adding", () => {
  const values = Key.normals(Key.make(1), new Float64Array(300), 2, 3)
  const [all, first, second] = [
    RunningStatistics.make(3),
    RunningStatistics.make(3),
    RunningStatistics.make(3)
  ]
  RunningStatistics.add(all, values)
  RunningStatistics.add(first, values.subarray(0, 90))
  RunningStatistics.add(second, values.subarray(90))
  const merged = RunningStatistics.merge(first, second)
  assert.strictEqual(merged.count, 100)
  for (let i = 0; i < 3; i++) {
    assert.approximately(merged.mean[i]!, all.mean[i]!, 1e-12)
    assert.approximately(merged.squares[i]!, all.squares[i]!, 1e-9)
  }
  const none = RunningStatistics.make(3)
  assert.deepStrictEqual(RunningStatistics.merge(none, none), none)
})

it("leaves values alone until it has seen two", () => {
  const out = new Float32Array(2)
  RunningStatistics.normalize(RunningStatistics.make(2), Float32Array.of(0.5, -20), out, { epsilon: 0 })
  assert.deepStrictEqual([...out], [0.5, -10])
})

it("scales rewards by the spread of the discounted return", () => {
  const scale = RunningStatistics.rewardScale(0.5)
  for (const [reward, isEnd] of [
    [1, false],
    [1, true],
    [2, false]
  ] as const)
    RunningStatistics.addReward(scale, reward, isEnd)
  // Returns 1, 1.5, 2: variance 1/6.
  assert.approximately(RunningStatistics.scaleOf(scale, 0), Math.sqrt(6), 1e-12)
})

it("continues from a snapshot bit for bit", () => {
  const scale = RunningStatistics.rewardScale(0.9)
  for (let i = 0; i < 10; i++) RunningStatistics.addReward(scale, i / 7, i % 4 === 3)
  const other = RunningStatistics.rewardScale(0.9)
  const saved = Snapshot.parse(Snapshot.stringify(RunningStatistics.rewardScaleToSnapshot(scale)))
  RunningStatistics.restoreRewardScale(other, saved)
  for (const each of [scale, other]) RunningStatistics.addReward(each, 0.3, false)
  assert.deepStrictEqual(other, scale)
  const before = RunningStatistics.copy(scale.statistics)
  RunningStatistics.addReward(scale, 5, false)
  assert.strictEqual(before.count, 11)
})
