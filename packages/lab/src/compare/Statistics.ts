/**
 * Statistics over a few runs (Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice",
 * 2021): the interquartile mean, and intervals by the stratified bootstrap. A bootstrap reads its draws from a key, so
 * an interval is as reproducible as the runs that it is about.
 */
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Key from "@ornstein/core/Key"

// models

/** Scores of independent runs, one list per stratum (a task): resampling never moves a score between strata. */
export type Strata = ReadonlyArray<ReadonlyArray<number>>

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface Estimate extends Interval {
  readonly point: number
}

export type Statistic = (scores: ReadonlyArray<number>) => number

export interface BootstrapOptions {
  readonly key: Key.Key
  /** Default 2000. */
  readonly resamples?: number
  /** Default 0.95. */
  readonly level?: number
}

// pure core

const ascending = (scores: ReadonlyArray<number>): ReadonlyArray<number> => scores.toSorted((a, b) => a - b)

/** NaN of nothing, as every statistic here. */
export const mean: Statistic = Evaluation.mean

/** Of lists of any length, which spread into `Math.min` would overflow the stack. */
export const minimum: Statistic = (scores) => scores.reduce((a, b) => Math.min(a, b), scores[0] ?? Number.NaN)

export const maximum: Statistic = (scores) => scores.reduce((a, b) => Math.max(a, b), scores[0] ?? Number.NaN)

/** With divisor n - 1; 0 for a single score. */
export const standardDeviation: Statistic = (scores) => {
  if (scores.length === 1) return 0
  const centre = mean(scores)
  return Math.sqrt(scores.reduce((sum, x) => sum + (x - centre) * (x - centre), 0) / (scores.length - 1))
}

/** The mean of what is left without the lowest and the highest quarter, both rounded down to whole scores. */
export const interquartileMean: Statistic = (scores) => {
  const cut = Math.floor(scores.length / 4)
  return mean(ascending(scores).slice(cut, scores.length - cut))
}

/** The q-th quantile, q in [0, 1], by linear interpolation between order statistics. */
export const quantile = (scores: ReadonlyArray<number>, q: number): number => {
  const sorted = ascending(scores)
  const at = q * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

export const median: Statistic = (scores) => quantile(scores, 0.5)

/** Resample number `n`: each stratum's scores drawn from it with replacement, as one list. */
const resample = (strata: Strata, key: Key.Key, n: number): ReadonlyArray<number> =>
  strata.flatMap((scores, stratum) => {
    const draw = Key.fold(Key.fold(key, stratum), n)
    return Array.from(scores, (_, i) => scores[Key.integer(draw, scores.length, i)] ?? Number.NaN)
  })

/**
 * A statistic of all scores with its percentile interval.
 *
 * ```ts
 * const { point, low, high } = Statistics.bootstrap([returns], Statistics.interquartileMean, { key: Key.make(0) })
 * ```
 */
export const bootstrap = (strata: Strata, statistic: Statistic, options: BootstrapOptions): Estimate => {
  const { key, level = 0.95, resamples = 2000 } = options
  const point = statistic(strata.flat())
  const drawn = Array.from({ length: resamples }, (_, n) => statistic(resample(strata, key, n)))
  return { point, low: quantile(drawn, (1 - level) / 2), high: quantile(drawn, (1 + level) / 2) }
}

/** The mean of the last `window` values up to each one: of fewer at the beginning. */
export const smooth = (values: ReadonlyArray<number>, window: number): ReadonlyArray<number> =>
  values.map((_, i) => mean(values.slice(Math.max(0, i + 1 - window), i + 1)))
