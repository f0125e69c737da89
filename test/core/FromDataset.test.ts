/** Learning from a dataset alone: no environment, the dataset's own statistics, the same bits after every stop. */
import { Algorithm, Ddpg, behaviourCloning, twinCritics } from "@ornstein/algos"
import { Engine, Environment, Exploration, Key, Replay, Space, Training } from "@ornstein/core"
import * as Normalization from "@ornstein/core/Normalization"
import * as Policy from "@ornstein/core/Policy"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"

/** Four steps on a line, of which observations are [2, 5], [4, 5], [4, 5], [6, 5]. */
const rows = {
  observation: Float32Array.of(2, 5, 4, 5, 4, 5, 6, 5),
  action: Float32Array.of(-1, 0, 0.5, 1),
  reward: Float32Array.of(1, 2, 3, 4),
  nextObservation: Float32Array.of(4, 5, 4, 5, 6, 5, 1000, 5),
  terminated: Float32Array.of(0, 0, 0, 0),
  truncated: Float32Array.of(0, 0, 0, 1)
}

/** A world that nobody may make. */
const nowhere: Environment.Environment<Space.Box> = {
  spec: {
    id: "Nowhere-v0",
    description: "Nowhere",
    observation: Space.box({ shape: [2], low: -1, high: 1 }),
    action: Space.box({ shape: [1], low: -1, high: 1 })
  },
  make: Effect.die(new Error("a world was made"))
}

const services = Layer.mergeAll(
  Replay.layerOffline(rows),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Environment.layerContinuous(nowhere),
  Engine.layerWasm()
)

const learner = Algorithm.learner(Ddpg.make({ hidden: [8] }).pipe(twinCritics, behaviourCloning()))
const options = {
  seed: 3,
  steps: 60,
  batchSize: 4,
  sliceSteps: 10,
  updatesPerRound: 2,
  updateEvery: 3,
  normalize: { observations: true }
}

const trained = (steps: number, from?: Training.Saved) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(learner, { ...options, steps }, from)
    const reports = yield* Stream.runCollect(trainer.stream)
    return { trainer, reports: [...reports], saved: yield* trainer.saved }
  })

describe("a dataset", () => {
  it.effect("is learned from without a world: steps are those of the schedule of updates", () =>
    Effect.gen(function* () {
      const { reports, saved } = yield* trained(60)
      assert.deepStrictEqual(
        reports.map(({ step, updates }) => [step, updates]),
        [10, 20, 30, 40, 50, 60].map((step) => [step, 2 * Math.floor(step / 3)])
      )
      assert.deepStrictEqual(
        reports.flatMap(({ episodes }) => episodes),
        []
      )
      assert.deepStrictEqual([saved.state.environment, saved.state.exploration], [null, null])
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.effect("goes on from every stop to the same bits", () =>
    Effect.gen(function* () {
      const whole = yield* Effect.scoped(trained(60))
      for (const stop of [1, 9, 33, 59]) {
        const { saved } = yield* Effect.scoped(trained(stop))
        const rest = yield* Effect.scoped(trained(60, saved))
        assert.strictEqual(Training.hash(rest.saved), Training.hash(whole.saved))
      }
    }).pipe(Effect.provide(services))
  )

  it.effect("of which nothing else can be asked", () =>
    Effect.gen(function* () {
      const refused = (changes: Training.Input) =>
        Effect.flip(Effect.scoped(Training.make(learner, { ...options, ...changes })))
      for (const [changes, path] of [
        [{ episodes: 2 }, "training.episodes"],
        [{ lanes: 2 }, "training.lanes"],
        [{ normalize: { rewards: true } }, "training.normalize.rewards"]
      ] as const) {
        const error = yield* refused(changes)
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, path)
      }
    }).pipe(Effect.provide(services))
  )
})

describe("its statistics", () => {
  /** Of 2, 4, 4, 6 the mean is 4 and the deviation sqrt(2); of 5, 5, 5, 5 they are 5 and 0. */
  const normalized = (a: number, b: number): ReadonlyArray<number> => [
    (a - 4) / (Math.sqrt(2) + 1e-3),
    (b - 5) / 1e-3
  ]

  const close = (found: ArrayLike<number>, expected: ReadonlyArray<number>): void =>
    expected.forEach((x, i) => assert.closeTo(found[i]!, x, 1e-6 * Math.max(1, Math.abs(x))))

  it.effect("normalise what the learner sees, without a bound, and the policy that is saved", () =>
    Effect.gen(function* () {
      const { saved, trainer } = yield* trained(30)
      const batch = {
        observation: NdArray.zeros([64, 2]),
        action: NdArray.zeros([64, 1]),
        reward: NdArray.zeros([64]),
        discount: NdArray.zeros([64]),
        nextObservation: NdArray.zeros([64, 2])
      }
      const { statistics } = trainer.replay
      assert.deepStrictEqual(statistics, {
        count: 4,
        mean: Float64Array.of(4, 5),
        deviation: Float64Array.of(Math.sqrt(2), 0)
      })
      const normalization = Normalization.make(
        Normalization.Options.make(options.normalize),
        2,
        1,
        1,
        statistics
      )
      normalization.sampled(trainer.replay).sample(Key.make(1), batch)
      const beyond = [...batch.reward.data].findIndex((reward) => reward === 4)
      assert.isAtLeast(beyond, 0)
      close(batch.observation.data.slice(2 * beyond), normalized(6, 5))
      close(batch.nextObservation.data.slice(2 * beyond), normalized(1000, 5))

      const policy = yield* Policy.ofState({
        learner,
        spec: nowhere.spec,
        state: saved.state,
        normalize: Normalization.Options.make(options.normalize)
      })
      const { clip = 0, epsilon = 0, mean = [], variance = [] } = policy.normalization ?? {}
      assert.isAbove(clip, 1e38)
      close(
        Array.from(mean, (m, i) => ([6, 5.5][i]! - m) / Math.sqrt((variance[i] ?? 0) + epsilon)),
        normalized(6, 5.5)
      )
      const { act } = yield* Policy.open(policy)
      const [own, other] = [new Float32Array(1), new Float32Array(1)]
      act(Float32Array.of(4.5, 5), own)
      trainer.policy(Float32Array.of(4.5, 5), other)
      assert.deepStrictEqual(own, other)
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.effect("stay as they are", () =>
    Effect.gen(function* () {
      const [a, b] = [yield* Effect.scoped(trained(3)), yield* Effect.scoped(trained(60))]
      assert.deepStrictEqual(a.saved.state.normalization, b.saved.state.normalization)
    }).pipe(Effect.provide(services))
  )
})
