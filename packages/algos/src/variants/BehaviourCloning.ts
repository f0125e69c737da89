/**
 * An actor that stays near the data (TD3+BC; Fujimoto and Gu, "A minimalist approach to offline reinforcement
 * learning", 2021): it descends `-lambda mean Q(s, mu(s)) + mean (mu(s) - a)^2`, the second mean over samples and
 * dimensions, with `lambda = alpha / mean |Q|` held constant: alpha weighs value against imitation whatever the scale of
 * the rewards.
 *
 * Replaces `actorLoss`. For the replay `offline`.
 */
import * as Field from "@ornstein/core/Field"
import * as Learner from "@ornstein/core/Learner"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm } from "../family/index.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("behaviourCloning"),
  alpha: Field.positive
    .annotate({ description: "weight of the value against the distance to the data's actions" })
    .pipe(Field.withDefault(2.5))
})
export type Options = typeof Options.Type

// combinators

export const behaviourCloning = (alpha = 2.5): Algorithm.Variant => {
  const options = Field.make("behaviourCloning", Options, { alpha })
  return Algorithm.variant("behaviourCloning", () => ({
    actorLoss: (model, c, actor) => {
      const { action, observation: s } = c.batch
      const critics = Learner.get(c.state.online, "critic")
      const of = (parameters: typeof actor): tf.Tensor =>
        model.policyValue(model, critics, s, model.action(model, parameters, s, undefined))
      // Of the state's actor, which is not what the gradient is taken of.
      const scale = tf.div(
        options.alpha,
        tf.maximum(tf.mean(tf.abs(of(Learner.get(c.state.online, "actor")))), 1e-6)
      )
      const imitation = tf.mean(tf.square(tf.sub(model.action(model, actor, s, undefined), action)))
      return tf.sub(imitation, tf.mul(scale, tf.mean(of(actor))))
    }
  }))
}
