/**
 * Several critics where DDPG has one (Fujimoto et al., "Addressing function approximation error in actor-critic methods",
 * 2018, section 4.2): with the minimum in the target, `y = r + gamma min_i Q'_i(s', a')`, each critic fitted to the
 * same y, and the actor climbing the first.
 *
 * Replaces `criticCount`, `value`, `criticLoss`, `policyValue`.
 */
import * as Field from "@ornstein/core/Field"
import type * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("twinCritics"),
  count: Schema.Int.check(Schema.isGreaterThanOrEqualTo(2))
    .annotate({ description: "number of critics" })
    .pipe(Field.withDefault(2)),
  combine: Schema.Literals(["minimum", "mean"])
    .annotate({ description: "what of the critics' values enters the target" })
    .pipe(Field.withDefault("minimum" as const))
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** number of critics */
  readonly count?: number
  /** what of the critics' values enters the target */
  readonly combine?: "minimum" | "mean"
}

// pure core

/** Q_1(s, a), Q_2(s, a), ..., each `[batch]` */
const values = (
  m: Algorithm.Bound,
  critics: Network.Weights,
  s: tf.Tensor,
  a: tf.Tensor
): ReadonlyArray<tf.Tensor> => m.critics(critics, s, a).map((q) => tf.squeeze(q, [1]))

const mean = (tensors: ReadonlyArray<tf.Tensor>): tf.Tensor => tf.div(tf.addN([...tensors]), tensors.length)

const combined = {
  minimum: (qs: ReadonlyArray<tf.Tensor>): tf.Tensor => qs.reduce((least, q) => tf.minimum(least, q)),
  mean
}

// combinators

/** Any number of critics, and their minimum or mean. */
export const criticEnsemble = (input: Input = {}): Algorithm.Variant => {
  const { combine, count } = Field.make("twinCritics", Options, input)
  return Algorithm.variant("twinCritics", () => ({
    criticCount: count,
    value: (m, critics, s, a) => combined[combine](values(m, critics, s, a)),
    criticLoss: (m, c, critics, y) => {
      const qs = values(m, critics, c.s, c.a)
      const losses = qs.map((q) => Algorithm.batchMean(m.regression(c, tf.sub(y, q)), c.weight))
      const value = mean(qs)
      return { loss: tf.addN(losses), error: tf.sub(y, value), value }
    },
    policyValue: (m, critics, s, a) => {
      const [first] = values(m, critics, s, a)
      return first!
    }
  }))
}

/** Two critics, and the minimum of both in the target: clipped double Q-learning. */
export const twinCritics: Algorithm.Variant = criticEnsemble()

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "several critics; the least of them, or their mean, in the target",
  source: Papers.fujimoto,
  departures: [
    "more than two critics, and their mean in place of the minimum, are options of ours",
    "with prioritized replay the error told is y minus the mean of the critics"
  ],
  example: { count: 3, combine: "mean" },
  make: criticEnsemble
})
