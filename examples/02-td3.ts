/** TD3 is DDPG with three adjectives, in the order of the paper's sections. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg, delayedPolicy, targetPolicySmoothing, twinCritics } from "@ornstein/algos"
import { Engine, Environment, Evaluation, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { Console, Effect, Layer, Stream } from "effect"

const td3 = Ddpg.make({ hidden: [64, 64], gamma: 0.98 }).pipe(
  twinCritics,
  targetPolicySmoothing({ sigma: 0.2, clip: 0.5 }),
  delayedPolicy()
)

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 100_000 }),
  Engine.layerAuto()
)

const program = Effect.gen(function* () {
  const run = yield* Training.make(Algorithm.learner(td3), { seed: 7, steps: 8000 })
  yield* Stream.runDrain(run.stream)
  const { mean, std } = yield* Evaluation.run(run.environment, run.policy, { episodes: 100, seed: 0 })
  yield* Console.log(`without noise, over 100 episodes: ${mean.toFixed(1)} ± ${std.toFixed(1)}`)
})

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
