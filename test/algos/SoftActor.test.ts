import { Algorithm, Ddpg, Phases, softActor } from "@ornstein/algos"
import { Network } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("the soft actor by hand", () => {
  const options = { temperatureLoss: "logarithmic", initialLogTemperature: 0.5 } as const
  /** Mean 0.5 and log deviation -3 in both dimensions, whatever the state. */
  const bound = (targetEntropy?: number): Algorithm.Bound =>
    Algorithm.bind(
      Ddpg.make().pipe(softActor({ ...options, ...(targetEntropy === undefined ? {} : { targetEntropy }) })),
      { observation: 1, action: 2, batch: 1 },
      {
        actor: Network.stateless(
          () => ({}),
          () => tf.tensor2d([[0.5, 0.5, -3, -3]])
        ),
        critics: Network.stateless(
          () => ({}),
          () => [tf.tensor2d([[7]])]
        )
      }
    )
  const s = tf.zeros([1, 1])
  const row = tf.zeros([1])
  const c = Phases.context(
    { online: { actor: {}, critic: {} }, target: {}, optimizer: {} },
    {
      batch: { observation: s, action: tf.zeros([1, 2]), reward: row, discount: row, nextObservation: s },
      draws: { policyNoise: tf.zeros([1, 2]), nextPolicyNoise: tf.ones([1, 2]) },
      scalars: { targetEntropy: tf.scalar(0.75) }
    }
  )
  // With noise 0: 3 - log(2 pi) / 2 - log(1 - tanh(0.5)^2), twice.
  const logProbability = 2 * (3 - 0.5 * Math.log(2 * Math.PI) - Math.log(1 - Math.tanh(0.5) ** 2))

  it("is at its mean without noise, and beside it with", () => {
    const act = (noise?: tf.Tensor) => bound().policy(c.online.actor, s, noise).dataSync()
    Golden.near(act(), [Math.tanh(0.5), Math.tanh(0.5)], 1e-6, "mean")
    const beside = Math.tanh(0.5 + Math.exp(-3))
    Golden.near(act(tf.ones([1, 2])), [beside, beside], 1e-6, "beside")
  })

  it.each([
    [undefined, -2],
    [0.75, 0.75]
  ])("has a temperature that aims at the entropy %j", (given, target) => {
    const m = bound(given)
    const { temperature } = Ddpg.make().pipe(
      softActor({ ...options, ...(given === undefined ? {} : { targetEntropy: given }) })
    ).coefficients
    const told = temperature!.loss(m, c, tf.scalar(0.5)).dataSync()
    Golden.near(told, -0.5 * (logProbability + target), 1e-5, "loss")
    Golden.near([temperature!.initial], 0.5, 0, "initial")
  })

  it("tells of a negative entropy", () => {
    const { temperature } = Ddpg.make().pipe(softActor(options)).coefficients
    const { entropy, temperature: alpha } = temperature!.metrics!(bound(), c, tf.scalar(0.5))
    Golden.near(entropy!.dataSync(), -logProbability, 1e-5, "entropy")
    Golden.near(alpha!.dataSync(), Math.exp(0.5), 1e-6, "alpha")
  })
})
