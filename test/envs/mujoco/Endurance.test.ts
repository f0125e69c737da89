/** Memory over thousands of instances and 100,000 steps. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Physics from "@ornstein/envs/internal/mujoco/Physics"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Walk from "./Walk.ts"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** Bytes that MuJoCo holds. */
const held = Effect.scoped(Effect.map(Physics.make("<mujoco/>"), ({ now }) => now().qpos.buffer.byteLength))

/** Bytes of JavaScript that are still reachable. */
const reachable = (): number => {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

it.effect("a thousand instances, one after the other, leave nothing behind", () =>
  Effect.gen(function* () {
    const lives = yield* Effect.forEach(Walk.ids, (id) =>
      Effect.map(Registry.find(id), ({ environment }) =>
        Effect.scoped(
          Effect.flatMap(environment.make, (world) =>
            Environment.attempt(() => Walk.walk(world, environment.spec, 0, 2))
          )
        )
      )
    )
    const all = Effect.forEach(lives, (live) => live, { discard: true })
    yield* Effect.repeat(all, { times: 10 })
    const [before, ours] = [yield* held, reachable()]
    yield* Effect.repeat(all, { times: Math.ceil(1000 / lives.length) })
    assert.strictEqual(yield* held, before)
    assert.isBelow(reachable() - ours, 2_000_000)
  })
)

describe("100,000 steps with contacts keep memory where it was", () => {
  it.effect.each(["Ant-v5", "HalfCheetah-v5", "Hopper-v5"].map((id) => ({ id })))("$id", ({ id }) =>
    Effect.gen(function* () {
      const { environment } = yield* Registry.find(id)
      const world = yield* environment.make
      yield* Environment.attempt(() => Walk.walk(world, environment.spec, 0, 5000))
      const [before, ours] = [yield* held, reachable()]
      yield* Environment.attempt(() => Walk.walk(world, environment.spec, 5000, 100_000))
      assert.strictEqual(yield* held, before)
      assert.isBelow(reachable() - ours, 2_000_000)
    })
  )
})
