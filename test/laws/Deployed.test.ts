/** Policies that are deployed in place of the learned one, shown on an average over time and on a checkpoint. */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, Ddpg } from "@ornstein/algos"
import {
  Engine,
  Environment,
  Exploration,
  Extension,
  Learner,
  Parameters,
  Policy,
  Replay,
  Snapshot,
  Training
} from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { NdArray } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"
import { near } from "../algos/Golden.ts"

/** `mean <- (1 - share) mean + share theta` after every update. */
const averaged = (share: number, gathers = false): Algorithm.Variant =>
  Algorithm.variant("averaged", () => ({
    deployed: {
      gathers,
      state: (actor) => ({ average: actor }),
      policy: (state) => Extension.get(state, "average"),
      learned: (state) =>
        Extension.put(
          state,
          "average",
          Parameters.zip(Extension.get(state, "average"), Learner.get(state.online, "actor"), (mean, now) =>
            tf.add(tf.mul(mean, 1 - share), tf.mul(now, share))
          )
        )
    }
  }))

/**
 * The actor of the last moment whose episodes were the best so far, judged by the least return of so many of them (TD7;
 * Fujimoto et al., 2023, section 4.2; without its pauses in learning).
 */
const checkpoint = (episodes: number): Algorithm.Variant =>
  Algorithm.variant("checkpoint", () => ({
    deployed: {
      gathers: false,
      state: (actor) => ({
        checkpoint: actor,
        record: {
          episodes: { count: NdArray.scalar(0), least: NdArray.scalar(1e9), best: NdArray.scalar(-1e9) }
        }
      }),
      policy: (state) => Extension.get(state, "checkpoint"),
      ended: (state, episode) => {
        const of = (name: string) => Parameters.at(Extension.get(state, "record"), `episodes.${name}`)
        const [count, least] = [tf.add(of("count"), 1), tf.minimum(of("least"), episode.return)]
        const isOver = tf.cast(tf.equal(count, episodes), "float32")
        const isBetter = tf.mul(isOver, tf.cast(tf.greaterEqual(least, of("best")), "float32"))
        const either = (condition: tf.Tensor, yes: tf.Tensor | number, no: tf.Tensor): tf.Tensor =>
          tf.add(tf.mul(yes, condition), tf.mul(no, tf.sub(1, condition)))
        const kept = Parameters.zip(
          Extension.get(state, "checkpoint"),
          Learner.get(state.online, "actor"),
          (before, now) => either(isBetter, now, before)
        )
        const record = {
          count: either(isOver, 0, count),
          least: either(isOver, 1e9, least),
          best: either(isBetter, least, of("best"))
        }
        return Extension.put(Extension.put(state, "checkpoint", kept), "record", { episodes: record })
      }
    }
  }))

const small = Ddpg.make({ hidden: [8], actorLearningRate: 0.01 })
const world = Pendulum.make({ timeLimit: 15 })

interface Request {
  readonly variant: Algorithm.Variant
  readonly steps: number
  readonly from?: Training.Saved
  readonly lanes?: number
  readonly sliceSteps?: number
  readonly exploration?: Layer.Layer<Exploration.Exploration>
}

const arrays = (agent: Snapshot.Snapshot, prefix: string): ReadonlyArray<number> =>
  Object.keys(Object(agent))
    .filter((path) => path.startsWith(prefix))
    .toSorted()
    .flatMap((path) => Array.from(Snapshot.getFloat32(agent, path)))

const train = ({
  exploration = Exploration.layerGaussian({ sigma: 0.3 }),
  from,
  lanes = 1,
  sliceSteps = 50,
  steps,
  variant
}: Request) =>
  Effect.gen(function* () {
    const rhythm = { learningStarts: 10, batchSize: 8, updatesPerRound: lanes }
    const options = { seed: 3, steps, lanes, warmup: 0, ...rhythm, sliceSteps }
    const learner = Algorithm.learner(small.pipe(variant))
    const trainer = yield* Training.make(learner, options, from)
    const seen: Array<{ returns: ReadonlyArray<number>; agent: Snapshot.Snapshot; updates: number }> = []
    yield* Stream.runForEach(trainer.stream, ({ episodes, updates }) =>
      Effect.map(trainer.state, ({ agent }) => {
        seen.push({ returns: episodes.map((episode) => episode.return), agent, updates })
      })
    )
    const saved = yield* trainer.saved
    const observation = Float32Array.of(0.6, -0.8, 1.5)
    const acted = (act: (action: Float32Array) => void): number => {
      const action = new Float32Array(1)
      act(action)
      return action[0]!
    }
    const policy = yield* Policy.ofState({ learner, spec: world.spec, state: saved.state })
    const opened = yield* Policy.open(policy)
    return {
      seen,
      saved,
      evaluated: acted((action) => trainer.policy(observation, action)),
      gathered: acted((action) => trainer.agent.act(observation, 0, action)),
      opened: acted((action) => opened.act(observation, action)) / 2
    }
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Layer.mergeAll(
        Environment.layerContinuous(world),
        exploration,
        Replay.layerUniform({ capacity: 500 }),
        Engine.layerOf(WasmEngine.make({ threads: 1 }))
      ),
      { local: true }
    )
  )

