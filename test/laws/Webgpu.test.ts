import { assert, it } from "@effect/vitest"
import * as Engine from "@ornstein/core/Engine"
import { Effect } from "effect"
import { onWebgpu } from "../webgpu.ts"
import { train } from "./Pendulum.ts"

// In software an update takes a tenth of a second.
const short = { steps: 72, warmup: 55, learningStarts: 60, sliceSteps: 10 }

onWebgpu("the laws of training", (engine) => {
  it.effect("one seed gives one result, also when it is sliced, and when it stops and goes on", () =>
    Effect.gen(function* () {
      const whole = yield* train(short, undefined, engine())
      const { saved } = yield* train({ ...short, steps: 66, sliceSteps: 7 }, undefined, engine())
      const resumed = yield* train({ ...short, sliceSteps: 7 }, saved, engine())
      assert.strictEqual(resumed.state, whole.state)
      assert.strictEqual(engine().memory().tensors, 0)
    })
  )
})

it.effect("a layer gives hardware or says why not", () =>
  Effect.gen(function* () {
    const name = yield* Effect.map(Engine.Engine, ({ name }) => name).pipe(
      Effect.provide(Engine.layerWebgpu()),
      Effect.catchTag("EngineError", ({ fix, what: reason }) => {
        assert.notStrictEqual(fix, "")
        return Effect.succeed(reason)
      })
    )
    assert.match(name, /^tfjs:webgpu(?!:software)|not installed|no build|does not load|adapter/)
  })
)
