import { Algorithm, criticEnsemble, Ddpg, Phases } from "@ornstein/algos"
import { Draw, Network, Parameters } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("an ensemble of critics by hand", () => {
  const sizes = { observation: 1, action: 1, batch: 2 }
  /** Five critics that say 3, 7, 1, 5 and 9, times their only parameter, whatever they see. */
  const bound = (subset: number, combine: "minimum" | "mean"): Algorithm.Bound =>
    Algorithm.bind(Ddpg.make().pipe(criticEnsemble({ critics: 5, subset, combine })), sizes, {
      actor: Network.stateless(
        () => ({}),
        (_, s) => s
      ),
      critics: Network.stateless(
        () => ({}),
        (parameters) =>
          [3, 7, 1, 5, 9].map((q) =>
            tf.mul(tf.mul(tf.ones([2, 1]), q), Parameters.at(parameters, "scale.scale"))
          )
      )
    })
  const s = tf.zeros([2, 1])
  const networks = (scale: number) => ({ actor: {}, critic: { scale: { scale: tf.scalar(scale) } } })
  const context = (...critics: ReadonlyArray<number>): Algorithm.Context =>
    Phases.context(
      { online: networks(1), target: networks(2), optimizer: {} },
      {
        batch: {
          observation: s,
          action: s,
          nextObservation: s,
          reward: tf.tensor1d([0, 1]),
          discount: tf.tensor1d([1, 0.5]),
          weight: tf.tensor1d([1, 0.5])
        },
        draws: critics.length === 0 ? {} : { targetCritics: tf.tensor1d([...critics], "int32") },
        scalars: {}
      }
    )

  it.each([
    ["minimum", [1, 3], [10, 6]],
    ["minimum", [4, 2], [2, 2]],
    ["minimum", [1, 4], [14, 8]],
    ["mean", [1, 3], [12, 7]],
    ["mean", [4, 2], [10, 6]]
  ] as const)("the target is of the %s of those that were drawn, %o", (combine, drawn, y) => {
    Golden.near(
      bound(2, combine)
        .target(context(...drawn))
        .dataSync(),
      y,
      1e-6,
      "y"
    )
  })

  it.each([
    ["minimum", [2, 2]],
    ["mean", [10, 6]]
  ] as const)("without a choice, of the %s of all", (combine, y) => {
    Golden.near(bound(5, combine).target(context()).dataSync(), y, 1e-6, "y")
  })

  it("draws as many as it asks, of all", () => {
    const drawsOf = (subset: number) =>
      Object.entries(Ddpg.make().pipe(criticEnsemble({ critics: 5, subset })).draws).map(([name, draw]) => [
        name,
        draw(sizes)
      ])
    assert.deepStrictEqual(drawsOf(2), [["targetCritics", Draw.subset({ size: 2, of: 5 })]])
    assert.deepStrictEqual(drawsOf(5), [])
  })

  it("each is fitted to the target, and the error is that of their mean", () => {
    const m = bound(2, "minimum")
    const c = context(0, 1)
    const { error, loss, value } = m.criticLoss(c, c.online.critics, tf.tensor1d([4, 6]))
    // Squares of 1, -3, 3, -1, -5 at weight 1 and of 3, -1, 5, 1, -3 at weight 1/2, over two samples.
    Golden.near(loss.dataSync(), (45 + 45 / 2) / 2, 1e-6, "loss")
    Golden.near(error.dataSync(), [-1, 1], 1e-6, "error")
    Golden.near(value.dataSync(), [5, 5], 1e-6, "value")
  })

  it("the actor climbs the mean of all", () => {
    const m = bound(2, "minimum")
    const { critics } = context(0, 1).online
    Golden.near(m.policyValue(critics, s, s).dataSync(), [5, 5], 1e-6, "value")
    Golden.near(m.value(critics, s, s).dataSync(), [5, 5], 1e-6, "value")
  })
})
