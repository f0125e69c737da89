/**
 * Quantiles in place of a value, the topmost dropped (TQC; Kuznetsov et al., "Controlling overestimation bias with
 * truncated mixture of continuous distributional quantile critics", 2020). Each of N critics gives M quantiles. The
 * target is what remains of the N M quantiles at (s', a') when the d N largest are dropped; each critic descends the
 * quantile Huber loss (Dabney et al., 2018) against all that remain,
 *
 * `mean |tau_m - [u < 0]| h(u)`, `u = y_i - theta_m`, `tau_m = (2 m - 1) / (2 M)`, h with delta 1,
 *
 * and the actor climbs the mean of all quantiles, none dropped.
 *
 * Replaces `criticCount`, `criticOutputs`, `value`, `target`, `criticLoss`, `policyValue`.
 */
import * as Field from "@ornstein/core/Field"
import type * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"
import * as Huber from "./Huber.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("quantileCritic"),
    count: Field.positiveInt.annotate({ description: "number of critics" }).pipe(Field.withDefault(5)),
    quantiles: Field.positiveInt
      .annotate({ description: "quantiles that each critic gives" })
      .pipe(Field.withDefault(25)),
    dropped: Field.nonNegativeInt
      .annotate({ description: "quantiles dropped from the target, per critic" })
      .pipe(Field.withDefault(2))
  }).check(
    Schema.makeFilter(({ dropped, quantiles }) =>
      dropped < quantiles ? true : { path: ["dropped"], issue: `leaves none of ${quantiles} quantiles` }
    )
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** number of critics */
  readonly count?: number
  /** quantiles that each critic gives */
  readonly quantiles?: number
  /** quantiles dropped from the target, per critic */
  readonly dropped?: number
}

// pure core

/**
 * The `keep` smallest numbers of each row in rising order, `[batch, n]` to `[batch, keep]`. Sorted by counting: the rank
 * of a number is how many are smaller, ties in their order, and rank k goes to place k.
 */
export const smallest = (z: tf.Tensor, keep: number): tf.Tensor => {
  const n = z.shape[1] ?? 0
  const own = tf.expandDims(z, 2)
  const other = tf.expandDims(z, 1)
  const isEarlier = tf.tensor(
    Array.from({ length: n * n }, (_, at) => (at % n < Math.floor(at / n) ? 1 : 0)),
    [1, n, n]
  )
  const smaller = tf.cast(tf.less(other, own), "float32")
  const tied = tf.mul(tf.cast(tf.equal(other, own), "float32"), isEarlier)
  const rank = tf.expandDims(tf.sum(tf.add(smaller, tied), 2), 1)
  const place = tf.tensor(
    Array.from({ length: keep }, (_, k) => k),
    [1, keep, 1]
  )
  return tf.sum(tf.mul(tf.cast(tf.equal(rank, place), "float32"), other), 2)
}

/** The quantile Huber loss of predicted quantiles `[batch, m]` against samples `[batch, k]`: `[batch]`. */
export const loss = (predicted: tf.Tensor, samples: tf.Tensor): tf.Tensor => {
  const m = predicted.shape[1] ?? 0
  const u = tf.sub(tf.expandDims(samples, 1), tf.expandDims(predicted, 2))
  const tau = tf.tensor(
    Array.from({ length: m }, (_, i) => (2 * i + 1) / (2 * m)),
    [1, m, 1]
  )
  // `step` rather than `less`: it has a gradient, 0.
  const asymmetry = tf.abs(tf.sub(tau, tf.step(tf.neg(u))))
  return tf.mean(tf.mul(asymmetry, Huber.loss(u, 1)), [1, 2])
}

// combinators

export const quantileCritic = (input: Input = {}): Algorithm.Variant => {
  const { count, dropped, quantiles } = Field.make("quantileCritic", Options, input)
  const all = (m: Algorithm.Bound, critics: Network.Weights, s: tf.Tensor, a: tf.Tensor): tf.Tensor =>
    tf.concat([...m.critics(critics, s, a)], 1)
  const value: Algorithm.Slots["value"] = (m, critics, s, a) => tf.mean(all(m, critics, s, a), 1)
  return Algorithm.variant("quantileCritic", () => ({
    criticCount: count,
    criticOutputs: quantiles,
    value,
    target: (m, c) => {
      const z = all(m, c.target.critics, c.s2, m.targetAction(c))
      return m.backup(c, smallest(z, count * (quantiles - dropped)))
    },
    criticLoss: (m, c, critics, y) => {
      const predicted = m.critics(critics, c.s, c.a)
      const losses = predicted.map((theta) => Algorithm.batchMean(loss(theta, y), c.weight))
      const value = tf.mean(tf.concat([...predicted], 1), 1)
      return { loss: tf.addN(losses), error: tf.sub(tf.mean(y, 1), value), value }
    },
    policyValue: value
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "quantiles in place of a value; the largest are dropped from the target",
  source: Papers.kuznetsov,
  departures: ["sorted by counting ranks: the same order for every engine, ties included"],
  example: { count: 2, quantiles: 9, dropped: 1 },
  make: quantileCritic
})
