import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { Probe } from "@ornstein/envs"
import { assert, it } from "@effect/vitest"
import { WasmEngine } from "@ornstein/jit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** What DDPG does after 3,000 steps where it has seen these observations. */
const learned = Effect.fnUntraced(function* (
  world: Probe.World,
  seed: number,
  observations: ReadonlyArray<number>
) {
  const services = Layer.mergeAll(
    Environment.layerContinuous(Probe.make({ world })),
    Exploration.layerGaussian({ sigma: 0.2 }),
    Replay.layerUniform({ capacity: 10_000 }),
    Engine.layerOf(WasmEngine.make())
  )
  return yield* Effect.gen(function* () {
    const options = { seed, steps: 3000, warmup: 200, learningStarts: 200 }
    const run = yield* Training.make(Algorithm.learner(Ddpg.make({ hidden: [32, 32] })), options)
    yield* Stream.runDrain(run.stream)
    return observations.map((observation) => {
      const action = new Float32Array(1)
      run.policy(Float32Array.of(observation), action)
      return action[0]!
    })
  }).pipe(Effect.scoped, Effect.provide(services, { local: true }))
})

const cases = [
  ["action", [0]],
  ["observationAction", [-1, 1]]
] as const

it.live.each(
  cases.flatMap(([world, observations]) => [1, 2, 3].map((seed) => [world, seed, observations] as const))
)("DDPG solves the probe %s, seed %i", ([world, seed, observations]) =>
  Effect.gen(function* () {
    const actions = yield* learned(world, seed, observations)
    for (const [i, observation] of observations.entries()) {
      assert.approximately(actions[i]!, Probe.optimum(world, 0.99, observation).action!, 0.1)
    }
  })
)
