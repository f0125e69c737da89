/**
 * Parts of your own inside of an algorithm: a network, an optimizer, and a ramp for any number that may move.
 *
 * ```text
 * ornstein train --with learner.ts --config learner.yaml --out run
 * ```
 */
import type { Architecture } from "@ornstein/algos"
import { Field, Network, type Optimizers, Parameters, Part, Ramp } from "@ornstein/core"
import * as UserParts from "@ornstein/lab/UserParts"
import { NdArray } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { Schema } from "effect"

/** Hidden layers whose units each give two numbers, `relu(z)` and `relu(-z)`, so that no unit is ever dead. */
const twoSided = Part.make("twoSided", {
  description: "hidden layers that pass on both sides of zero",
  source: {
    authors: "Shang et al.",
    year: 2016,
    title:
      "Understanding and improving convolutional neural networks via concatenated rectified linear units",
    link: "https://arxiv.org/abs/1603.05201"
  },
  options: {
    hidden: Schema.NonEmptyArray(Field.positiveInt)
      .annotate({ description: "units of the hidden layers" })
      .pipe(Field.withDefault([32, 32] as const))
  },
  example: { hidden: [8] },
  make: ({ hidden }): Architecture.Architecture => {
    const layers = (input: number, output: number) =>
      [...hidden, output].map((width, i) => ({
        name: `l${i}`,
        input: i === 0 ? input : 2 * hidden[i - 1]!,
        output: width,
        activation: "linear" as const,
        initial: { kind: "fanIn" as const }
      }))
    const apply = (all: ReadonlyArray<Network.Dense>, parameters: Parameters.Tensors, x: tf.Tensor) =>
      all.reduce((h, layer, i) => {
        const z = Network.applyDense(layer, parameters, h)
        return i === hidden.length ? z : tf.concat([tf.relu(z), tf.relu(tf.neg(z))], 1)
      }, x)
    return {
      actor: (_, { action, observation }) => {
        const all = layers(observation, action)
        return Network.stateless(
          (key) => Network.initLayers(all, key),
          (parameters, s) => tf.tanh(apply(all, parameters, s))
        )
      },
      critic: ({ criticOutputs }, { action, observation }) => {
        const all = layers(observation + action, criticOutputs)
        return Network.stateless(
          (key) => Network.initLayers(all, key),
          (parameters, s, a) => apply(all, parameters, tf.concat([s, a], 1))
        )
      }
    }
  }
})

/** `u = b1 m + (1 - b1) g`, `p <- p - learningRate sign(u)`, `m <- b2 m + (1 - b2) g`. */
const lion = Part.make("lion", {
  description: "steps of one size along the sign of the gradient's running mean",
  source: {
    authors: "Chen et al.",
    year: 2023,
    title: "Symbolic discovery of optimization algorithms",
    link: "https://arxiv.org/abs/2302.06675"
  },
  options: {
    beta1: Field.unitInterval
      .annotate({ description: "share of the mean in a step" })
      .pipe(Field.withDefault(0.9)),
    beta2: Field.unitInterval
      .annotate({ description: "share of the mean that each step keeps" })
      .pipe(Field.withDefault(0.99))
  },
  example: { beta1: 0.5, beta2: 0.5 },
  make:
    ({ beta1, beta2 }): Optimizers.Rated =>
    (learningRate) => ({
      scalars: { learningRate },
      init: (parameters) => ({ m: Parameters.map(parameters, ({ shape }) => NdArray.zeros(shape)) }),
      update: (gradients, state, _parameters, scalars) => {
        const mixed = (share: number) =>
          Parameters.zip(state["m"]!, gradients, (m, g) => tf.add(tf.mul(m, share), tf.mul(g, 1 - share)))
        const step = tf.neg(scalars["learningRate"]!)
        return [Parameters.map(mixed(beta1), (u) => tf.mul(tf.sign(u), step)), { m: mixed(beta2) }]
      }
    })
})

/** A value that goes up and down, as learning rates do in "Cyclical learning rates for training neural networks". */
const triangle = Ramp.make("triangle", {
  description: "up and down between two values, again and again",
  source: {
    authors: "Smith",
    year: 2017,
    title: "Cyclical learning rates for training neural networks",
    link: "https://arxiv.org/abs/1506.01186"
  },
  options: (value: Schema.Finite) => ({
    low: value.annotate({ description: "where it begins" }),
    high: value.annotate({ description: "where it turns" }),
    period: Field.positiveInt.annotate({ description: "steps until it is back" })
  }),
  example: { low: 0, high: 1, period: 10 },
  make: ({ high, low, period }) => ({
    at: (step) => low + (high - low) * (1 - Math.abs(1 - (2 * (step % period)) / period)),
    least: Math.min(low, high),
    most: Math.max(low, high)
  })
})

export default UserParts.define({ networks: [twoSided], optimizers: [lion], ramps: [triangle] })
