/** On-policy learners learn once from each whole rollout of their own actions, and lose none. */
import { A2c, ActorCritic, Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, type Key, Learner, Replay, Training } from "@ornstein/core"
import { CartPole, Pendulum } from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"

const worlds = Layer.mergeAll(
  Environment.layerDiscrete(CartPole.make({ timeLimit: 60 })),
  Environment.layerContinuous(Pendulum.make({ timeLimit: 30 }))
)
const engine = Engine.layerOf(WasmEngine.make())

describe("a configuration of nothing but a world and a base", () => {
  it.effect.each([
    { base: "a2c", steps: 20_000, updates: 625 },
    { base: "actorCritic", steps: 5000, updates: undefined }
  ])("trains $base", ({ base, steps, updates }) =>
    Effect.gen(function* () {
      const input = { environment: { kind: "cartPole" }, algorithm: { base }, training: { steps } }
      const config = yield* Effect.fromResult(Experiment.decode(input))
      const told = yield* Effect.gen(function* () {
        const trainer = yield* Training.make(yield* Experiment.learner(config), config.training)
        yield* Stream.runDrain(trainer.stream)
        return yield* trainer.state
      }).pipe(Effect.provide(Experiment.layer(config)))
      // An update for each whole rollout of 32 steps; for each whole episode.
      assert.strictEqual(told.updates, updates ?? told.episode)
      assert.isAbove(told.updates, 50)
    })
  )
})

/** A rollout replay that tells of each rollout given: its observations, in order. */
const watched = (
  options: Parameters<typeof Replay.layerRollout>[0],
  given: Array<ReadonlyArray<number>>
): Layer.Layer<Replay.Replay> =>
  Layer.effect(
    Replay.Replay,
    Replay.Replay.useSync((inner) => ({
      ...inner,
      make: (shape) =>
        Effect.map(inner.make(shape), (replay) => ({
          ...replay,
          sample: (key: Key.Key, batch: Replay.Batch, valuation?: Partial<Replay.Valuation>) => {
            const steps = replay.size()
            replay.sample(key, batch, valuation)
            const first = Learner.get(batch, "observation").data
            given.push(Array.from({ length: steps }, (_, t) => first[4 * t]!))
          }
        }))
    }))
  ).pipe(Layer.provide(Replay.layerRollout(options)))

describe("every step is learned from once, in its order", () => {
  const kinds = [
    { name: "an episode each", learner: ActorCritic.make({ hidden: [8] }), rollout: { capacity: 60 } },
    {
      name: "episodes longer than a rollout",
      learner: ActorCritic.make({ hidden: [8] }),
      rollout: { capacity: 7 }
    },
    {
      name: "full ones",
      learner: A2c.make({ hidden: [8] }),
      rollout: { capacity: 16, until: "full" as const, normalize: false }
    }
  ]

  it.live.each(kinds)("$name, however the run is sliced and resumed", ({ learner, rollout }) =>
    Effect.gen(function* () {
      const course = (ends: ReadonlyArray<number>, sliceSteps: number) =>
        Effect.gen(function* () {
          const given: Array<ReadonlyArray<number>> = []
          let from: Training.Saved | undefined
          for (const steps of ends) {
            from = yield* Effect.gen(function* () {
              const trainer = yield* Training.make(learner, { seed: 5, steps, sliceSteps }, from)
              yield* Stream.runDrain(trainer.stream)
              return yield* trainer.saved
            }).pipe(
              Effect.scoped,
              Effect.provide(Layer.mergeAll(watched(rollout, given), Exploration.layerNone, worlds, engine), {
                local: true
              })
            )
          }
          return { given, updates: from?.state.updates, state: from?.state.replay }
        })
      const whole = yield* course([400], 500)
      const parts = yield* course([13, 16, 17, 64, 211, 400], 3)
      assert.deepStrictEqual(parts, whole)
      assert.strictEqual(whole.given.length, whole.updates)
      assert.isAbove(whole.given.length, 5)
      const learned = whole.given.reduce((sum, steps) => sum + steps.length, 0)
      assert.isTrue(whole.given.every((steps) => steps.length <= rollout.capacity))
      const inFlight = 400 - learned
      assert.isAtLeast(inFlight, 0)
      assert.isBelow(inFlight, rollout.capacity)
      assert.deepInclude(whole.state, { count: inFlight, isComplete: false })
    })
  )
})

describe("a program is refused", () => {
  const rollouts = Replay.layerRollout({ capacity: 16 })
  const uniform = Replay.layerUniform({ capacity: 100 })
  const refused = <R>(
    learner: Learner.Learner<R>,
    options: Parameters<typeof Training.make>[1],
    services: Layer.Layer<Replay.Replay | Exploration.Exploration>
  ) =>
    Effect.flip(Training.make(learner, options)).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(services, worlds, engine))
    )

  it.effect.each([
    {
      options: { warmup: 10 },
      said: /training.warmup: expected 0: A2C learns from actions of its own only, got 10/
    },
    { options: { learningStarts: 10 }, said: /training.learningStarts: expected 0/ },
    { options: { updateEvery: 2 }, said: /training.updateEvery: expected 1/ },
    { options: { updatesPerRound: 2 }, said: /training.updatesPerRound: expected 1/ }
  ])("that asks of an on-policy learner for $options", ({ options, said }) =>
    Effect.gen(function* () {
      const error = yield* refused(A2c.make(), options, Layer.mergeAll(rollouts, Exploration.layerNone))
      assert.strictEqual(error._tag, "ConfigError")
      assert.match(error.message, said)
    })
  )

  it.effect.each([
    Exploration.layerGaussian({ sigma: 0.1 }),
    Exploration.layerParameterNoise(),
    Exploration.layerNone.pipe(Exploration.mixture(0.1))
  ])("that lets it explore by other actions than its own", (exploration) =>
    Effect.gen(function* () {
      const error = yield* refused(ActorCritic.make(), {}, Layer.mergeAll(rollouts, exploration))
      assert.match(error.message, /exploration: expected none: actor-critic/)
    })
  )

  it.effect("that pairs learners and replays of two kinds", () =>
    Effect.gen(function* () {
      const ddpg = Algorithm.learner(Ddpg.make({ hidden: [4] }))
      const options = { batchSize: 16 }
      const off = yield* refused(ddpg, options, Layer.mergeAll(rollouts, Exploration.layerNone))
      assert.match(off.message, /gives whole rollouts, and DDPG learns from single transitions/)
      const on = yield* refused(A2c.make(), {}, Layer.mergeAll(uniform, Exploration.layerNone))
      assert.match(on.message, /mask, which the replay "uniform" does not give/)
    })
  )
})
