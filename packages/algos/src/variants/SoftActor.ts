/**
 * A stochastic policy that is paid for its entropy (SAC; Haarnoja et al., "Soft actor-critic algorithms and
 * applications", 2018). The actor gives mean and log deviation of a Gaussian that tanh squashes,
 *
 * `a = tanh(u)`, `u = mean + exp(logStd) n`,
 * `log pi(a|s) = sum_i [-n_i^2 / 2 - logStd_i - log(2 pi) / 2 - 2 (log 2 - u_i - softplus(-2 u_i))]`,
 *
 * targets contain the entropy, `r + discount (Q'(s', a') - alpha log pi(a'|s'))` with a' of the *online* actor, the
 * actor descends `mean (alpha log pi - Q)`, and the temperature alpha keeps the entropy near a target H by descending
 * `-log alpha mean (log pi + H)`. With `twinCritics`, Q is the minimum of both in both places. There is no target actor.
 *
 * Replaces `isStochastic`, `targets`, `policy`, `targetAction`, `backup`, `actorLoss`, and adds the coefficient
 * `temperature`.
 */
import * as Field from "@ornstein/core/Field"
import * as Draw from "@ornstein/core/Draw"
import type * as Learner from "@ornstein/core/Learner"
import type * as Network from "@ornstein/core/Network"
import * as Optimizers from "@ornstein/core/Optimizers"
import * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("softActor"),
    initialLogTemperature: Schema.Finite.annotate({ description: "log alpha before the first update" }).pipe(
      Field.withDefault(0)
    ),
    temperatureLearningRate: Ramp.timed(Ramp.nonNegative)
      .annotate({ description: "step size for log alpha; 0 keeps alpha as it is" })
      .pipe(Field.withDefault(1e-3)),
    temperatureOptimizer: Optimizers.field("what log alpha descends with"),
    targetEntropy: Schema.optionalKey(Ramp.timed(Ramp.finite)).annotate({
      description:
        "H, the entropy that the temperature aims at; without it minus the number of action dimensions"
    }),
    logStdMinimum: Schema.Finite.annotate({
      description: "the log deviation is clipped to at least this"
    }).pipe(Field.withDefault(-20)),
    logStdMaximum: Schema.Finite.annotate({
      description: "the log deviation is clipped to at most this"
    }).pipe(Field.withDefault(2)),
    temperatureLoss: Schema.Literals(["logarithmic", "exponential"])
      .annotate({ description: "-log alpha mean(log pi + H), or the paper's -alpha mean(log pi + H)" })
      .pipe(Field.withDefault("logarithmic" as const))
  }).check(
    Schema.makeFilter(({ logStdMaximum, logStdMinimum }) =>
      logStdMinimum < logStdMaximum
        ? true
        : { path: ["logStdMaximum"], issue: `is not above the minimum, ${logStdMinimum}` }
    )
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** log alpha before the first update */
  readonly initialLogTemperature?: number
  /** step size for log alpha; 0 keeps alpha as it is */
  readonly temperatureLearningRate?: Ramp.Timed
  /** what log alpha descends with */
  readonly temperatureOptimizer?: Optimizers.Input
  /** H, the entropy that the temperature aims at; without it minus the number of action dimensions */
  readonly targetEntropy?: Ramp.Timed
  /** the log deviation is clipped to at least this */
  readonly logStdMinimum?: number
  /** the log deviation is clipped to at most this */
  readonly logStdMaximum?: number
  /** -log alpha mean(log pi + H), or the paper's -alpha mean(log pi + H) */
  readonly temperatureLoss?: "logarithmic" | "exponential"
}

/** What the policy does in some states, given normal numbers. */
export interface Sample {
  /** `[batch, action]` */
  readonly action: tf.Tensor
  /** `[batch]` */
  readonly logProbability: tf.Tensor
}

// pure core

const HALF_LOG_2_PI = 0.9189385332046727

type Limits = Pick<Options, "logStdMinimum" | "logStdMaximum">

/** Mean and log deviation, each `[batch, action]`. */
const heads = (
  { logStdMaximum, logStdMinimum }: Limits,
  m: Algorithm.Bound,
  actor: Network.Weights,
  s: tf.Tensor
): { readonly mean: tf.Tensor; readonly logStd: tf.Tensor } => {
  const [mean, logStd] = tf.split(m.actor(actor, s), 2, 1)
  return { mean: mean!, logStd: tf.clipByValue(logStd!, logStdMinimum, logStdMaximum) }
}

