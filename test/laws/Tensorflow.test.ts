import { assert, describe, it } from "@effect/vitest"
import * as Engine from "@ornstein/core/Engine"
import { Effect } from "effect"
import { onTensorflow } from "../engines.ts"
import { train } from "./Pendulum.ts"

onTensorflow("the laws of training", (engine) => {
  it.effect("one seed gives one result, and another seed another", () =>
    Effect.gen(function* () {
      const first = yield* train({}, undefined, engine())
      const second = yield* train({}, undefined, engine())
      const other = yield* train({ seed: 4 }, undefined, engine())
      assert.strictEqual(second.state, first.state)
      assert.notStrictEqual(other.state, first.state)
    })
  )

  it.effect.each([7, 1000])("slices of %i steps change nothing", (sliceSteps) =>
    Effect.gen(function* () {
      const whole = yield* train({}, undefined, engine())
      const sliced = yield* train({ sliceSteps }, undefined, engine())
      assert.strictEqual(sliced.state, whole.state)
    })
  )

  it.effect.each([30, 255])("a run resumed at step %i is the run that never stopped", (steps) =>
    Effect.gen(function* () {
      const whole = yield* train({}, undefined, engine())
      const { saved } = yield* train({ steps }, undefined, engine())
      assert.strictEqual((yield* train({}, saved, engine())).state, whole.state)
    })
  )
})

describe("the layer of the engine tensorflow", () => {
  it.effect("refuses a device that is not there, before anything runs", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.provide(Engine.Engine, Engine.layerTensorflow({ device: "gpu", threads: 0 }))
      )
      assert.strictEqual(error._tag, "ConfigError")
      assert.match(error.message, /^options of tensorflow: threads: expected .*, got 0$/)
    })
  )
})
