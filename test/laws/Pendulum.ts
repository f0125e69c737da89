/** A small run on Pendulum that the laws are tested with, and the services it is made of. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, type Learner, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import type * as Jit from "@ornstein/jit/Engine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect, Layer, Stream } from "effect"

export const learner = Algorithm.learner(Ddpg.make({ hidden: [16, 16] }))

export const options = { seed: 3, steps: 600, warmup: 50, learningStarts: 60, batchSize: 16, sliceSteps: 100 }

/** The services of one run: made anew for each, so that runs share nothing. */
export const services = (engine: Jit.Engine) =>
  Layer.mergeAll(
    Environment.layerContinuous(Pendulum.make()),
    Exploration.layerOrnsteinUhlenbeck({ sigma: 0.2, theta: 0.15 }),
    Replay.layerUniform({ capacity: 300 }),
    Engine.layerOf(engine)
  )

/** Trains to the end, from the beginning or from what an earlier run left. */
export const train = (
  changes: Partial<typeof options & { readonly episodes: number }> = {},
  from?: Training.Saved,
  engine: Jit.Engine = WasmEngine.make(),
  trained: Learner.Learner<Environment.Continuous> = learner
) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(trained, { ...options, ...changes }, from)
    const reports = yield* Stream.runCollect(trainer.stream)
    const saved = yield* trainer.saved
    return { reports, saved, parameters: trainer.agent.hash(), state: Training.hash(saved) }
  }).pipe(
    Effect.scoped,
    Effect.provideService(Engine.IsChecked, true),
    Effect.provide(services(engine), { local: true })
  )
