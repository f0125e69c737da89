import { Algorithm, Ddpg, Phases, quantileCritic } from "@ornstein/algos"
import * as QuantileCritic from "@ornstein/algos/QuantileCritic"
import { Key, Network } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("smallest", () => {
  it("sorts and drops the largest, ties too", () => {
    const z = tf.tensor2d([
      [3, 1, 2, 1, 5],
      [0, 0, 0, 0, 0],
      [-1, 4, -2, 8, 4]
    ])
    assert.deepStrictEqual(QuantileCritic.smallest(z, 4).arraySync(), [
      [1, 1, 2, 3],
      [0, 0, 0, 0],
      [-2, -1, 4, 4]
    ])
  })

  it("is the sort of any row", () => {
    const row = Key.normals(Key.make(1), new Float32Array(50))
    const sorted = QuantileCritic.smallest(tf.tensor2d(row, [1, 50]), 50).dataSync()
    assert.deepStrictEqual(Array.from(sorted), Array.from(row.slice().sort()))
  })
})

describe("the quantile loss", () => {
  it("computes by hand", () => {
    // Quantiles 1/4 and 3/4 at 0 and 1, samples -0.5 and 3; the Huber loss is u^2 / 2 up to 1, then |u| - 1 / 2.
    const told = QuantileCritic.loss(tf.tensor2d([[0, 1]]), tf.tensor2d([[-0.5, 3]])).dataSync()
    const expected = 0.75 * 0.125 + 0.25 * 2.5 + 0.25 * 1 + 0.75 * 1.5
    Golden.near(told, [expected / 4], 1e-6, "loss")
  })

  it("is least at the quantiles of the samples", () => {
    const samples = tf.tensor2d([Array.from({ length: 400 }, (_, i) => 100 * i)])
    const at = (theta: number) => QuantileCritic.loss(tf.tensor2d([[theta]]), samples).dataSync()[0]!
    assert.isBelow(at(19_950), at(18_000))
    assert.isBelow(at(19_950), at(22_000))
  })
})

describe("the target by hand", () => {
  /** Critics whose quantiles do not depend on the state. */
  const target = (dropped: number) => {
    const rows = [
      [4, 0, 2],
      [1, 9, -5]
    ]
    const algorithm = Ddpg.make().pipe(quantileCritic({ count: 2, quantiles: 3, dropped }))
    const m = Algorithm.bind(
      algorithm,
      { observation: 1, action: 1, batch: 2 },
      {
        actor: Network.stateless(
          () => ({}),
          (_, s) => s
        ),
        critics: Network.stateless(
          () => ({}),
          () => rows.map((row) => tf.tensor2d([row, row]))
        )
      }
    )
    const column = tf.tensor2d([[0], [0]])
    const batch = {
      observation: column,
      action: column,
      reward: tf.tensor1d([1, 7]),
      discount: tf.tensor1d([0.5, 0]),
      nextObservation: column
    }
    const networks = { actor: {}, critic: {} }
    const c = Phases.context(
      { online: networks, target: networks, optimizer: {} },
      { batch, draws: {}, scalars: {} }
    )
    return m.target(c).arraySync()
  }

  it("drops the largest of all critics' quantiles together", () => {
    // -5, 0, 1, 2 remain of -5, 0, 1, 2, 4, 9.
    assert.deepStrictEqual(target(1), [
      [-1.5, 1, 1.5, 2],
      [7, 7, 7, 7]
    ])
  })

  it("or none of them", () => {
    assert.deepStrictEqual(target(0), [
      [-1.5, 1, 1.5, 2, 3, 5.5],
      [7, 7, 7, 7, 7, 7]
    ])
  })
})
