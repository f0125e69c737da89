/** The bounded queue of a listener: putting an event in never waits, and what does not fit is counted. */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { Event } from "./Event.ts"

// models

export interface Inbox {
  /** Puts an event in; if it is full, an older one is left out. */
  readonly offer: (event: Event) => void
  /** The next event, once there is one; after a gap the size of it. */
  readonly take: Effect.Effect<Event>
  /** Waits until all is taken, and what was taken last is done with: the taker asks for the next one. */
  readonly idle: Effect.Effect<void>
  /** Nobody takes any more: what is still in it is missed, and what comes. */
  readonly close: Effect.Effect<void>
  readonly isClosed: () => boolean
  /** How many events wait. */
  readonly size: () => number
  /** How many events were left out in all. */
  readonly missed: () => number
}

// constructors

/** Which event is left out of a full queue: the oldest report of a slice, else the oldest event. */
const leastWanted = (events: ReadonlyArray<Event>): number =>
  Math.max(
    0,
    events.findIndex(({ _tag }) => _tag === "SliceEnded" || _tag === "Settled" || _tag === "Evaluating")
  )

export const make = (capacity: number): Inbox => {
  const events: Array<Event> = []
  let missed = 0
  let told = 0
  let isClosed = false
  let isIdle = true
  const some = Latch.makeUnsafe(false)
  const none = Latch.makeUnsafe(true)
  const take: Inbox["take"] = Effect.suspend(() => {
    if (missed > told) {
      const count = missed - told
      told = missed
      return Effect.succeed<Event>({ _tag: "Missed", count })
    }
    const next = events.shift()
    if (next !== undefined) return Effect.succeed(next)
    // Opening a latch runs at once what waits for it, which may put something in again.
    some.closeUnsafe()
    isIdle = true
    none.openUnsafe()
    return Effect.andThen(some.await, take)
  })
  const idle: Inbox["idle"] = Effect.suspend(() => (isIdle ? Effect.void : Effect.andThen(none.await, idle)))
  return {
    offer: (event) => {
      if (isClosed) {
        missed += 1
        return
      }
      if (events.length >= capacity) {
        events.splice(leastWanted(events), 1)
        missed += 1
      }
      events.push(event)
      isIdle = false
      none.closeUnsafe()
      some.openUnsafe()
    },
    take,
    idle,
    close: Effect.sync(() => {
      isClosed = true
      missed += events.length
      events.length = 0
      isIdle = true
      none.openUnsafe()
    }),
    isClosed: () => isClosed,
    size: () => events.length,
    missed: () => missed
  }
}
