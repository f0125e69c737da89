import { Algorithm, Ddpg, Phases, twinCritics } from "@ornstein/algos"
import { Network } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("two critics by hand", () => {
  /** Two critics that say 4 and -1, whatever they see. */
  const m = Algorithm.bind(
    Ddpg.make().pipe(twinCritics),
    { observation: 1, action: 1, batch: 2 },
    {
      actor: Network.stateless(
        () => ({}),
        (_, s) => s
      ),
      critics: Network.stateless(
        () => ({}),
        () => [4, -1].map((q) => tf.mul(tf.ones([2, 1]), q))
      )
    }
  )
  const s = tf.zeros([2, 1])
  const batch = {
    observation: s,
    action: s,
    reward: tf.tensor1d([1, 5]),
    discount: tf.tensor1d([0.5, 0]),
    nextObservation: s,
    weight: tf.tensor1d([1, 0.5])
  }
  const networks = { actor: {}, critic: {} }
  const c = Phases.context(
    { online: networks, target: networks, optimizer: {} },
    { batch, draws: {}, scalars: {} }
  )

  it("the target is of their minimum", () => {
    Golden.near(m.target(c).dataSync(), [0.5, 5], 1e-6, "y")
  })

  it("each is fitted to it, and the error is that of their mean", () => {
    const { error, loss, value } = m.criticLoss(c, c.online.critics, tf.tensor1d([1, 5]))
    // Squares of -3, 2 at weight 1 and of 1, 6 at weight 1/2, over two samples.
    Golden.near(loss.dataSync(), (13 + 37 / 2) / 2, 1e-6, "loss")
    Golden.near(error.dataSync(), [-0.5, 3.5], 1e-6, "error")
    Golden.near(value.dataSync(), [1.5, 1.5], 1e-6, "value")
  })

  it("the actor climbs the first", () => {
    Golden.near(m.policyValue(c.online.critics, s, s).dataSync(), [4, 4], 1e-6, "value")
  })
})
