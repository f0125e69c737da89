/**
 * An actor that stays near the data (TD3+BC; Fujimoto and Gu, "A minimalist approach to offline reinforcement
 * learning", 2021): it descends `-lambda mean Q(s, mu(s)) + mean (mu(s) - a)^2`, the second mean over samples and
 * dimensions, with `lambda = alpha / mean |Q|` held constant: alpha weighs value against imitation whatever the scale of
 * the rewards.
 *
 * Replaces `actorLoss`. For the replay `offline`.
 */
import * as Field from "@ornstein/core/Field"
import type * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("behaviourCloning"),
    alpha: Ramp.timed(Ramp.positive)
      .annotate({ description: "weight of the value against the distance to the data's actions" })
      .pipe(Field.withDefault(2.5))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** weight of the value against the distance to the data's actions */
  readonly alpha?: Ramp.Timed
}

// combinators

export const behaviourCloning = (input: Input = {}): Algorithm.Variant => {
  const { alpha } = Field.make("behaviourCloning", Options, input)
  return Algorithm.variant("behaviourCloning", () => ({
    scalars: { cloningAlpha: alpha },
    actorLoss: (m, c, actor) => {
      const q = (actor: Network.Weights): tf.Tensor =>
        m.policyValue(c.online.critics, c.s, m.policy(actor, c.s))
      // Of the state's actor, which is not what the gradient is taken of.
      const lambda = tf.div(c.scalar("cloningAlpha"), tf.maximum(tf.mean(tf.abs(q(c.online.actor))), 1e-6))
      const imitation = tf.mean(tf.square(tf.sub(m.policy(actor, c.s), c.a)))
      return tf.sub(imitation, tf.mul(lambda, tf.mean(q(actor))))
    }
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "an actor that stays near the data, for the offline replay",
  source: Papers.gu,
  departures: [
    "lambda is computed from the actor before its step and held constant, as in its authors' code"
  ],
  example: { alpha: 1 },
  make: behaviourCloning
})
