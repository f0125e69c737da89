import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { CheckpointDirectory, CheckpointStore, Training } from "@ornstein/core"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, FileSystem, Stream } from "effect"

const training = {
  steps: 500,
  warmup: 50,
  learningStarts: 60,
  batchSize: 16,
  sliceSteps: 100,
  normalize: { rewards: true }
}
const pendulum = {
  environment: { kind: "pendulum" },
  algorithm: { base: "ddpg", hidden: [8, 8] },
  training
} satisfies Experiment.Input

/** Parts of a run that remember something of their own. */
const experiments: { readonly [name: string]: Experiment.Input } = {
  "noise on parameters": { ...pendulum, exploration: { kind: "parameterNoise" } },
  "compact storage, steps in flight": {
    ...pendulum,
    exploration: { kind: "ornsteinUhlenbeck", sigma: 0.2, theta: 0.1 },
    replay: { kind: "uniform", capacity: 300, nStep: 3, compact: true }
  },
  "draws without replacement": {
    ...pendulum,
    replay: { kind: "uniform", capacity: 300, replacement: false }
  },
  "priorities of a categorical critic": {
    ...pendulum,
    algorithm: { base: "d4pg", hidden: [8, 8] },
    replay: { kind: "prioritized", capacity: 300, nStep: 2 }
  },
  hindsight: {
    ...pendulum,
    environment: { kind: "pointReach", goalConditioned: true },
    replay: { kind: "hindsight", capacity: 300 }
  },
  "numbers that move": {
    ...pendulum,
    algorithm: {
      base: "ddpg",
      hidden: [8, 8],
      actorLearningRate: {
        kind: "warmup",
        steps: 150,
        to: { kind: "cosine", from: 1e-3, to: 0, steps: 200 },
        per: "update"
      },
      criticLearningRate: { kind: "cosine", from: 2e-3, to: 0, steps: 450 },
      tau: { kind: "sequence", parts: [{ ramp: 0.1, steps: 255 }], last: 0.01 }
    }
  },
  rollouts: {
    environment: { kind: "cartPole" },
    algorithm: { base: "a2c", hidden: [8] },
    exploration: { kind: "none" },
    replay: { kind: "rollout", capacity: 1 },
    training: { ...training, warmup: 0, learningStarts: 0, batchSize: 1 }
  }
}

describe("a run that goes on from a checkpoint, before the first step or inside a slice, is the run that never stopped", () => {
  it.live.each(Object.entries(experiments))("%s", ([, experiment]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "ornstein-resume-" })
      const config = yield* Effect.fromResult(Experiment.decode(experiment))
      const train = (steps: number, from?: Training.Saved) =>
        Effect.gen(function* () {
          const learner = yield* Experiment.learner(config)
          const trainer = yield* Training.make(
            learner,
            { ...config.training, steps: Math.max(1, steps) },
            from
          )
          const reports = steps === 0 ? [] : yield* Stream.runCollect(trainer.stream)
          const identity = { config: {}, configHash: "", versions: {} }
          const store = yield* CheckpointStore.make(directory, { keep: 1, identity })
          yield* store.save(trainer)
          yield* store.finished
          return { hash: Training.hash(yield* trainer.saved), last: reports.at(-1)?.metrics }
        }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))
      const whole = yield* train(500)
      for (const step of [0, 255]) {
        yield* fs.remove(directory, { recursive: true })
        yield* train(step)
        const { found } = yield* CheckpointDirectory.latest(directory)
        assert.strictEqual(found.manifest.step, step)
        assert.deepStrictEqual(yield* train(500, found.saved), whole)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
