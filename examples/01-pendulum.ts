/** DDPG learns to swing a pendulum up: the whole program, with every service that it is made of. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Evaluation, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { Console, Effect, Layer, Stream } from "effect"

const ddpg = Ddpg.make({ hidden: [64, 64] })

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 100_000 }),
  Engine.layerAuto()
)

const program = Effect.gen(function* () {
  const run = yield* Training.make(Algorithm.learner(ddpg), { seed: 7, steps: 10_000, sliceSteps: 2000 })
  yield* Stream.runForEach(run.stream, ({ episodes, step }) =>
    Console.log(`step ${step}: episode return ${episodes.at(-1)?.return.toFixed(1)}`)
  )
  const { mean, std } = yield* Evaluation.run(run.environment, run.policy, { episodes: 100, seed: 0 })
  yield* Console.log(`without noise, over 100 episodes: ${mean.toFixed(1)} ± ${std.toFixed(1)}`)
})

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
