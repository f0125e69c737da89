/**
 * Notebook 000 as it is written: the actor is fitted to the critic's value, `actor.fit(state, critic(state, actor(state)))`,
 * where it should climb it. A value is some hundreds below 0 and an action at least -1: the actor learns to push one way.
 *
 * ```sh
 * npm run notebook:1:as-written
 * ```
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Evaluation, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"
import * as Table from "./Table.ts"

/** `mean (mu(s) - Q(s, mu(s)))^2`, the value taken as a constant. */
const fittedToValue = Algorithm.variant("fittedToValue", () => ({
  actorLoss: (m, c, actor) => {
    const value = m.value(c.online.critics, c.s, m.policy(c.online.actor, c.s))
    return tf.mean(tf.square(tf.sub(m.policy(actor, c.s), tf.expandDims(value, 1))))
  }
}))

const ddpg = Ddpg.make({ gamma: 0.95, tau: 0.01, hidden: [128], initial: "glorot", smallFinal: false })

const EPISODE = 200
const [steps = String(180 * EPISODE), out = "runs/notebook-000-as-written"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const table = yield* Table.make(`${out}/run0`, "evaluations")
  const run = yield* Training.make(Algorithm.learner(ddpg.pipe(fittedToValue)), {
    seed: 0,
    steps: Number(steps),
    warmup: 0,
    learningStarts: 32,
    batchSize: 32,
    sliceSteps: 20 * EPISODE
  })
  yield* Stream.runForEach(
    run.stream,
    Effect.fn(function* ({ step }) {
      const { mean, std } = yield* Evaluation.run(run.environment, run.policy, { episodes: 100, seed: 1 })
      const episode = step / EPISODE - 1
      const line = `Episode ${episode}# , Reward${mean.toFixed(1)} ± ${std.toFixed(1)}`
      yield* table.add({ episode, mean, std }, line)
    })
  )
})

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make()),
  Exploration.layerOrnsteinUhlenbeck({
    theta: 0.15,
    sigma: { kind: "linear", from: 0.3, to: 0.05, steps: 36_000 }
  }),
  Replay.layerUniform({ capacity: 10_000 }),
  Engine.layerAuto()
)

program.pipe(Effect.scoped, Effect.provide(Layer.merge(services, NodeServices.layer)), NodeRuntime.runMain)
