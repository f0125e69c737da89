import { Algorithm, Ddpg, deepSets } from "@ornstein/algos"
import * as DeepSets from "@ornstein/algos/DeepSets"
import * as Bound from "@ornstein/algos/internal/family/Bound"
import { Key, Network, Parameters } from "@ornstein/core"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

/** Values are about 1e-3 at first. */
const TOLERANCE = 1e-8

const sizes = { observation: 6, action: 3, batch: 2 }
const algorithm = Ddpg.make().pipe(deepSets({ hidden: [8], features: 4 }))
const networks = Bound.networks(algorithm, sizes)
const m = Algorithm.bind(algorithm, sizes)
const initial = (network: Pick<typeof networks.actor, "init">, seed: number): Network.Weights =>
  Network.weights(
    Parameters.map(network.init(Key.make(seed)).parameters, ({ data, shape }) => tf.tensor(data, [...shape]))
  )

const draw = (seed: number, shape: readonly [number, number]) =>
  tf.tensor2d(Key.uniforms(Key.make(seed), new Float32Array(shape[0] * shape[1]), -1, 1), [...shape])

/** Dimension i of three in the place of dimension order[i], in observations of [positions, goals] too. */
const permuted = (x: tf.Tensor): tf.Tensor => {
  const width = x.shape[1] ?? 0
  const order = [2, 0, 1].flatMap((i) =>
    width === 6 ? [[i, 0] as const, [i, 3] as const] : [[i, 0] as const]
  )
  const columns = order.toSorted((a, b) => a[1] - b[1]).map(([i, offset]) => i + offset)
  return tf.gather(x, columns, 1)
}

const close = (a: tf.Tensor, b: tf.Tensor): void =>
  assert.isBelow(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!, TOLERANCE)

describe("deep sets", () => {
  const s = draw(1, [2, 6])
  const a = draw(2, [2, 3])

  it("have a row for each dimension, with all that belongs to it", () => {
    const numbers = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 6])
    const rows = DeepSets.toRows(numbers, 3)
    const expected = [
      [1, 4],
      [2, 5],
      [3, 6],
      [7, 10],
      [8, 11],
      [9, 12]
    ]
    assert.deepStrictEqual(rows.arraySync(), expected)
    close(DeepSets.fromRows(rows, 3), numbers)
  })

  it("act alike in dimensions that look alike", () => {
    const actor = initial(networks.actor, 3)
    close(permuted(m.actor(actor, s)), m.actor(actor, permuted(s)))
    assert.deepStrictEqual(m.actor(actor, s).shape, [2, 3])
  })

  it("judge whatever the order of dimensions", () => {
    const critics = initial(networks.critics, 4)
    const [value] = m.critics(critics, s, a)
    const [same] = m.critics(critics, permuted(s), permuted(a))
    const [other] = m.critics(critics, s, permuted(a))
    assert.deepStrictEqual(value!.shape, [2, 1])
    close(value!, same!)
    assert.isAbove(tf.max(tf.abs(tf.sub(value!, other!))).dataSync()[0]!, TOLERANCE)
  })

  it("are in many equal dimensions what they are in one", () => {
    const one = Algorithm.bind(algorithm, { observation: 2, action: 1, batch: 2 })
    const critics = initial(networks.critics, 5)
    const [x, u] = [draw(6, [2, 2]), draw(7, [2, 1])]
    const [first, second] = tf.split(x, 2, 1)
    const [value] = m.critics(
      critics,
      tf.concat([first!, first!, first!, second!, second!, second!], 1),
      tf.concat([u, u, u], 1)
    )
    close(value!, one.critics(critics, x, u)[0]!)
    assert.isAbove(tf.max(tf.abs(value!)).dataSync()[0]!, TOLERANCE)
  })

  it("act within [-1, 1]", () => {
    const actions = m.actor(initial(networks.actor, 3), tf.mul(s, 1e6)).dataSync()
    for (const action of actions) assert.closeTo(Math.abs(action), 1, 1e-6)
  })
})
