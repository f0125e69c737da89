/**
 * One update of deterministic policy gradients in plain TensorFlow.js: both losses, their gradients, Adam, and the
 * slowly moving targets. It is what the engines are made for, so their tests run it.
 */
import type { Engine } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as Tree from "@ornstein/jit/Tree"
import * as tf from "@tensorflow/tfjs-core"
import { createHash } from "node:crypto"
import { Draw } from "./Draw.ts"

// models

interface Layer<L> {
  readonly w: L
  readonly b: L
}

type Network<L> = ReadonlyArray<Layer<L>>

interface Learned<L> {
  readonly online: Network<L>
  readonly target: Network<L>
  readonly mean: Network<L>
  readonly square: Network<L>
}

interface State<L> {
  readonly actor: Learned<L>
  readonly critic: Learned<L>
  /** beta1^t and beta2^t of Adam. */
  readonly decay1: L
  readonly decay2: L
}

export interface Sizes {
  readonly batch: number
  readonly hidden: ReadonlyArray<number>
  readonly observation: number
  readonly action: number
}

// pure core

const [BETA1, BETA2, EPSILON, TAU] = [0.9, 0.999, 1e-8, 0.005]

const apply = (network: Network<tf.Tensor>, x: tf.Tensor, last: (y: tf.Tensor) => tf.Tensor): tf.Tensor =>
  network.reduce((h, { b, w }, i) => {
    const y = tf.add(tf.matMul(h, w), b)
    return i === network.length - 1 ? last(y) : tf.relu(y)
  }, x)

const policy = (network: Network<tf.Tensor>, s: tf.Tensor) => apply(network, s, tf.tanh)
const value = (network: Network<tf.Tensor>, s: tf.Tensor, a: tf.Tensor) =>
  apply(network, tf.concat([s, a], 1), (q) => q)

const leaves = (network: Network<tf.Tensor>): Array<tf.Tensor> => network.flatMap(({ b, w }) => [w, b])

const network = (tensors: ReadonlyArray<tf.Tensor>): Network<tf.Tensor> =>
  Array.from({ length: tensors.length / 2 }, (_, i) => ({ w: tensors[2 * i]!, b: tensors[2 * i + 1]! }))

/** Descends the loss by Adam and lets the targets follow. */
const learned = (
  { mean, online, square, target }: Learned<tf.Tensor>,
  loss: (network: Network<tf.Tensor>) => tf.Tensor,
  rate: number,
  decay1: tf.Tensor,
  decay2: tf.Tensor
) => {
  const before = leaves(online)
  const { grads, value } = tf.valueAndGrads((...xs: Array<tf.Tensor>) => tf.reshape(loss(network(xs)), []))(
    before
  )
  const m = leaves(mean).map((x, i) => tf.add(tf.mul(x, BETA1), tf.mul(grads[i]!, 1 - BETA1)))
  const v = leaves(square).map((x, i) => tf.add(tf.mul(x, BETA2), tf.mul(tf.square(grads[i]!), 1 - BETA2)))
  const [unbias1, unbias2] = [tf.sub(1, decay1), tf.sub(1, decay2)]
  const after = before.map((x, i) =>
    tf.sub(x, tf.div(tf.mul(tf.div(m[i]!, unbias1), rate), tf.add(tf.sqrt(tf.div(v[i]!, unbias2)), EPSILON)))
  )
  const followed = leaves(target).map((x, i) => tf.add(tf.mul(x, 1 - TAU), tf.mul(after[i]!, TAU)))
  return {
    loss: value,
    next: { online: network(after), target: network(followed), mean: network(m), square: network(v) }
  }
}

// constructors

