/**
 * The Huber loss in place of the square (Huber, 1964): `h(d) = d^2 / 2` for |d| <= delta, else
 * `delta (|d| - delta / 2)`. Large errors pull with a force of at most delta.
 *
 * Replaces `regression`.
 */
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("huber"),
    delta: Ramp.timed(Ramp.positive)
      .annotate({ description: "the size of error from which the loss is linear" })
      .pipe(Field.withDefault(1))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the size of error from which the loss is linear */
  readonly delta?: Ramp.Timed
}

// pure core

/** h(d), elementwise. With m = min(|d|, delta) it is m (|d| - m / 2), which needs no branch. */
export const loss = (error: tf.Tensor, delta: tf.Tensor | number): tf.Tensor => {
  const size = tf.abs(error)
  const within = tf.minimum(size, delta)
  return tf.mul(within, tf.sub(size, tf.mul(within, 0.5)))
}

// combinators

export const huber = (input: Input = {}): Algorithm.Variant => {
  const { delta } = Field.make("huber", Options, input)
  return Algorithm.variant("huber", () => ({
    scalars: { huberDelta: delta },
    regression: (_m, c, error) => loss(error, c.scalar("huberDelta"))
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "Huber loss for the critics",
  source: Papers.huber,
  departures: ["not divided by delta"],
  example: { delta: 0.5 },
  make: huber
})
