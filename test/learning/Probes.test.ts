/** Every algorithm solves every world that has only one difficulty. */
import {
  A2c,
  ActorCritic,
  Algorithm,
  categoricalCritic,
  Ddpg,
  delayedPolicy,
  huber,
  layerNorm,
  quantileCritic,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import { Engine, Environment, Exploration, Network, Replay, Snapshot, Training } from "@ornstein/core"
import { Probe } from "@ornstein/envs"
import { NdArray, Tree } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"

const gamma = 0.9

const options = { gamma, hidden: [24, 24], actorLearningRate: 3e-3, criticLearningRate: 3e-3 } as const

const ddpg = Ddpg.make({ ...options, tau: 0.05 })

/** Values from -2 to 12: the largest, of the world without end, is 10. */
const atoms = categoricalCritic({ minimum: -2, maximum: 12, atoms: 29 })

/** So little entropy that it does not show in the values. */
const cool = softActor({ initialLogTemperature: -5, temperatureLearningRate: 0 })

const algorithms = {
  ddpg,
  td3: ddpg.pipe(twinCritics, targetPolicySmoothing({ sigma: 0.1, clip: 0.2 }), delayedPolicy()),
  d4pg: ddpg.pipe(atoms),
  sac: ddpg.pipe(cool, twinCritics),
  tqc: ddpg.pipe(cool, quantileCritic({ count: 2, quantiles: 5, dropped: 1 })),
  "ddpg with Huber loss, layer normalisation and copied targets": Ddpg.make(options).pipe(
    huber(),
    layerNorm,
    targetUpdate({ rule: "hard", every: 20 })
  )
}

const services = Layer.mergeAll(
  Engine.layerOf(WasmEngine.make({ threads: 1 })),
  Exploration.layerGaussian({ sigma: 0.3 }),
  Replay.layerUniform({ capacity: 2000 })
)

/** Q(s, mu(s)) and mu(s) of what was trained. */
const judge = (algorithm: Algorithm.Algorithm, trainer: Training.Trainer, observation: number) => {
  const sizes = { observation: 1, action: 1, batch: 1 }
  const saved = trainer.agent.snapshot()
  const state = Tree.map(
    Algorithm.learner(algorithm).plan(sizes).init({ high: 0, low: 0 }),
    NdArray.isNdArray,
    ({ shape }, path) => tf.tensor(Snapshot.getFloat32(saved, path), [...shape])
  )
  const m = Algorithm.bind(algorithm, sizes)
  const s = tf.tensor2d([[observation]])
  const a = m.policy(Network.weights(state.online["actor"] ?? {}), s)
  const value = m.value(Network.weights(state.online["critic"] ?? {}), s, a)
  return { action: a.dataSync()[0]!, value: value.dataSync()[0]! }
}

const worlds = Probe.World.literals.map((world) => ({ world }))

describe.each(Object.entries(algorithms))("%s", (_name, algorithm) => {
  it.effect.each(worlds)("$world", ({ world }) =>
    Effect.gen(function* () {
      const options = { seed: 1, steps: 2500, warmup: 500, learningStarts: 100, batchSize: 32 }
      const trainer = yield* Training.make(Algorithm.learner(algorithm), options)
      yield* Stream.runDrain(trainer.stream)
      const observations = { observation: [-1, 1], observationAction: [-1, 1], delayed: [0, 1] }
      for (const observation of Object.entries(observations).find(([name]) => name === world)?.[1] ?? [0]) {
        const optimum = Probe.optimum(world, gamma, observation)
        const { action, value } = judge(algorithm, trainer, observation)
        const label = `at ${observation}: action ${action}, value ${value}`
        assert.closeTo(value, optimum.value, 0.05 + 0.05 * Math.abs(optimum.value), label)
        // Every action to the left ends the dead end.
        if (world === "deadEnd") assert.isBelow(action, 0, label)
        else if (optimum.action !== undefined) assert.closeTo(action, optimum.action, 0.15, label)
      }
    }).pipe(
      Effect.scoped,
      Effect.provide([services, Environment.layerContinuous(Probe.make({ world }))], { local: true })
    )
  )
})

const onPolicy = {
  "actor-critic": {
    learner: ActorCritic.make({ gamma, hidden: [24], learningRate: 1e-2, entropy: 0.01 }),
    replay: Replay.layerRollout({ capacity: 50, normalize: false }),
    batchSize: 50
  },
  a2c: {
    learner: A2c.make({ gamma, hidden: [24], learningRate: 1e-2 }),
    replay: Replay.layerRollout({ capacity: 16, until: "full", normalize: false }),
    batchSize: 16
  }
}

describe.each(Object.entries(onPolicy))("%s", (_name, { batchSize, learner, replay }) => {
  it.effect.each([{ world: "action" }, { world: "observationAction" }, { world: "deadEnd" }] as const)(
    "$world",
    ({ world }) =>
      Effect.gen(function* () {
        const options = { seed: 1, steps: 3000, warmup: 0, learningStarts: 0, batchSize }
        const trainer = yield* Training.make(learner, options)
        yield* Stream.runDrain(trainer.stream)
        for (const observation of world === "observationAction" ? [-1, 1] : [0]) {
          const action = new Float32Array(1)
          trainer.policy(Float32Array.of(observation), action)
          const { action: best = 0 } = Probe.optimum(world, gamma, observation)
          assert.strictEqual(action[0], best > 0 ? 1 : 0, `at ${observation}`)
        }
      }).pipe(
        Effect.scoped,
        Effect.provide(
          [
            replay,
            Exploration.layerNone,
            Engine.layerOf(WasmEngine.make({ threads: 1 })),
            Environment.layerDiscrete(Probe.makeDiscrete({ world }))
          ],
          { local: true }
        )
      )
  )
})
