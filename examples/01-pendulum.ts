/** DDPG learns to swing a pendulum up: the whole program, with every service that it is made of. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Ddpg } from "@ornstein/algos"
import { Algorithm, Engine, Environment, Evaluation, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { TfjsEngine } from "@ornstein/jit"
import { Console, Effect, Layer, Stream } from "effect"

const ddpg = Ddpg.make({ gamma: 0.98, hidden: [64, 64] })

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 100_000 }),
  Engine.layer(TfjsEngine.cpu())
)

const program = Effect.gen(function* () {
  const trainer = yield* Training.make(Algorithm.learner(ddpg), { seed: 7, steps: 3000 })
  yield* trainer.stream.pipe(
    Stream.runForEach(({ episodes, step }) => Console.log(step, episodes.at(-1)?.return.toFixed(1)))
  )
  const { mean, std } = yield* Evaluation.run(
    trainer.environment,
    trainer.policy,
    Evaluation.Options.make({})
  )
  yield* Console.log(`mean return over 100 episodes: ${mean.toFixed(1)} ± ${std.toFixed(1)}`)
})

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
