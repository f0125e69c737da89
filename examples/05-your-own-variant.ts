/** A variant of your own, outside the library: TD3 whose actor also pays for large actions. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg, delayedPolicy, targetPolicySmoothing, twinCritics } from "@ornstein/algos"
import { Engine, Environment, Evaluation, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { WasmEngine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { Console, Effect, Layer, Stream } from "effect"

/** Replaces `actorLoss` by what it was, plus `weight mean mu(s)^2`. */
const smallActions = (weight: number) =>
  Algorithm.variant("smallActions", ({ actorLoss }) => ({
    actorLoss: (m, c, actor) => {
      const action = m.policy(actor, c.s)
      return tf.add(actorLoss(m, c, actor), tf.mul(tf.mean(tf.square(action)), weight))
    }
  }))

const algorithm = Ddpg.make({ hidden: [64, 64], gamma: 0.98, tau: 0.02 }).pipe(
  twinCritics,
  targetPolicySmoothing(),
  delayedPolicy(),
  smallActions(0.05)
)

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 100_000 }),
  Engine.layer(WasmEngine.make())
)

const program = Effect.gen(function* () {
  const run = yield* Training.make(Algorithm.learner(algorithm), { seed: 7, steps: 10_000 })
  yield* Stream.runDrain(run.stream)
  const { mean, std } = yield* Evaluation.run(run.environment, run.policy, { episodes: 100, seed: 0 })
  yield* Console.log(`without noise, over 100 episodes: ${mean.toFixed(1)} ± ${std.toFixed(1)}`)
})

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
