/**
 * Networks for worlds whose dimensions are all alike (Zaheer et al., "Deep sets", 2017): one small network is applied to
 * every dimension, so that what is learned of one is known of all. With observations of n, 2n, ... numbers for n actions,
 *
 * `mu_i(s) = tanh f(s_i)`, `Q(s, a) = g(mean_i h(s_i, a_i))`.
 *
 * A dense network has to find out from rewards alone which of n^2 pairs of numbers belong together; in 256 dimensions
 * that takes more transitions than a replay holds.
 */
import * as Field from "@ornstein/core/Field"
import * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Papers } from "../family/index.ts"
import type { Architecture } from "./Architecture.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("deepSets"),
    hidden: Schema.NonEmptyArray(Field.positiveInt)
      .annotate({ description: "widths of the hidden layers of each network" })
      .pipe(Field.withDefault([32, 32] as const)),
    features: Field.positiveInt
      .annotate({ description: "numbers in which a critic sums up what it sees of all dimensions" })
      .pipe(Field.withDefault(16))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** widths of the hidden layers of each network */
  readonly hidden?: readonly [number, ...Array<number>]
  /** numbers in which a critic sums up what it sees of all dimensions */
  readonly features?: number
}

// pure core

const finalInitial: Network.Initial = { kind: "uniform", bound: 3e-3 }

/** `[batch, k n]`, the numbers of all dimensions one after the other, to a row for each dimension: `[batch n, k]`. */
export const toRows = (x: tf.Tensor, n: number): tf.Tensor => {
  const k = (x.shape[1] ?? 0) / n
  return k === 1
    ? tf.reshape(x, [-1, 1])
    : tf.reshape(tf.transpose(tf.reshape(x, [-1, k, n]), [0, 2, 1]), [-1, k])
}

/** The inverse: `[batch n, k]` to `[batch, k n]`. */
export const fromRows = (rows: tf.Tensor, n: number): tf.Tensor => {
  const k = rows.shape[1] ?? 0
  return k === 1
    ? tf.reshape(rows, [-1, n])
    : tf.reshape(tf.transpose(tf.reshape(rows, [-1, n, k]), [0, 2, 1]), [-1, k * n])
}

// constructors

export const make = (input: Input = {}): Architecture => {
  const { features, hidden } = Field.make("deepSets", Options, input)
  return {
    actor: ({ isStochastic, layerNorm }, { action: n, observation }) => {
      const each = Network.stack({
        input: observation / n,
        hidden,
        output: isStochastic ? 2 : 1,
        outputActivation: isStochastic ? "linear" : "tanh",
        finalInitial,
        layerNorm
      })
      return Network.stateless(
        (key) => Network.initLayers(each, key),
        (parameters, s) => fromRows(Network.applyLayers(each, parameters, toRows(s, n)), n)
      )
    },
    critic: ({ criticOutputs, layerNorm }, { action: n, observation }) => {
      const each = Network.stack(
        { input: observation / n + 1, hidden, output: features, outputActivation: "relu", layerNorm },
        "each"
      )
      const all = Network.stack(
        { input: features, hidden, output: criticOutputs, finalInitial, layerNorm },
        "all"
      )
      return Network.stateless(
        (key) => Network.initLayers([...each, ...all], key),
        (parameters, s, a) => {
          const pairs = tf.concat([toRows(s, n), toRows(a, n)], 1)
          const seen = tf.reshape(Network.applyLayers(each, parameters, pairs), [-1, n, features])
          return Network.applyLayers(all, parameters, tf.mean(seen, 1))
        }
      )
    }
  }
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "networks that treat all dimensions alike",
  source: Papers.zaheer,
  departures: [
    "features are averaged over the dimensions where the paper sums them, so that their scale does not depend on how many there are"
  ],
  requires: [
    {
      at: "",
      reads: ["environment"],
      check: (_, { world: { action, id, observation } }) =>
        observation % action === 0
          ? undefined
          : `needs as many numbers of the observation for each action; ${id} has ${observation} for ${action}`
    }
  ],
  example: { hidden: [16], features: 4 },
  make
})
