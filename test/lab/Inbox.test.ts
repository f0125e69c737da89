/** The queue of a listener: what it counts, and when it is idle. */
import { assert, describe, it } from "@effect/vitest"
import * as Event from "@ornstein/lab/Event"
import * as Inbox from "@ornstein/lab/internal/events/Inbox"
import { Effect, Fiber } from "effect"

const notes = ["a", "b", "c"].map(Event.note)

describe("an inbox", () => {
  it.effect("tells of each event that was left out once", () =>
    Effect.gen(function* () {
      const inbox = Inbox.make(1)
      const [a, b, c] = notes
      for (const event of [a, b]) inbox.offer(event!)
      assert.deepStrictEqual(yield* inbox.take, { _tag: "Missed", count: 1 })
      inbox.offer(c!)
      assert.deepStrictEqual(yield* inbox.take, { _tag: "Missed", count: 1 })
      assert.deepStrictEqual(yield* inbox.take, c)
      assert.strictEqual(inbox.missed(), 2)
    })
  )

  it.effect("that is closed has missed what was in it, and what comes", () =>
    Effect.gen(function* () {
      const inbox = Inbox.make(3)
      for (const event of notes) inbox.offer(event)
      yield* inbox.close
      assert.deepStrictEqual([inbox.missed(), inbox.size(), inbox.isClosed()], [3, 0, true])
      inbox.offer(notes[0]!)
      assert.deepStrictEqual([inbox.missed(), inbox.size()], [4, 0])
    })
  )

  it.effect("is idle once the next event is asked for, not while the last one is heard", () =>
    Effect.gen(function* () {
      const inbox = Inbox.make(3)
      yield* inbox.idle
      inbox.offer(notes[0]!)
      yield* inbox.take
      const idle = yield* Effect.forkChild(inbox.idle, { startImmediately: true })
      assert.isUndefined(idle.pollUnsafe())
      const next = yield* Effect.forkChild(inbox.take, { startImmediately: true })
      yield* Fiber.join(idle)
      inbox.offer(notes[1]!)
      assert.deepStrictEqual(yield* Fiber.join(next), notes[1])
    })
  )
})
