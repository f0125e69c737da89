import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Key, ParameterNoise, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"

const delta = 0.3

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make({ timeLimit: 50 })),
  Exploration.layerParameterNoise({ delta, every: 2, factor: 1.05, initialSigma: 0.01 }),
  Replay.layerUniform({ capacity: 500 }),
  Engine.layerOf(WasmEngine.make({ threads: 1 }))
)

const observation = Float32Array.of(0.6, 0.8, -1)

const acted = (act: Training.Trainer["agent"]["act"]): number => {
  const action = new Float32Array(1)
  act(observation, undefined, action)
  return action[0]!
}

describe("noise on parameters", () => {
  it("grows while actions move too little, shrinks while they move too much", () => {
    const noise = ParameterNoise.scale(ParameterNoise.Options.make({ delta: 0.2, initialSigma: 0.1 }))
    noise.adapt(0.19)
    assert.strictEqual(noise.sigma(), 0.1 * 1.01)
    noise.adapt(0.2)
    assert.closeTo(noise.sigma(), 0.1, 1e-15)
    noise.adapt(0)
    const other = ParameterNoise.scale(ParameterNoise.Options.make({}))
    other.restore(noise.snapshot())
    assert.strictEqual(other.sigma(), noise.sigma())
  })

  it.effect("comes to the deviation of actions that was asked for", () =>
    Effect.gen(function* () {
      const learner = Algorithm.learner(Ddpg.make({ hidden: [16, 16], layerNorm: true }))
      const options = { seed: 1, steps: 500, warmup: 50, learningStarts: 50, batchSize: 16 }
      const trainer = yield* Training.make(learner, options)
      const reports = yield* Stream.runCollect(trainer.stream)
      const sigma = reports.at(-1)?.exploration ?? 0
      assert.isAbove(sigma, 0.05)
      const perturbed = ParameterNoise.perturbed(trainer.agent)
      const distances = Array.from({ length: 20 }, (_, i) =>
        perturbed.distance(Key.make(i), sigma, trainer.replay)
      )
      const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length
      assert.isAbove(mean, delta / 2)
      assert.isBelow(mean, delta * 2)
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.effect("stays until it is drawn anew, and leaves the policy alone", () =>
    Effect.gen(function* () {
      const learner = Algorithm.learner(Ddpg.make({ hidden: [16, 16] }))
      const { agent } = yield* Training.make(learner, { steps: 1 })
      const perturbed = ParameterNoise.perturbed(agent)
      const policy = acted(agent.act)
      perturbed.perturb(Key.make(1), 0.3)
      const first = acted(perturbed.act)
      assert.notStrictEqual(first, policy)
      assert.strictEqual(acted(perturbed.act), first)
      perturbed.perturb(Key.make(2), 0.3)
      assert.notStrictEqual(acted(perturbed.act), first)
      perturbed.perturb(Key.make(1), 0.3)
      assert.strictEqual(acted(perturbed.act), first)
      perturbed.perturb(Key.make(1), 0)
      assert.strictEqual(acted(perturbed.act), policy)
      assert.strictEqual(acted(agent.act), policy)
    }).pipe(Effect.scoped, Effect.provide(services))
  )
})