const initial = (sizes: ReadonlyArray<number>, draw: Draw): Learned<NdArray.NdArray> => {
  const layers = (make: (shape: ReadonlyArray<number>) => NdArray.NdArray) =>
    sizes.slice(1).map((n, i) => ({ w: make([sizes[i]!, n]), b: make([n]) }))
  const online = layers((shape) =>
    NdArray.make(
      shape,
      Array.from({ length: NdArray.size(shape) }, () => (draw.unit() - 0.5) / 4)
    )
  )
  return {
    online,
    target: online,
    mean: layers((shape) => NdArray.zeros(shape)),
    square: layers((shape) => NdArray.zeros(shape))
  }
}

/** The programs `update` and `act`, with drawn weights. */
export const compile = (engine: Engine, { action, batch, hidden, observation }: Sizes, check = false) => {
  const draw = new Draw(11)
  const state: State<NdArray.NdArray> = {
    actor: initial([observation, ...hidden, action], draw),
    critic: initial([observation + action, ...hidden, 1], draw),
    decay1: NdArray.scalar(1),
    decay2: NdArray.scalar(1)
  }
  return Program.compile(engine, {
    state,
    check,
    programs: {
      update: {
        inputs: {
          s: NdArray.spec([batch, observation]),
          a: NdArray.spec([batch, action]),
          r: NdArray.spec([batch, 1]),
          discount: NdArray.spec([batch, 1]),
          next: NdArray.spec([batch, observation])
        },
        fn: (state, { a, discount, next, r, s }) => {
          const [decay1, decay2] = [tf.mul(state.decay1, BETA1), tf.mul(state.decay2, BETA2)]
          const y = tf.add(
            r,
            tf.mul(discount, value(state.critic.target, next, policy(state.actor.target, next)))
          )
          const error = (q: Network<tf.Tensor>) => tf.mean(tf.square(tf.sub(value(q, s, a), y)))
          const critic = learned(state.critic, error, 1e-3, decay1, decay2)
          const regret = (mu: Network<tf.Tensor>) =>
            tf.neg(tf.mean(value(critic.next.online, s, policy(mu, s))))
          const actor = learned(state.actor, regret, 1e-4, decay1, decay2)
          return [
            { actor: actor.next, critic: critic.next, decay1, decay2 },
            { criticLoss: critic.loss, actorLoss: actor.loss }
          ]
        }
      },
      act: {
        inputs: { s: NdArray.spec([1, observation]) },
        fn: (state, { s }) => [state, policy(state.actor.online, s)]
      }
    }
  })
}

export type Compiled = ReturnType<typeof compile>

/** Draws minibatch number `n` into the inputs. */
export const drawBatch = ({ programs }: Compiled, n: number): void => {
  const draw = new Draw(1000 + n)
  const { a, discount, next, r, s } = programs.update.inputs
  for (const { data } of [s, a, r, next]) for (let i = 0; i < data.length; i++) data[i] = 2 * draw.unit() - 1
  for (let i = 0; i < discount.data.length; i++) discount.data[i] = draw.unit() < 0.1 ? 0 : 0.99
}

const hashOf = (state: Tree.Tree<NdArray.NdArray>): string => {
  const hash = createHash("sha256")
  for (const { leaf, path } of Tree.entries(state, NdArray.isNdArray)) {
    hash.update(path).update(new Uint8Array(leaf.data.buffer, leaf.data.byteOffset, leaf.data.byteLength))
  }
  return hash.digest("hex")
}

/** Of 2,000 updates at batch 64 and two layers of 64: the state's hash has always been this one. */
export const HASH = "14e0c8bef42d0d6e1c9f6bfd6de7bda38503e4564a4e1d1a0ebcdee399cd97b9"

/** The state's hash after so many updates, with a new minibatch every 50. */
export const trained = (engine: Engine, updates: number, of: Sizes): string => {
  const learner = compile(engine, of)
  for (let n = 0; n < updates; n++) {
    if (n % 50 === 0) drawBatch(learner, n)
    learner.programs.update.run()
  }
  const hash = hashOf(learner.state)
  learner.dispose()
  return hash
}
