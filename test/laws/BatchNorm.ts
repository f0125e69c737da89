/** A network that keeps statistics: batch normalisation (Ioffe and Szegedy, 2015) of one hidden layer. */
import { Algorithm } from "@ornstein/algos"
import { Network, Optimizer, Parameters } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"

/** How much of the running statistics stays when a minibatch is seen. */
export const MOMENTUM = 0.9

const EPSILON = 1e-3

const ones = (n: number): NdArray.NdArray => NdArray.make([n], new Float32Array(n).fill(1))

/** `out f(scale (z - mean) / sqrt(variance + 1e-3) + offset)`, z the first layer: by the minibatch when it learns. */
export const mlp = (options: {
  readonly input: number
  readonly hidden: number
  readonly output: number
  readonly outputActivation: Network.Activation
}): Network.Actor => {
  const [first, last] = Network.stack({ ...options, hidden: [options.hidden], activation: "linear" })
  const norm = options.hidden
  return {
    init: (key) => ({
      parameters: {
        ...Network.initLayers([first!, last!], key),
        norm: { scale: ones(norm), offset: NdArray.zeros([norm]) }
      },
      statistics: { norm: { mean: NdArray.zeros([norm]), variance: ones(norm) } }
    }),
    apply: ({ isTraining, parameters, statistics }, x) => {
      const z = Network.applyDense(first!, parameters, x)
      const running = (name: string): tf.Tensor => Parameters.at(statistics, `norm.${name}`)
      const mean = isTraining ? tf.mean(z, 0) : running("mean")
      const variance = isTraining ? tf.mean(tf.square(tf.sub(z, mean)), 0) : running("variance")
      const normal = tf.div(tf.sub(z, mean), tf.sqrt(tf.add(variance, EPSILON)))
      const scaled = tf.mul(normal, Parameters.at(parameters, "norm.scale"))
      const h = tf.relu(tf.add(scaled, Parameters.at(parameters, "norm.offset")))
      const moved = (name: string, seen: tf.Tensor): tf.Tensor =>
        tf.add(tf.mul(running(name), MOMENTUM), tf.mul(seen, 1 - MOMENTUM))
      return {
        output: Network.applyDense(last!, parameters, h),
        statistics: isTraining
          ? { norm: { mean: moved("mean", mean), variance: moved("variance", variance) } }
          : statistics
      }
    }
  }
}

const optimizer = Optimizer.sgd({ learningRate: 1e-2 })

/**
 * Batch normalisation in actor and critics. They descend without Adam: a bias before the normalisation has the gradient 0
 * but for rounding, of which Adam makes a whole step.
 */
export const batchNorm = (hidden: number): Algorithm.Variant =>
  Algorithm.variant("batchNorm", () => ({
    optimizers: { actor: optimizer, critic: optimizer },
    actor: (_self, { action, observation }) =>
      mlp({ input: observation, hidden, output: action, outputActivation: "tanh" }),
    critic: ({ criticOutputs }, { action, observation }) => {
      const joint = mlp({
        input: observation + action,
        hidden,
        output: criticOutputs,
        outputActivation: "linear"
      })
      return { init: joint.init, apply: (weights, s, a) => joint.apply(weights, tf.concat([s, a], 1)) }
    }
  }))

/**
 * The critics see (s, a) and (s', a') in one minibatch, and have no slow copies (CrossQ; Bhatt et al., 2024): its heart,
 * for one critic and a deterministic actor.
 */
export const crossed: Algorithm.Variant = Algorithm.variant("crossed", () => {
  const both = (m: Algorithm.Bound, c: Algorithm.Context, critics: Network.Weights) => {
    const [q] = m.critics(critics, tf.concat([c.s, c.s2]), tf.concat([c.a, m.targetAction(c)]))
    const [now, next] = tf.split(tf.squeeze(q!, [1]), 2)
    return { now: now!, next: next! }
  }
  return {
    targets: [],
    targetAction: (m, c) => m.policy(c.online.actor, c.s2),
    target: (m, c) => m.backup(c, both(m, c, Network.training(c.online.critics)).next),
    criticLoss: (m, c, critics, y) => {
      const q = both(m, c, critics).now
      const error = tf.sub(y, q)
      return { loss: Algorithm.batchMean(m.regression(c, error), c.weight), error, value: q }
    }
  }
})
