/** The laws of training on worlds whose state lies in a library's memory: HalfCheetah, and Ant with its episodes of any length. */
import { Training } from "@ornstein/core"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "../lab/Terminal.ts"

const training = { steps: 400, warmup: 60, learningStarts: 80, batchSize: 16, sliceSteps: 100 }

const experiments = {
  halfCheetah: { kind: "halfCheetah", timeLimit: 130 },
  ant: { kind: "ant", healthyZRange: [0.4, 1], timeLimit: 130 }
}

const train = Effect.fnUntraced(function* (
  name: keyof typeof experiments,
  { steps = training.steps, ...changes }: Partial<typeof training> & { readonly lanes?: number } = {},
  from?: Training.Saved
) {
  const config = yield* Effect.fromResult(
    Experiment.decode({
      environment: experiments[name],
      algorithm: { base: "td3", hidden: [16, 16] },
      replay: { kind: "uniform", capacity: 300 },
      training: { ...training, ...changes }
    })
  )
  return yield* Effect.gen(function* () {
    const trainer = yield* Training.make(
      yield* Experiment.learner(config),
      { ...config.training, steps },
      from
    )
    const reports = yield* Stream.runCollect(trainer.stream)
    const saved = yield* trainer.saved
    return { episodes: reports.flatMap(({ episodes }) => episodes), saved, state: Training.hash(saved) }
  }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))
})

const codec = Schema.fromJsonString(Schema.toCodecJson(Training.TrainState))

describe.each(["halfCheetah", "ant"] as const)("td3 on %s", (name) => {
  it.effect("one seed gives one result, in slices of any length", () =>
    Effect.gen(function* () {
      const whole = yield* train(name)
      assert.isAtLeast(whole.episodes.length, 2)
      for (const sliceSteps of [1, 37]) {
        const sliced = yield* train(name, { sliceSteps })
        assert.strictEqual(sliced.state, whole.state, `slices of ${sliceSteps}`)
        assert.deepStrictEqual(sliced.episodes, whole.episodes)
      }
    })
  )

  it.effect("a run resumed in the middle of an episode, from JSON, is the run that never stopped", () =>
    Effect.gen(function* () {
      for (const lanes of [1, 3]) {
        const whole = yield* train(name, { lanes })
        for (const steps of [50, 201]) {
          const { episodes, saved } = yield* train(name, { lanes, steps })
          const text = yield* Schema.encodeEffect(codec)(saved.state)
          const state = yield* Schema.decodeEffect(codec)(text)
          const rest = yield* train(name, { lanes }, { ...saved, state })
          assert.strictEqual(rest.state, whole.state, `${lanes} lanes, resumed at ${steps}`)
          assert.deepStrictEqual([...episodes, ...rest.episodes], whole.episodes)
        }
      }
    })
  )
})

it.live("a run is verified with the release that computed its world, and refused with another", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Terminal.directory
      const run = join(folder, "run")
      const config = {
        environment: experiments.halfCheetah,
        algorithm: { base: "td3", hidden: [16, 16] },
        training
      }
      writeFileSync(join(folder, "config.json"), JSON.stringify(config))
      const trained = yield* Terminal.ornstein("train", "--config", join(folder, "config.json"), "--out", run)
      assert.strictEqual(trained.code, 0, trained.err.join("\n"))
      assert.strictEqual((yield* Terminal.ornstein("verify", run)).code, 0)
      const record = join(run, "run.json")
      const text = readFileSync(record, "utf8")
      assert.include(text, `"mujoco": "3.14.0"`)
      writeFileSync(record, text.replace(`"mujoco": "3.14.0"`, `"mujoco": "3.13.0"`))
      const { code, err } = yield* Terminal.ornstein("verify", run)
      assert.strictEqual(code, 2)
      assert.include(err.join("\n"), `computed by another release: mujoco: "3.13.0" became "3.14.0"`)
    })
  )
)
