import { Algorithm, Ddpg, layerNorm, softActor } from "@ornstein/algos"
import * as Bound from "@ornstein/algos/internal/family/Bound"
import { Key, type Learner, Network, Parameters } from "@ornstein/core"
import type { NdArray } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

const sizes: Learner.Sizes = { observation: 5, action: 2, batch: 3 }

type Options = Ddpg.Input

const networks = (options: Options, variants: ReadonlyArray<Algorithm.Variant> = []) => {
  const algorithm = variants.reduce((self, variant) => variant(self), Ddpg.make(options))
  const { actor, critics } = Bound.networks(algorithm, sizes)
  const [mu, q] = [actor.init(Key.make(1)).parameters, critics.init(Key.make(2)).parameters]
  const shapes = (parameters: typeof mu) =>
    Object.entries(parameters).map(
      ([layer, { w, ...others }]) => `${layer} ${w!.shape.join("x")} ${Object.keys(others).join(" ")}`
    )
  const tensors = (parameters: typeof mu) =>
    Network.weights(Parameters.map(parameters, ({ data, shape }) => tf.tensor(data, [...shape])))
  return {
    mu,
    q,
    actor: shapes(mu),
    critic: shapes(q),
    action: (s: tf.Tensor) => actor.apply(tensors(mu), s).output,
    value: (s: tf.Tensor, a: tf.Tensor) => critics.apply(tensors(q), s, a).output[0]!
  }
}

const largest = ({ data }: NdArray.NdArray): number =>
  Array.from(data).reduce((most, x) => Math.max(most, Math.abs(x)), 0)

describe("the networks of DDPG", () => {
  it("join the action to the observation, with widths of their own", () => {
    const { actor, critic } = networks({ hidden: [7, 6], criticHidden: [9] })
    assert.deepStrictEqual(actor, ["l0 5x7 b", "l1 7x6 b", "l2 6x2 b"])
    assert.deepStrictEqual(critic, ["0.l0 7x9 b", "0.l1 9x1 b"])
    assert.deepStrictEqual(networks({ hidden: [7, 6] }).critic, ["0.l0 7x7 b", "0.l1 7x6 b", "0.l2 6x1 b"])
  })

  it("take the action at the second layer", () => {
    const { critic } = networks({ hidden: [7, 6], critic: { kind: "actionAtSecondLayer" } })
    assert.deepStrictEqual(critic, ["0.l0 5x7 b", "0.l1 9x6 b", "0.l2 6x1 b"])
  })

  it("have a branch for each, whose first layer is the first one or the one that is named", () => {
    const plain = networks({ hidden: [7, 6], critic: { kind: "twoBranch" } })
    assert.deepStrictEqual(plain.critic, [
      "0.state0 5x7 b",
      "0.action0 2x7 b",
      "0.trunk0 14x6 b",
      "0.trunk1 6x1 b"
    ])
    const named = networks({
      hidden: [7],
      critic: { kind: "twoBranch", branches: { state: [8, 4], action: [3] } }
    })
    assert.deepStrictEqual(named.critic, [
      "0.state0 5x8 b",
      "0.state1 8x4 b",
      "0.action0 2x3 b",
      "0.trunk0 7x7 b",
      "0.trunk1 7x1 b"
    ])
  })

  it.each(["concatenated", "actionAtSecondLayer", "twoBranch"] as const)("see the action: %s", (kind) => {
    const { value } = networks({ hidden: [16, 16], critic: { kind }, smallFinal: false })
    const s = tf.ones([1, 5])
    const [one, other] = [value(s, tf.zeros([1, 2])), value(s, tf.ones([1, 2]))]
    assert.notStrictEqual(one.dataSync()[0], other.dataSync()[0])
  })

  it("normalise hidden layers and no others", () => {
    const { actor, critic } = networks({ hidden: [7], layerNorm: true })
    assert.deepStrictEqual(actor, ["l0 5x7 b scale offset", "l1 7x2 b"])
    assert.deepStrictEqual(critic, ["0.l0 7x7 b scale offset", "0.l1 7x1 b"])
    const varied = networks({ hidden: [7] }, [layerNorm])
    assert.deepStrictEqual([varied.actor, varied.critic], [actor, critic])
  })

  it("begin small in the last layer alone, or not at all", () => {
    const { mu, q } = networks({ hidden: [64, 64] })
    assert.isAtMost(largest(mu["l2"]!["w"]!), 3e-3)
    assert.isAtMost(largest(q["0.l2"]!["w"]!), 3e-3)
    assert.isAbove(largest(mu["l1"]!["w"]!), 0.1)
    assert.isAbove(largest(networks({ hidden: [64, 64], smallFinal: false }).mu["l2"]!["w"]!), 0.1)
  })

  it("begin as was chosen", () => {
    const bias = (initial: "fanIn" | "glorot" | "he") =>
      largest(networks({ hidden: [64], initial }).mu["l0"]!["b"]!)
    const weight = (initial: "fanIn" | "glorot" | "he") =>
      largest(networks({ hidden: [64], initial }).mu["l0"]!["w"]!)
    assert.isAbove(bias("fanIn"), 0.1)
    assert.deepStrictEqual([bias("glorot"), bias("he")], [0, 0])
    // sqrt(6 / 69), 1 / sqrt(5), sqrt(6 / 5)
    const near = (actual: number, bound: number) => assert.isTrue(actual <= bound && actual > 0.95 * bound)
    near(weight("glorot"), Math.sqrt(6 / 69))
    near(weight("fanIn"), Math.sqrt(1 / 5))
    near(weight("he"), Math.sqrt(6 / 5))
  })

  it("have relu within and tanh at the actor's end", () => {
    const { action, value } = networks({ hidden: [64, 64], smallFinal: false })
    const along = (size: number) => tf.mul(tf.ones([1, 5]), size)
    for (const a of action(along(1e6)).dataSync()) assert.closeTo(Math.abs(a), 1, 1e-6)
    // A network of relus is linear along a ray, far out.
    const [one, two] = [1e6, 2e6].map((size) => value(along(size), tf.zeros([1, 2])).dataSync()[0]!)
    assert.closeTo(two! / one!, 2, 1e-3)
  })

  it("have within what was chosen", () => {
    const far = (activation: "relu" | "tanh" | "elu" | "sigmoid") => {
      const { value } = networks({ hidden: [64, 64], activation, smallFinal: false })
      const [one, two] = [1e6, 2e6].map(
        (size) => value(tf.mul(tf.ones([1, 5]), size), tf.zeros([1, 2])).dataSync()[0]!
      )
      return two! / one!
    }
    // What is bounded stays as it is along a ray; elu is linear on one side, as relu is.
    for (const activation of ["tanh", "sigmoid"] as const) assert.closeTo(far(activation), 1, 1e-6)
    for (const activation of ["relu", "elu"] as const) assert.closeTo(far(activation), 2, 1e-2)
    const near = (activation: "relu" | "elu") =>
      networks({ hidden: [64, 64], activation, smallFinal: false })
        .action(tf.ones([1, 5]))
        .dataSync()[0]
    assert.notStrictEqual(near("relu"), near("elu"))
  })

  it("have two heads where the policy is stochastic, which draws a number for each action", () => {
    const { actor } = networks({ hidden: [7] }, [softActor()])
    assert.deepStrictEqual(actor, ["l0 5x7 b", "l1 7x4 b"])
    const drawn = (algorithm: Algorithm.Algorithm) => Algorithm.learner(algorithm).plan(sizes).actionNoise
    assert.deepStrictEqual([drawn(Ddpg.make()), drawn(Ddpg.make().pipe(softActor()))], [0, 2])
  })
})
