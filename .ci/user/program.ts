/** A program of a user of the packages, which takes from each of them and from their peers. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg, delayedPolicy, targetPolicySmoothing, twinCritics } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { RunDirectory } from "@ornstein/lab"
import * as tf from "@tensorflow/tfjs-core"
import { Console, Effect, Layer, Stream } from "effect"

const td3 = Ddpg.make({ hidden: [32, 32] }).pipe(twinCritics, targetPolicySmoothing(), delayedPolicy())

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 2000 }),
  Engine.layerWasm()
)

const program = Effect.gen(function* () {
  const run = yield* Training.make(Algorithm.learner(td3), { seed: 1, steps: 1100, sliceSteps: 550 })
  yield* Stream.runForEach(run.stream, ({ step }) => Console.log(`step ${step}`))
  const [two] = tf.mul(tf.scalar(1), 2).dataSync()
  yield* Console.log(
    `TensorFlow.js counts to ${two}; runs have ${Object.keys(RunDirectory).length} functions`
  )
})

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
