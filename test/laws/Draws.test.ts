/** What an update draws besides normal numbers, shown on a random subset of critics (REDQ; Chen et al., 2021). */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, Ddpg, Phases } from "@ornstein/algos"
import { Draw, type Learner, Network, type Training } from "@ornstein/core"
import { TfjsEngine } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { train } from "./Pendulum.ts"

/** `y = r + gamma min_(i in M) Q'_i(s', a')` for `size` random critics M of `count`; the actor climbs the mean of all. */
const randomSubset = ({ count, size }: { readonly count: number; readonly size: number }) =>
  Algorithm.variant("randomSubset", () => {
    const values = (m: Algorithm.Bound, critics: Network.Weights, s: tf.Tensor, a: tf.Tensor) =>
      tf.stack(m.critics(critics, s, a).map((q) => tf.squeeze(q, [1])))
    return {
      criticCount: count,
      draws: { critics: () => Draw.subset({ size, of: count }) },
      value: (m, critics, s, a) => tf.mean(values(m, critics, s, a), 0),
      target: (m, c) => {
        const q2 = values(m, c.target.critics, c.s2, m.targetAction(c))
        return m.backup(c, tf.min(tf.gather(q2, c.draw("critics")), 0))
      },
      criticLoss: (m, c, critics, y) => {
        const q = values(m, critics, c.s, c.a)
        const error = tf.sub(y, tf.mean(q, 0))
        const losses = m.regression(c, tf.reshape(tf.sub(tf.expandDims(y, 0), q), [-1]))
        return { loss: tf.mul(tf.mean(losses), count), error, value: tf.mean(q, 0) }
      }
    }
  })

const small = Ddpg.make({ hidden: [16, 16] })
const redq = small.pipe(randomSubset({ count: 5, size: 2 }))
const learner = Algorithm.learner(redq)

describe("a random subset of critics", () => {
  it("is the one that was drawn", () => {
    const sizes: Learner.Sizes = { observation: 1, action: 1, batch: 2 }
    const m = Algorithm.bind(redq, sizes, {
      actor: Network.stateless(
        () => ({}),
        (_, s) => s
      ),
      critics: Network.stateless(
        () => ({}),
        () => [3, 7, 1, 5, 9].map((q) => tf.mul(tf.ones([2, 1]), q))
      )
    })
    const s = tf.zeros([2, 1])
    const target = (...critics: ReadonlyArray<number>) => {
      const networks = { actor: {}, critic: {} }
      const batch = { observation: s, action: s, nextObservation: s }
      const c = Phases.context(
        { online: networks, target: networks, optimizer: {} },
        {
          batch: { ...batch, reward: tf.tensor1d([0, 1]), discount: tf.tensor1d([1, 0.5]) },
          draws: { critics: tf.tensor1d([...critics], "int32") },
          scalars: {}
        }
      )
      return Array.from(m.target(c).dataSync())
    }
    assert.deepStrictEqual(target(1, 3), [5, 3.5])
    assert.deepStrictEqual(target(4, 2), [1, 1.5])
    assert.deepStrictEqual(target(1, 4), [7, 4.5])
  })

  it.effect("trains to one result, resumed or not, on one thread or two", () =>
    Effect.gen(function* () {
      const run = (steps: number, from?: Training.Saved, threads = 1) =>
        train({ steps }, from, WasmEngine.make({ threads }), learner)
      const whole = yield* run(300)
      const { saved } = yield* run(171)
      assert.strictEqual((yield* run(300, saved)).state, whole.state)
      assert.strictEqual((yield* run(300, undefined, 2)).state, whole.state)
      const all = yield* train(
        { steps: 300 },
        undefined,
        WasmEngine.make(),
        Algorithm.learner(small.pipe(randomSubset({ count: 5, size: 5 })))
      )
      assert.notStrictEqual(all.parameters, whole.parameters)
    })
  )

  it.effect("is drawn on other engines too", () =>
    Effect.gen(function* () {
      const { saved } = yield* train({ steps: 80 }, undefined, TfjsEngine.cpu(), learner)
      assert.isAbove(saved.state.updates, 0)
    })
  )

  it("is refused by name where nothing draws it", () => {
    const c = Phases.context(
      { online: { actor: {}, critic: {} }, target: {}, optimizer: {} },
      {
        batch: Object.fromEntries(
          ["observation", "action", "reward", "discount", "nextObservation"].map((name) => [
            name,
            tf.scalar(0)
          ])
        ),
        draws: { noise: tf.scalar(0) },
        scalars: {}
      }
    )
    assert.throws(() => c.draw("critics"), RangeError, '"critics"')
    assert.throws(() => c.target.actor, RangeError, "no slowly moving actor")
    assert.throws(() => c.coefficient("temperature"), RangeError, '"temperature"')
  })
})
