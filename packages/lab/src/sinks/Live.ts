/**
 * What happens as a stream, for a view in the same program. A view that is slow misses reports of slices, and hears how
 * many.
 *
 * ```ts
 * const { events, sink } = yield* Live.make()
 * yield* Effect.forkScoped(Stream.runForEach(events, draw))
 * yield* Train.run(plan, { sinks: [sink] })
 * ```
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Event, Sink } from "../events/index.ts"

// models

export interface Live {
  readonly sink: Sink.Listener<Scope.Scope>
  /** From the session's first event to its last; for one reader. */
  readonly events: Stream.Stream<Event.Event>
}

// constructors

/** A view of one session, for which so many events wait at the most. */
export const make = Effect.fnUntraced(function* (options: { readonly capacity?: number } = {}) {
  const queue = yield* Queue.bounded<Event.Event, Cause.Done>(1)
  const live: Live = {
    sink: Sink.opened(
      "live",
      Effect.acquireRelease(
        Effect.succeed<Sink.Hear>((event) => Effect.asVoid(Queue.offer(queue, event))),
        () => Queue.end(queue)
      ),
      options
    ),
    events: Stream.fromQueue(queue)
  }
  return live
})
