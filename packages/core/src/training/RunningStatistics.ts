/**
 * Running mean and variance of vectors (Welford, 1962; merged by Chan, Golub and LeVeque, 1979), in double precision, and
 * what they are for: normalising observations and scaling rewards.
 *
 * The values are a plain record that is a snapshot already. Training keeps raw observations in its buffer, adds each
 * new one here, and normalises what the policy sees and what it samples; evaluation normalises and adds nothing.
 *
 * ```ts
 * const statistics = RunningStatistics.make(3)
 * RunningStatistics.add(statistics, observation)
 * RunningStatistics.normalize(statistics, batch, batch, { clip: 5 }) // `[batch, 3]`, in place
 * ```
 */
import type { Space } from "../environment/index.ts"
import { Snapshot } from "../state/index.ts"

// models

/** `add` changes it in place; `copy` first to keep it. */
export interface RunningStatistics {
  /** How many vectors it has seen. */
  count: number
  readonly mean: Float64Array
  /** Sums of squared distances from the mean; over `count` they are the variances. */
  readonly squares: Float64Array
}

export interface NormalizeOptions {
  /** Results are clipped to [-clip, clip]. Default 10. */
  readonly clip?: number
  /** Added to variances, so that a constant element becomes 0. Default 1e-8. */
  readonly epsilon?: number
}

/** The scale of rewards: the spread of the discounted return so far (Engstrom et al., 2020, appendix A.2). */
export interface RewardScale {
  readonly discount: number
  /** The discounted sum of this episode's rewards. */
  discounted: number
  readonly statistics: RunningStatistics
}

/** Added to variances where nothing else is said. */
export const EPSILON = 1e-8

// constructors

/** Of vectors of length `size`, none seen yet: mean 0, variance 1. */
export const make = (size: number): RunningStatistics => ({
  count: 0,
  mean: new Float64Array(size),
  squares: new Float64Array(size)
})

export const copy = ({ count, mean, squares }: RunningStatistics): RunningStatistics => ({
  count,
  mean: mean.slice(),
  squares: squares.slice()
})

export const rewardScale = (discount: number): RewardScale => ({
  discount,
  discounted: 0,
  statistics: make(1)
})

// pure core

/** Adds one vector, or several one after the other (`[n, size]`). */
export const add = (self: RunningStatistics, values: Space.Numbers): void => {
  const { mean, squares } = self
  const size = mean.length
  for (let start = 0; start < values.length; start += size) {
    self.count += 1
    for (let i = 0; i < size; i++) {
      const value = values[start + i]!
      const distance = value - mean[i]!
      mean[i] = mean[i]! + distance / self.count
      squares[i] = squares[i]! + distance * (value - mean[i]!)
    }
  }
}

/** The statistics of two sets of vectors together. */
export const merge = (a: RunningStatistics, b: RunningStatistics): RunningStatistics => {
  const merged = make(a.mean.length)
  merged.count = a.count + b.count
  if (merged.count === 0) return merged
  for (let i = 0; i < merged.mean.length; i++) {
    const distance = b.mean[i]! - a.mean[i]!
    merged.mean[i] = a.mean[i]! + (distance * b.count) / merged.count
    merged.squares[i] =
      a.squares[i]! + b.squares[i]! + (distance * distance * a.count * b.count) / merged.count
  }
  return merged
}

/** The population variance of element i; 1 until two vectors have been seen. */
export const variance = ({ count, squares }: RunningStatistics, i: number): number =>
  count < 2 ? 1 : squares[i]! / count

/**
 * `(x - mean) / sqrt(variance + epsilon)`, clipped; of one vector or of `[n, size]`. `out` may be `values` itself.
 */
export const normalize = (
  self: RunningStatistics,
  values: Space.Numbers,
  out: Space.Numbers,
  { clip = 10, epsilon = EPSILON }: NormalizeOptions = {}
): void => {
  const size = self.mean.length
  for (let i = 0; i < size; i++) {
    const mean = self.mean[i]!
    const scale = 1 / Math.sqrt(variance(self, i) + epsilon)
    for (let at = i; at < values.length; at += size) {
      out[at] = Math.max(-clip, Math.min(clip, (values[at]! - mean) * scale))
    }
  }
}

/** Takes a reward in; `isEnd` closes the episode, terminated or truncated. */
export const addReward = (self: RewardScale, reward: number, isEnd: boolean): void => {
  self.discounted = self.discounted * self.discount + reward
  single[0] = self.discounted
  add(self.statistics, single)
  if (isEnd) self.discounted = 0
}

const single = new Float64Array(1)

/** What to multiply rewards with: 1 over the standard deviation of the discounted return. */
export const scaleOf = ({ statistics }: RewardScale, epsilon = EPSILON): number =>
  1 / Math.sqrt(variance(statistics, 0) + epsilon)

// snapshots

export const toSnapshot = ({ count, mean, squares }: RunningStatistics): Snapshot.Snapshot => ({
  count,
  mean: mean.slice(),
  squares: squares.slice()
})

/** Continues from a snapshot. */
export const restore = (self: RunningStatistics, saved: Snapshot.Snapshot): void => {
  self.count = Snapshot.getNumber(saved, "count")
  self.mean.set(Snapshot.getFloat64(saved, "mean"))
  self.squares.set(Snapshot.getFloat64(saved, "squares"))
}

export const rewardScaleToSnapshot = ({ discounted, statistics }: RewardScale): Snapshot.Snapshot => ({
  discounted,
  statistics: toSnapshot(statistics)
})

export const restoreRewardScale = (self: RewardScale, saved: Snapshot.Snapshot): void => {
  self.discounted = Snapshot.getNumber(saved, "discounted")
  restore(self.statistics, Snapshot.get(saved, "statistics"))
}
