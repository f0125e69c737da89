/**
 * Two critics where DDPG has one (Fujimoto et al., "Addressing function approximation error in actor-critic methods",
 * 2018, section 4.2): the minimum of both in the target, `y = r + gamma min_i Q'_i(s', a')` (clipped double Q-learning),
 * each critic fitted to the same y, and the actor climbing the first. For more of them see `criticEnsemble`.
 *
 * Replaces `criticCount`, `value`, `criticLoss`, `policyValue`.
 */
import type * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(Schema.Struct({ kind: Schema.tag("twinCritics") })) {}

// pure core

/** Q_1(s, a), Q_2(s, a), ..., each `[batch]` */
export const values = (
  m: Algorithm.Bound,
  critics: Network.Weights,
  s: tf.Tensor,
  a: tf.Tensor
): ReadonlyArray<tf.Tensor> => m.critics(critics, s, a).map((q) => tf.squeeze(q, [1]))

export const mean = (tensors: ReadonlyArray<tf.Tensor>): tf.Tensor =>
  tf.div(tf.addN([...tensors]), tensors.length)

/** Each of several critics is fitted to y; the value that is told is their mean. */
export const criticLoss: Algorithm.Slots["criticLoss"] = (m, c, critics, y) => {
  const qs = values(m, critics, c.s, c.a)
  const losses = qs.map((q) => Algorithm.batchMean(m.regression(c, tf.sub(y, q)), c.weight))
  const value = mean(qs)
  return { loss: tf.addN(losses), error: tf.sub(y, value), value }
}

// combinators

export const twinCritics: Algorithm.Variant = Algorithm.variant("twinCritics", () => ({
  criticCount: 2,
  value: (m, critics, s, a) => values(m, critics, s, a).reduce((least, q) => tf.minimum(least, q)),
  criticLoss,
  policyValue: (m, critics, s, a) => {
    const [first] = values(m, critics, s, a)
    return first!
  }
}))

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "two critics; the smaller value of both in the target",
  source: Papers.fujimoto,
  departures: ["with prioritized replay the error told is y minus the mean of the critics"],
  example: {},
  make: () => twinCritics
})
