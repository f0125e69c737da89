/** A whole run of prioritized replay against the golden one: stores, draws by given uniforms, priorities written back. */
import { Key, Replay, Snapshot } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import * as Golden from "../algos/Golden.ts"

/** The uniforms of the draw at hand, by row. */
const uniforms = vi.hoisted((): { current: ReadonlyArray<number> } => ({ current: [] }))

vi.mock(import("@ornstein/core/Key"), async (actual) => ({
  ...(await actual()),
  uniform: (_key, index) => uniforms.current[index ?? 0] ?? Number.NaN
}))

const { cases, hyper } = Golden.read("prioritizedLoop", "prioritized-loop")
const { alpha, batch_size: rows, beta, capacity, epsilon } = hyper
// Of the file's two readings ours is the first: a new transition gets the largest priority ever written.
const { events, expected } = cases.find(({ new_priority }) => new_priority === "largest ever written")!

describe("prioritized replay over a whole run", () => {
  it.effect("draws the golden slots with the golden weights, and writes the golden priorities", () =>
    Effect.gen(function* () {
      const replay = yield* (yield* Replay.Replay).make({ observation: 1, action: 1 })
      const batch = {
        observation: NdArray.zeros([rows, 1]),
        action: NdArray.zeros([rows, 1]),
        reward: NdArray.zeros([rows]),
        discount: NdArray.zeros([rows]),
        nextObservation: NdArray.zeros([rows, 1]),
        weight: NdArray.zeros([rows])
      }
      /** p^alpha of the transitions that are there, the oldest first. */
      const weights = (): Float64Array =>
        Snapshot.getFloat64(Snapshot.get(replay.snapshot(), "sampler"), "weights")
      let stored = 0
      events.forEach((event, k) => {
        const at = `event ${k}`
        const told = expected.events[k]!
        if (event.kind === "store") {
          assert.strictEqual(stored % capacity, told.slot, at)
          replay.store({
            observation: Float32Array.of(stored),
            action: Float32Array.of(0),
            reward: 0,
            nextObservation: Float32Array.of(stored + 1),
            terminated: false,
            truncated: false
          })
          stored += 1
        } else {
          uniforms.current = event.uniforms
          replay.sample(Key.make(0), batch)
          const slots = Array.from(batch.observation.data, (n) => n % capacity)
          assert.deepStrictEqual(slots, told.slots, at)
          Golden.near(batch.weight.data, told.weights!, 5e-6, `${at} weights`)
          replay.prioritize!(Float32Array.from(event.errors))
        }
        Golden.near([weights().reduce((sum, w) => sum + w, 0)], told.tree_sum, 5e-6, `${at} sum`)
      })
      assert.isAbove(stored, capacity)
      const oldest = stored % capacity
      const bySlot = expected.final_priorities.map(
        (_, i) => expected.final_priorities[(oldest + i) % capacity]!
      )
      Golden.near(
        weights(),
        bySlot.map((p) => p ** alpha),
        5e-6,
        "priorities"
      )
    }).pipe(
      Effect.provide(
        Replay.layerPrioritized({
          capacity,
          alpha,
          epsilon,
          beta: {
            kind: "linear",
            from: beta.start,
            to: beta.end,
            steps: beta.over_stored_transitions
          }
        })
      )
    )
  )
})
