/**
 * Noise on the target's action (Fujimoto et al., 2018, section 5.3):
 * `a' = clip(mu'(s') + clip(sigma n, -c, c), -1, 1)`, n standard normal for every sample and dimension, so that similar
 * actions get similar values. Units are those of normalised actions.
 *
 * Replaces `targetAction`.
 */
import * as Field from "@ornstein/core/Field"
import * as Learner from "@ornstein/core/Learner"
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm } from "../family/index.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("targetPolicySmoothing"),
  sigma: Field.positive
    .annotate({ description: "standard deviation of the noise" })
    .pipe(Field.withDefault(0.2)),
  clip: Field.positive.annotate({ description: "largest size of the noise" }).pipe(Field.withDefault(0.5))
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** standard deviation of the noise */
  readonly sigma?: number
  /** largest size of the noise */
  readonly clip?: number
}

// combinators

export const targetPolicySmoothing = (input: Input = {}): Algorithm.Variant => {
  const { clip, sigma } = Field.make("targetPolicySmoothing", Options, input)
  return Algorithm.variant("targetPolicySmoothing", () => ({
    noise: { targetNoise: ({ action, batch }) => NdArray.spec([batch, action]) },
    targetAction: (model, c) => {
      const actor = Learner.get(c.state.target, "actor")
      const mu = model.action(model, actor, c.batch.nextObservation, undefined)
      const noise = tf.clipByValue(tf.mul(Learner.get(c.noise, "targetNoise"), sigma), -clip, clip)
      return tf.clipByValue(tf.add(mu, noise), -1, 1)
    }
  }))
}