const both = { averaged: averaged(0.1), checkpoint: checkpoint(3) }

describe("a policy that is deployed", () => {
  it.effect("may be an average of the learned one over the updates", () =>
    Effect.gen(function* () {
      const { seen } = yield* train({ variant: averaged(0.1), steps: 40, sliceSteps: 1 })
      let expected: ReadonlyArray<number> = arrays(seen[0]!.agent, "online.actor.")
      let updates = 0
      for (const { agent, updates: now } of seen) {
        const online = arrays(agent, "online.actor.")
        if (now > updates) expected = expected.map((mean, i) => 0.9 * mean + 0.1 * online[i]!)
        updates = now
        near(arrays(agent, "extension.average."), expected, 1e-6, `after ${now} updates`)
      }
      assert.isAbove(updates, 20)
      assert.notDeepEqual(expected, arrays(seen.at(-1)!.agent, "online.actor."))
    })
  )

  it.effect.each([1, 2])("may be that of the moment after the best episodes, of %i lanes", (lanes) =>
    Effect.gen(function* () {
      const { seen } = yield* train({ variant: checkpoint(3), steps: 240, lanes, sliceSteps: 1 })
      let expected = arrays(seen[0]!.agent, "online.actor.")
      let [best, least, count, kept] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0]
      for (const { agent, returns } of seen) {
        for (const each of returns) {
          least = Math.min(least, each)
          count += 1
          if (count < 3) continue
          if (least >= best) [best, expected, kept] = [least, arrays(agent, "online.actor."), kept + 1]
          ;[least, count] = [Number.POSITIVE_INFINITY, 0]
        }
        assert.deepStrictEqual(arrays(agent, "extension.checkpoint."), expected)
      }
      assert.isAbove(kept, 1)
      assert.isBelow(kept, Math.floor(240 / 15 / 3), "some assessment is worse than one before")
    })
  )

  it.effect.each(Object.entries(both))(
    "goes on exactly, and is what is evaluated and saved: %s",
    ([, variant]) =>
      Effect.gen(function* () {
        for (const lanes of [1, 2]) {
          const whole = yield* train({ variant, steps: 150, lanes })
          const part = yield* train({ variant, steps: 97, lanes, sliceSteps: 13 })
          const rest = yield* train({ variant, steps: 150, lanes, from: part.saved })
          assert.strictEqual(Training.hash(rest.saved), Training.hash(whole.saved))
          assert.strictEqual(rest.evaluated, whole.evaluated)
          assert.strictEqual(whole.opened, whole.evaluated)
          assert.notStrictEqual(whole.evaluated, whole.gathered)
        }
      })
  )

  it.effect("gathers experience if it says so, and leaves it to the learned one otherwise", () =>
    Effect.gen(function* () {
      const steps = 60
      const of = (variant: Algorithm.Variant, lanes: number) => train({ variant, steps, lanes })
      const plain = yield* of((self) => self, 1)
      const learned = yield* of(averaged(0.1), 1)
      assert.deepStrictEqual(learned.saved.rows, plain.saved.rows)
      assert.strictEqual(plain.evaluated, plain.gathered)
      for (const lanes of [1, 2]) {
        const gathering = yield* of(averaged(0.1, true), lanes)
        assert.strictEqual(gathering.evaluated, gathering.gathered)
        assert.notDeepEqual(gathering.saved.rows, (yield* of(averaged(0.1), lanes)).saved.rows)
      }
    })
  )

  it.effect("does not gather beside an exploration that acts itself", () =>
    Effect.gen(function* () {
      const exploration = Exploration.layerParameterNoise()
      const request = { steps: 20, exploration }
      const error = yield* Effect.flip(train({ ...request, variant: averaged(0.1, true) }))
      assert.include(
        error.message,
        "exploration: expected another: it acts itself, and so does the policy that DDPG + averaged deploys"
      )
      const { evaluated, gathered } = yield* train({ ...request, variant: averaged(0.1) })
      assert.notStrictEqual(evaluated, gathered)
    })
  )

  it("is claimed by one variant", () => {
    assert.throws(() => small.pipe(averaged(0.1), checkpoint(2)), 'both replace "deployed"')
  })
})
