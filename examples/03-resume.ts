/** A run that is stopped in the middle and continued is the run that never stopped: the same bits. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { Console, Effect, Layer, Stream } from "effect"

const learner = Algorithm.learner(Ddpg.make({ hidden: [32, 32] }))

const services = () =>
  Layer.mergeAll(
    Environment.layerContinuous(Pendulum.make()),
    Exploration.layerOrnsteinUhlenbeck({ sigma: 0.2, theta: 0.15 }),
    Replay.layerUniform({ capacity: 100_000 }),
    Engine.layerAuto()
  )

/** Trains up to a step, from the beginning or from what an earlier run left. */
const trainTo = (steps: number, from?: Training.Saved) =>
  Effect.gen(function* () {
    const run = yield* Training.make(learner, { seed: 7, steps }, from)
    yield* Stream.runDrain(run.stream)
    return yield* run.saved
  }).pipe(Effect.scoped, Effect.provide(services(), { local: true }))

const program = Effect.gen(function* () {
  const whole = yield* trainTo(3000)
  const half = yield* trainTo(1234)
  const continued = yield* trainTo(3000, half)
  yield* Console.log(`never stopped:   ${Training.hash(whole)}`)
  yield* Console.log(`stopped at ${half.state.step}: ${Training.hash(continued)}`)
})

NodeRuntime.runMain(program)
