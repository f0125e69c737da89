import { assert, describe, it } from "@effect/vitest"
import { Optimizer, Scalars } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"

describe("scalars", () => {
  it("have the name of their owner in front, and are found by their own", () => {
    const own = { learningRate: 0.1, gradientClip: 2 }
    const all = Scalars.merged({ tau: 0.5 }, Scalars.owned("actor", own))
    assert.deepStrictEqual(all, { tau: 0.5, actorLearningRate: 0.1, actorGradientClip: 2 })
    const { gradientClip, learningRate } = Scalars.of("actor", own, Scalars.initial(all))
    assert.closeTo(learningRate!.dataSync()[0]!, 0.1, 1e-7)
    assert.strictEqual(gradientClip!.dataSync()[0], 2)
    assert.deepStrictEqual(Scalars.owned("", own), own)
    assert.throws(() => Scalars.of("critic", own, Scalars.initial(all)), RangeError, "criticLearningRate")
  })

  it("what remains of 1 beside a scalar is taken before it is rounded, moves with it, and is renamed with it", () => {
    for (const tau of [0.9, 0.95, 0.99, 0.999, 0.005]) {
      const all = { tau, rest: { besides: "tau" } }
      assert.strictEqual(Math.fround(Scalars.read(all, "rest", 0, 0)), Math.fround(1 - tau))
      assert.strictEqual(Scalars.initial(all)["rest"]?.dataSync()[0], Math.fround(1 - tau))
      assert.isTrue(Scalars.isConstant(all, "rest"))
    }
    const moving = Scalars.owned("slow", {
      tau: { kind: "linear", from: 1, to: 0, steps: 4 },
      rest: { besides: "tau" }
    })
    assert.deepStrictEqual(
      [0, 1, 2, 4].map((step) => Scalars.read(moving, "slowRest", step, 0)),
      [0, 0.25, 0.5, 1]
    )
    assert.isFalse(Scalars.isConstant(moving, "slowRest"))
    assert.throws(() => Scalars.read({ rest: { besides: "tau" } }, "rest", 0, 0), RangeError, '"tau"')
  })

  it("of one name are refused", () => {
    const merge = () => Scalars.merged({ tau: 0.5 }, { rate: 1, tau: 0.25 })
    assert.throws(merge, RangeError, 'two scalars are called "tau"')
  })

  it("of a chain of optimizers keep their names, and get the link's number where one is taken", () => {
    const chain = Optimizer.chain(
      Optimizer.clipByGlobalNorm(8),
      Optimizer.sgd({ learningRate: 0.5 }),
      Optimizer.sgd({ learningRate: 0.25 })
    )
    assert.deepStrictEqual(chain.scalars, { gradientClip: 8, learningRate: 0.5, learningRate3: 0.25 })
    const given = { gradientClip: tf.scalar(2), learningRate: tf.scalar(3), learningRate3: tf.scalar(5) }
    // A gradient of 4, clipped to 2, times -3, times -5.
    const [changes] = chain.update({ l: { w: tf.tensor1d([4]) } }, {}, {}, given)
    assert.closeTo(changes["l"]!["w"]!.dataSync()[0]!, 30, 1e-5)
  })

  it("are ramps within bounds", () => {
    const to = { kind: "linear", from: 1, to: -1, steps: 5 } as const
    for (const make of [
      () => Optimizer.adam({ learningRate: to }),
      () => Optimizer.sgd({ learningRate: { kind: "warmup", steps: 3, to } }),
      () => Optimizer.weightDecay(to),
      () => Optimizer.clipByGlobalNorm(to)
    ]) {
      assert.throws(make, /to: expected a value greater than or equal to 0, got -1/)
    }
  })
})
