/**
 * Normalisation of what a learner sees: observations by their running mean and variance, rewards by the spread of the
 * discounted return. The replay keeps raw numbers; they are normalised when the policy looks and when a minibatch is
 * sampled, with the statistics of that moment. Evaluation uses the statistics and adds nothing to them.
 *
 * Each reward r counts as `clip(r / sqrt(variance + 1e-8), -c, c)`, the variance that of the discounted returns so far:
 * one by one, before rewards of several steps or of a whole rollout are summed with their discounts. Sums, returns and
 * values are not clipped. A reward that hindsight computes anew counts likewise.
 *
 * A dataset's observations are normalised by its own statistics, as TD3+BC does (Fujimoto and Gu, 2021): `(o - mean) /
 * (deviation + 1e-3)`, the deviation with divisor n, the same from the first step to the last, and nothing clipped.
 */
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import type { Space } from "../environment/index.ts"
import { Replay } from "../replay/index.ts"
import { Snapshot } from "../state/index.ts"
import * as RunningStatistics from "./RunningStatistics.ts"

// models

export const Options = Schema.Struct({
  observations: Schema.Boolean.annotate({
    description: "normalise observations by their running mean and variance"
  }).pipe(Field.withDefault(false)),
  rewards: Schema.Boolean.annotate({
    description: "divide rewards by the running deviation of the discounted return"
  }).pipe(Field.withDefault(false)),
  clip: Field.positive
    .annotate({ description: "each normalised observation and reward lies in [-clip, clip]" })
    .pipe(Field.withDefault(10))
})
export type Options = typeof Options.Type

/** The statistics of one run, live. */
export interface Normalization {
  /** Takes in the first observation of an episode. */
  readonly begin: (observation: Space.Numbers) => void
  /** Takes in what a step of a lane gave. */
  readonly add: (observation: Space.Numbers, reward: number, isEnd: boolean, lane: number) => void
  /** The observation as the policy sees it. */
  readonly apply: (observation: Space.Numbers, out: Float32Array) => void
  /** The replay with minibatches as the learner sees them. */
  readonly sampled: (replay: Replay.Instance) => Replay.Instance
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

// pure core: datasets

/** Added to the deviations of a dataset. */
const DEVIATION = 1e-3

/** The largest number of single precision: no observation is beyond it. */
const UNBOUNDED = 3.4028234663852886e38

/** Statistics that normalise by `deviation + DEVIATION`, although a small number is added to their variances. */
const ofDataset = (dataset: Replay.Statistics): RunningStatistics.RunningStatistics => {
  const { EPSILON } = RunningStatistics
  // Of a single vector there would be no variance.
  const count = Math.max(2, dataset.count)
  return {
    count,
    mean: dataset.mean.slice(),
    squares: dataset.deviation.map((d) => ((d + DEVIATION) * (d + DEVIATION) - EPSILON) * count)
  }
}

/** To what a saved run clips observations, where it was run with these options. */
export const clipOf = (options: Options, saved: Snapshot.Snapshot): number =>
  Snapshot.isRecord(saved) && saved["clip"] !== undefined ? Snapshot.getNumber(saved, "clip") : options.clip

// constructors

/**
 * For a run with observations of this length and this discount. All lanes have the same statistics, into which their
 * steps go one after the other; the discounted return runs along each lane. Those of a dataset are there at once.
 */
export const make = (
  options: Options,
  length: number,
  gamma: number,
  lanes = 1,
  dataset?: Replay.Statistics
): Normalization => {
  const observations = dataset === undefined ? RunningStatistics.make(length) : ofDataset(dataset)
  const rewards = RunningStatistics.rewardScale(gamma)
  const discounted = new Float64Array(lanes)
  const { clip } = options
  let widest = dataset === undefined ? clip : UNBOUNDED

  const apply: Normalization["apply"] = (observation, out) => {
    if (options.observations) RunningStatistics.normalize(observations, observation, out, { clip: widest })
    else out.set(observation)
  }

  const applyToBatch = (batch: Replay.Batch): void => {
    for (const name of ["observation", "nextObservation"]) {
      const data = batch[name]?.data
      if (data instanceof Float32Array) apply(data, data)
    }
  }

  return {
    begin: (observation) => {
      if (options.observations) RunningStatistics.add(observations, observation)
    },
    add: (observation, reward, isEnd, lane) => {
      if (options.observations) RunningStatistics.add(observations, observation)
      if (!options.rewards) return
      rewards.discounted = discounted[lane]!
      RunningStatistics.addReward(rewards, reward, isEnd)
      discounted[lane] = rewards.discounted
    },
    apply,
    sampled: (replay) =>
      options.observations || options.rewards
        ? {
            ...replay,
            sample: (key, batch, valuation) => {
              const scaled = options.rewards ? { scale: RunningStatistics.scaleOf(rewards), clip } : {}
              replay.sample(key, batch, { ...scaled, ...valuation })
              if (options.observations) applyToBatch(batch)
            }
          }
        : replay,
    snapshot: () => ({
      observations: RunningStatistics.toSnapshot(observations),
      rewards: RunningStatistics.rewardScaleToSnapshot(rewards),
      ...(lanes === 1 ? {} : { discounted: discounted.slice() }),
      ...(widest === clip ? {} : { clip: widest })
    }),
    restore: (snapshot) => {
      widest = clipOf(options, snapshot)
      RunningStatistics.restore(observations, Snapshot.get(snapshot, "observations"))
      RunningStatistics.restoreRewardScale(rewards, Snapshot.get(snapshot, "rewards"))
      if (lanes === 1) discounted[0] = rewards.discounted
      else discounted.set(Snapshot.getFloat64(snapshot, "discounted"))
    }
  }
}
