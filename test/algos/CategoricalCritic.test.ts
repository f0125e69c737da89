import * as CategoricalCritic from "@ornstein/algos/CategoricalCritic"
import { Key } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Golden from "./Golden.ts"

describe("the projection computes the golden numbers", () => {
  it.each(Golden.read("projection", "categorical-projection").cases)("$label", (given) => {
    const { count, discount, expected, probabilities, reward, v_max, v_min } = given
    const support = { minimum: v_min, maximum: v_max, atoms: count }
    const z = CategoricalCritic.atoms(support)
    const tz = tf.tensor(reward.map((r, i) => z.map((atom) => r + discount[i]! * atom)))
    const p = tf.tensor([...probabilities.data], [reward.length, count])
    const projected = CategoricalCritic.project(support, tz, p)
    Golden.near(projected.dataSync(), expected.projected, 5e-6, "projected")
    Golden.near(tf.sum(projected, 1).dataSync(), expected.sum, 5e-6, "sum")
    Golden.near(tf.sum(tf.mul(projected, tf.tensor([...z])), 1).dataSync(), expected.mean, 5e-6, "mean")
  })

  it("keeps the mass and, inside the support, the mean", () => {
    const key = Key.make(4)
    const tz = tf.tensor(Key.uniforms(Key.fold(key, "z"), new Float32Array(40), -1, 1), [4, 10])
    const p = tf.softmax(tf.tensor(Key.normals(Key.fold(key, "p"), new Float32Array(40)), [4, 10]))
    const support = { minimum: -1, maximum: 1, atoms: 7 }
    const projected = CategoricalCritic.project(support, tz, p)
    const mean = tf.sum(tf.mul(projected, tf.tensor([...CategoricalCritic.atoms(support)])), 1)
    Golden.near(mean.dataSync(), Array.from(tf.sum(tf.mul(tz, p), 1).dataSync()), 1e-6, "mean")
    Golden.near(tf.sum(projected, 1).dataSync(), [1, 1, 1, 1], 1e-6, "mass")
  })

  it("says how much of the target the support cannot hold", () => {
    const support = { minimum: -1, maximum: 1, atoms: 3 }
    // Rows: half of it below the support; all of it inside, a quarter of that on the greatest atom.
    const values = tf.tensor([
      [-3, 0],
      [0, 0.25]
    ])
    const probabilities = tf.tensor([
      [0.5, 0.5],
      [0, 1]
    ])
    const m = CategoricalCritic.project(support, values, probabilities)
    const metrics = CategoricalCritic.supportMetrics(support, { values, probabilities }, m)
    assert.deepStrictEqual(
      Object.entries(metrics).map(([name, share]) => [name, share.dataSync()[0]]),
      [
        ["supportClipped", 0.25],
        ["supportMinimum", 0.25],
        ["supportMaximum", 0.125]
      ]
    )
  })

  it("refuses a support that is none", () => {
    assert.throws(() => CategoricalCritic.Options.make({ minimum: 1, maximum: 1 }))
  })
})
