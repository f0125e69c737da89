/** What must not compile. `tsc` checks this file: an error that does not come is an error. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { CartPole, Pendulum } from "@ornstein/envs"
import { TfjsEngine } from "@ornstein/jit"
import { Effect, Layer, Stream } from "effect"

const run = Training.stream(Algorithm.learner(Ddpg.make()), { steps: 1 }).pipe(Stream.runDrain)

const rest = Layer.mergeAll(
  Exploration.layerGaussian({ sigma: 0.1 }),
  Replay.layerUniform({ capacity: 1000 }),
  Engine.layerOf(TfjsEngine.cpu())
)

const isComplete = (effect: Effect.Effect<void, Training.TrainError>) => effect

export const complete = isComplete(
  Effect.provide(run, Layer.merge(rest, Environment.layerContinuous(Pendulum.make())))
)

/** A deterministic policy cannot act in a discrete space: its environment is still missing. */
export const discrete = isComplete(
  // @ts-expect-error Environment.Continuous is not provided
  Effect.provide(run, Layer.merge(rest, Environment.layerDiscrete(CartPole.make())))
)

// @ts-expect-error CartPole's actions are no box
export const mislabelled = Environment.layerContinuous(CartPole.make())

/** Forgetting a service. */
export const forgotten = isComplete(
  // @ts-expect-error Replay, Exploration and Engine are not provided
  Effect.provide(run, Environment.layerContinuous(Pendulum.make()))
)
