import { Replay } from "@ornstein/core"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"

/** Bytes of arrays that the replay takes at the start. */
const taken = (compact: boolean) =>
  Effect.gen(function* () {
    const { make } = yield* Replay.Replay
    const before = process.memoryUsage().arrayBuffers
    const replay = yield* make({ observation: 500, action: 1 })
    const bytes = process.memoryUsage().arrayBuffers - before
    assert.strictEqual(replay.size(), 0)
    return bytes
  }).pipe(Effect.provide(Replay.layerUniform({ capacity: 20_000, compact })))

it.effect("compact storage keeps each observation once", () =>
  Effect.gen(function* () {
    const once = 4 * 20_000 * 500
    const [full, compact] = [yield* taken(false), yield* taken(true)]
    assert.closeTo(full / once, 2, 0.2)
    assert.closeTo(compact / once, 1, 0.2)
  })
)
