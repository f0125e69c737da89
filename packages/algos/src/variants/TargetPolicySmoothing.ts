/**
 * Noise on the target's action (Fujimoto et al., 2018, section 5.3):
 * `a' = clip(mu'(s') + clip(sigma n, -c, c), -1, 1)`, n standard normal for every sample and dimension, so that similar
 * actions get similar values. Units are those of normalised actions.
 *
 * Replaces `targetAction`.
 */
import * as Draw from "@ornstein/core/Draw"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("targetPolicySmoothing"),
    sigma: Ramp.timed(Ramp.positive)
      .annotate({ description: "standard deviation of the noise" })
      .pipe(Field.withDefault(0.2)),
    clip: Ramp.timed(Ramp.positive)
      .annotate({ description: "largest size of the noise" })
      .pipe(Field.withDefault(0.5))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** standard deviation of the noise */
  readonly sigma?: Ramp.Timed
  /** largest size of the noise */
  readonly clip?: Ramp.Timed
}

// combinators

export const targetPolicySmoothing = (input: Input = {}): Algorithm.Variant => {
  const { clip, sigma } = Field.make("targetPolicySmoothing", Options, input)
  return Algorithm.variant("targetPolicySmoothing", () => ({
    draws: { targetNoise: ({ action, batch }) => Draw.normal([batch, action]) },
    scalars: { smoothingSigma: sigma, smoothingClip: clip },
    targetAction: (m, c) => {
      const limit = c.scalar("smoothingClip")
      const drawn = tf.mul(c.draw("targetNoise"), c.scalar("smoothingSigma"))
      const noise = tf.maximum(tf.minimum(drawn, limit), tf.neg(limit))
      return tf.clipByValue(tf.add(m.policy(c.target.actor, c.s2), noise), -1, 1)
    }
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "clipped noise on the target's action",
  source: Papers.fujimoto,
  example: { sigma: 0.1, clip: 0.3 },
  make: targetPolicySmoothing
})
