/** What an update draws besides normal numbers, shown on a random subset of critics (REDQ; Chen et al., 2021). */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, criticEnsemble, Ddpg, Phases } from "@ornstein/algos"
import type { Training } from "@ornstein/core"
import { TfjsEngine } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { train } from "./Pendulum.ts"

const small = Ddpg.make({ hidden: [16, 16] })
const redq = small.pipe(criticEnsemble({ critics: 5, subset: 2 }))
const learner = Algorithm.learner(redq)

describe("a random subset of critics", () => {
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
        Algorithm.learner(small.pipe(criticEnsemble({ critics: 5, subset: 5 })))
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