/** a and log pi(a|s) for standard normal noise `[batch, action]`. */
export const sample = (
  limits: Limits,
  m: Algorithm.Bound,
  actor: Network.Weights,
  s: tf.Tensor,
  noise: tf.Tensor
): Sample => {
  const { logStd, mean } = heads(limits, m, actor, s)
  const u = tf.add(mean, tf.mul(tf.exp(logStd), noise))
  const gaussian = tf.sub(tf.sub(tf.mul(tf.square(noise), -0.5), logStd), HALF_LOG_2_PI)
  // log(1 - tanh(u)^2), without the cancellation.
  const squashing = tf.mul(tf.sub(tf.sub(Math.LN2, u), tf.softplus(tf.mul(u, -2))), 2)
  return { action: tf.tanh(u), logProbability: tf.sum(tf.sub(gaussian, squashing), 1) }
}

const alpha = (c: Algorithm.Context): tf.Tensor => tf.exp(c.coefficient("temperature"))

/** At s', by the online actor. */
const nextSample = (limits: Limits, m: Algorithm.Bound, c: Algorithm.Context): Sample =>
  sample(limits, m, c.online.actor, c.s2, c.draw("nextPolicyNoise"))

/** At s, by the given actor. */
const currentSample = (
  limits: Limits,
  m: Algorithm.Bound,
  c: Algorithm.Context,
  actor: Network.Weights
): Sample => sample(limits, m, actor, c.s, c.draw("policyNoise"))

// combinators

/** The coefficient is log alpha. */
const coefficient = (options: Options): Algorithm.Coefficient => {
  const {
    initialLogTemperature,
    targetEntropy,
    temperatureLearningRate,
    temperatureLoss,
    temperatureOptimizer
  } = options
  return {
    initial: initialLogTemperature,
    optimizer: Optimizers.all.make(temperatureOptimizer)(temperatureLearningRate),
    loss: (m, c, logAlpha) => {
      const entropy = targetEntropy === undefined ? -m.sizes.action : c.scalar("targetEntropy")
      const excess = tf.mean(tf.add(currentSample(options, m, c, c.online.actor).logProbability, entropy))
      return tf.neg(tf.mul(temperatureLoss === "logarithmic" ? logAlpha : tf.exp(logAlpha), excess))
    },
    metrics: (m, c, logAlpha) => ({
      temperature: tf.exp(logAlpha),
      entropy: tf.neg(tf.mean(currentSample(options, m, c, c.online.actor).logProbability))
    })
  }
}

export const softActor = (input: Input = {}): Algorithm.Variant => {
  const options = Field.make("softActor", Options, input)
  const noise = ({ action, batch }: Learner.Sizes): Draw.Draw => Draw.normal([batch, action])
  return Algorithm.variant("softActor", ({ backup }) => ({
    isStochastic: true,
    targets: ["critic"],
    draws: { nextPolicyNoise: noise, policyNoise: noise },
    coefficients: { temperature: coefficient(options) },
    scalars: options.targetEntropy === undefined ? {} : { targetEntropy: options.targetEntropy },
    policy: (m, actor, s, noise) => {
      const { logStd, mean } = heads(options, m, actor, s)
      return tf.tanh(noise === undefined ? mean : tf.add(mean, tf.mul(tf.exp(logStd), noise)))
    },
    targetAction: (m, c) => nextSample(options, m, c).action,
    backup: (m, c, v) => {
      const bonus = tf.mul(alpha(c), nextSample(options, m, c).logProbability)
      return backup(m, c, tf.sub(v, Algorithm.columnLike(bonus, v)))
    },
    actorLoss: (m, c, actor) => {
      const { action, logProbability } = currentSample(options, m, c, actor)
      const q = m.value(c.online.critics, c.s, action)
      return tf.mean(tf.sub(tf.mul(alpha(c), logProbability), q))
    }
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "a stochastic policy that is paid for its entropy; learned temperature",
  source: Papers.haarnoja,
  departures: [
    "the temperature descends -log alpha mean(log pi + H) by default, as its authors' code does",
    "the log deviation is clipped to [-20, 2], as in its authors' code; the paper has no bounds"
  ],
  example: {
    initialLogTemperature: -1,
    temperatureLearningRate: 3e-4,
    temperatureOptimizer: { kind: "adam", beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
    targetEntropy: -2,
    logStdMinimum: -5,
    logStdMaximum: 1,
    temperatureLoss: "exponential"
  },
  make: softActor
})
