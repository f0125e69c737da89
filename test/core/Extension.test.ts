/** What an exploration may keep and compute beside a learner, by another one than noise on parameters. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Extension, type Learner, Replay, Training } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { NdArray } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"

const visits = (state: Learner.State<tf.Tensor>): tf.Tensor => {
  const found = Extension.get(state, "visits")["steps"]?.["count"]
  if (found === undefined) throw new TypeError("no visits are counted")
  return found
}

/** Counts the steps of an episode in the learner's memory, and pushes actions up, further with each. */
const pushing: Layer.Layer<Exploration.Exploration> = Layer.succeed(Exploration.Exploration, {
  name: "pushing",
  extension: {
    state: () => ({ visits: { steps: { count: NdArray.scalar(0) } } }),
    programs: () => ({
      count: {
        inputs: {},
        fn: (state) => {
          const count = tf.add(visits(state), 1)
          return [Extension.put(state, "visits", { steps: { count } }), { count }]
        }
      },
      forget: {
        inputs: {},
        fn: (state) => [Extension.put(state, "visits", { steps: { count: tf.scalar(0) } }), {}]
      }
    })
  },
  make: () => ({
    perturb: () => {},
    reset: () => {},
    attach: (agent) => {
      const [count, forget] = [agent.program("count"), agent.program("forget")]
      return {
        act: (observation, step, action) => {
          agent.act(observation, step, action)
          count.run()
          action[0] = Math.min(1, count.outputs["count"]!.data[0]! / 100)
        },
        begin: () => forget.run()
      }
    },
    scale: () => 0,
    snapshot: () => null,
    restore: () => {}
  })
})

const services = Layer.mergeAll(
  Environment.layerContinuous(Pendulum.make({ timeLimit: 30 })),
  pushing,
  Replay.layerUniform({ capacity: 500 }),
  Engine.layerOf(WasmEngine.make({ threads: 1 }))
)

const learner = Algorithm.learner(Ddpg.make({ hidden: [8] }))

const train = (steps: number, from?: Training.Saved) =>
  Effect.gen(function* () {
    const options = { seed: 1, steps, warmup: 0, learningStarts: 10, batchSize: 8 }
    const trainer = yield* Training.make(learner, options, from)
    yield* Stream.runDrain(trainer.stream)
    return yield* trainer.saved
  }).pipe(Effect.scoped, Effect.provide(services, { local: true }))

describe("an extension", () => {
  it.effect("has numbers in the learner's memory and in its snapshots, and programs that change them", () =>
    Effect.gen(function* () {
      const whole = yield* train(75)
      assert.deepStrictEqual(
        Array.from(whole.rows["action"]!),
        Array.from({ length: 75 }, (_, t) => Math.fround((1 + (t % 30)) / 100))
      )
      const part = yield* train(47)
      const agent = Object(part.state.agent)
      assert.deepStrictEqual(agent["extension.visits.steps.count"], Float32Array.of(17))
      assert.strictEqual(Training.hash(yield* train(75, part)), Training.hash(whole))
    })
  )
})
