import { Algorithm, behaviourCloning, Ddpg, Phases } from "@ornstein/algos"
import { Network, Parameters } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("TD3+BC's loss of the actor by hand", () => {
  // mu(s) = w s and Q(s, a) = s + a: with w = 0.5, s = -2 and 1, the actions are -1 and 0.5, Q is -3 and 1.5.
  const algorithm = Ddpg.make().pipe(behaviourCloning({ alpha: 3 }))
  const m = Algorithm.bind(
    algorithm,
    { observation: 1, action: 1, batch: 2 },
    {
      actor: Network.stateless(
        () => ({}),
        (actor, s) => tf.mul(s, Parameters.at(actor, "l.w"))
      ),
      critics: Network.stateless(
        () => ({}),
        (_, s, a) => [tf.add(s, a)]
      )
    }
  )
  const s = tf.tensor2d([[-2], [1]])
  const batch = {
    observation: s,
    action: tf.tensor2d([[0], [-0.5]]),
    reward: tf.tensor1d([0, 0]),
    discount: tf.tensor1d([0, 0]),
    nextObservation: s
  }
  const context = (w: number) =>
    Phases.context(
      { online: { actor: { l: { w: tf.scalar(w) } }, critic: {} }, target: {}, optimizer: {} },
      { batch, draws: {}, scalars: { cloningAlpha: tf.scalar(3) } }
    )
  const loss = (w: tf.Tensor) =>
    tf.squeeze<tf.Scalar>(m.actorLoss(context(0.5), Network.weights({ l: { w } })))

  it("weighs the value by the mean of its size, whatever its sign", () => {
    // lambda = 3 / ((3 + 1.5) / 2) = 4 / 3, mean Q = -0.75, and the distances to the data are 1 and 1.
    Golden.near(loss(tf.scalar(0.5)).dataSync(), 1 + (4 / 3) * 0.75, 1e-6, "loss")
  })

  it("holds the weight constant in the gradient", () => {
    // d/dw of mean (w s - a)^2 - lambda mean (s + w s): mean 2 (w s - a) s - lambda mean s = 3 + 2 / 3.
    const gradient = tf.grad((w: tf.Tensor) => loss(w))(tf.scalar(0.5))
    Golden.near(gradient.dataSync(), 3 + 2 / 3, 1e-6, "gradient")
  })

  it("is for the data alone where the value is 0", () => {
    const still = context(-1)
    const [told] = m.actorLoss(still, still.online.actor).dataSync()
    // The means of (2 - 0)^2 and (-1 + 0.5)^2.
    assert.strictEqual(told, (4 + 0.25) / 2)
  })
})
