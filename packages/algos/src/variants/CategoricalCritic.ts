/**
 * A distribution in place of a value (D4PG; Barth-Maron et al., "Distributed distributional deterministic policy
 * gradients", 2018, after Bellemare et al., 2017). The critic gives logits over N atoms z_1, ..., z_N spread evenly over
 * [minimum, maximum]. The target is the distribution of `r + discount z` at (s', a'), projected onto the atoms:
 *
 * `m_i = sum_j p_j max(0, 1 - |clip(r + discount z_j) - z_i| / width)`
 *
 * The critic descends the cross-entropy `-sum_i m_i log p_i(s, a)`, the actor climbs the mean `sum_i z_i p_i(s, mu(s))`.
 * Priorities are made of the cross-entropy.
 *
 * The clip keeps every value within the support, whatever the world pays: a critic whose support is too narrow cannot tell bad
 * from worse. Three metrics say so: the target's mass on the least and on the greatest atom, and the mass that was clipped.
 *
 * Replaces `criticOutputs`, `value`, `target`, `criticLoss`, `policyValue`.
 */
import * as Field from "@ornstein/core/Field"
import type * as Learner from "@ornstein/core/Learner"
import type * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("categoricalCritic"),
    minimum: Schema.Finite.annotate({ description: "the least value that the critic can express" }).pipe(
      Field.withDefault(-10)
    ),
    maximum: Schema.Finite.annotate({ description: "the greatest value that the critic can express" }).pipe(
      Field.withDefault(10)
    ),
    atoms: Schema.Int.check(Schema.isGreaterThanOrEqualTo(2))
      .annotate({ description: "number of values between them, both included" })
      .pipe(Field.withDefault(51))
  }).check(
    Schema.makeFilter(({ maximum, minimum }) =>
      minimum < maximum ? true : { path: ["maximum"], issue: `is not above the minimum, ${minimum}` }
    )
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the least value that the critic can express */
  readonly minimum?: number
  /** the greatest value that the critic can express */
  readonly maximum?: number
  /** number of values between them, both included */
  readonly atoms?: number
}

type Support = Pick<Options, "minimum" | "maximum" | "atoms">

// pure core

/** z_1, ..., z_N */
export const atoms = ({ atoms, maximum, minimum }: Support): ReadonlyArray<number> =>
  Array.from({ length: atoms }, (_, j) => minimum + (j * (maximum - minimum)) / (atoms - 1))

/**
 * The distribution of a random variable with values `tz` `[batch, n]`, each with its probability, on the atoms: mass
 * goes to the two nearest atoms in proportion to nearness. `[batch, atoms]`, rows sum to 1.
 */
export const project = (support: Support, tz: tf.Tensor, probabilities: tf.Tensor): tf.Tensor => {
  const { maximum, minimum } = support
  const width = (maximum - minimum) / (support.atoms - 1)
  const z = tf.tensor(atoms(support), [1, support.atoms, 1])
  const distance = tf.div(tf.abs(tf.sub(tf.expandDims(tf.clipByValue(tz, minimum, maximum), 1), z)), width)
  const share = tf.relu(tf.sub(1, distance))
  return tf.sum(tf.mul(share, tf.expandDims(probabilities, 1)), 2)
}

/** Values `[batch, n]`, each with its probability. */
interface Distribution {
  readonly values: tf.Tensor
  readonly probabilities: tf.Tensor
}

/**
 * Does the support hold the values? `supportClipped` is the share of probability that the clip moved, `supportMinimum` and
 * `supportMaximum` are the shares of the target m `[batch, atoms]` on the least and the greatest atom: scalars, means
 * over the minibatch.
 */
export const supportMetrics = (
  { atoms, maximum, minimum }: Support,
  { probabilities, values }: Distribution,
  m: tf.Tensor
): Learner.Metrics => {
  const isOutside = tf.logicalOr(tf.less(values, minimum), tf.greater(values, maximum))
  const shareOf = (atom: number) => tf.mean(tf.slice(m, [0, atom], [-1, 1]))
  return {
    supportClipped: tf.mean(tf.sum(tf.mul(tf.cast(isOutside, "float32"), probabilities), 1)),
    supportMinimum: shareOf(0),
    supportMaximum: shareOf(atoms - 1)
  }
}

// combinators

export const categoricalCritic = (input: Input = {}): Algorithm.Variant => {
  const options = Field.make("categoricalCritic", Options, input)
  const z = (): tf.Tensor => tf.tensor(atoms(options), [1, options.atoms])
  const logits = (m: Algorithm.Bound, critics: Network.Weights, s: tf.Tensor, a: tf.Tensor): tf.Tensor => {
    const [first] = m.critics(critics, s, a)
    return first!
  }
  const value: Algorithm.Slots["value"] = (m, critics, s, a) =>
    tf.sum(tf.mul(tf.softmax(logits(m, critics, s, a)), z()), 1)
  /** r + discount z_j with the probabilities at (s', a') */
  const next = (m: Algorithm.Bound, c: Algorithm.Context): Distribution => {
    const probabilities = tf.softmax(logits(m, c.target.critics, c.s2, m.targetAction(c)))
    return { values: m.backup(c, z()), probabilities }
  }
  return Algorithm.variant("categoricalCritic", () => ({
    criticOutputs: options.atoms,
    value,
    target: (m, c) => {
      const { probabilities, values } = next(m, c)
      return project(options, values, probabilities)
    },
    criticLoss: (m, c, critics, y) => {
      const log = tf.logSoftmax(logits(m, critics, c.s, c.a))
      const crossEntropy = tf.neg(tf.sum(tf.mul(y, log), 1))
      return {
        loss: Algorithm.batchMean(crossEntropy, c.weight),
        error: crossEntropy,
        value: tf.sum(tf.mul(tf.exp(log), z()), 1),
        metrics: supportMetrics(options, next(m, c), y)
      }
    },
    policyValue: value
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "a distribution over fixed values in place of a value",
  source: Papers.barthMaron,
  departures: ["priorities are told the cross-entropy; the paper says TD error and leaves open of what"],
  example: { minimum: -20, maximum: 5, atoms: 21 },
  make: categoricalCritic
})
