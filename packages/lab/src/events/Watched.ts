/**
 * A durable sink of the user's own, watched: what it throws, or gives that is no Effect, is an error that names it; so is an
 * event that it does not end hearing. Its own errors stay what they are. Once it has failed, it hears no more.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Words } from "../terminal/index.ts"
import * as Event from "./Event.ts"
import type * as Sink from "./Sink.ts"
import { SinkError } from "./SinkError.ts"

// pure core

/** After this long it is said what is waited for. */
const TELL = "10 seconds"

const threw = (sink: string, method: string, cause: unknown): SinkError =>
  new SinkError({
    sink,
    what: `its ${method} threw ${Words.reasonOf(cause)}`,
    fix: "Mend it, or fail with an error of its own: Effect.fail"
  })

const gave = (sink: string, method: string, made: unknown, expected: string): SinkError => {
  Words.forget(made)
  return new SinkError({
    sink,
    what: `its ${method} gave ${Words.shown(made)}`,
    fix: `It gives ${expected}; Effect.promise makes one of a promise`
  })
}

/** What a method gives, whose Effect dies of nothing but what is ours. */
const watching = <A, E, R>(
  sink: string,
  method: string,
  run: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | SinkError, R> =>
  Effect.try({ try: run, catch: (cause) => threw(sink, method, cause) }).pipe(
    Effect.filterOrFail(Effect.isEffect, (made) => gave(sink, method, made, "an Effect")),
    Effect.flatMap((made) => Effect.catchDefect(made, (cause) => Effect.fail(threw(sink, method, cause))))
  )

// combinators

/** Opens a sink: what hears for it. `say` tells others at once that it is waited for. */
export const open = Effect.fnUntraced(function* <E, R>(
  { name, open, patience }: Sink.Durable<E, R>,
  held: Sink.Held,
  say: (event: Event.Event) => void
) {
  const late = (event: Event.Event): SinkError =>
    new SinkError({
      sink: name,
      what: `it has not ended hearing ${event._tag} after ${Duration.format(patience)}, and training waits for it`,
      fix: "End its Effect when its part is done, make it a listener, or give it more patience"
    })
  const hear = yield* watching(name, "open", () => open(held)).pipe(
    Effect.filterOrFail(
      (made) => typeof made === "function",
      (made) => gave(name, "open", made, "an Effect of what hears: a function of events")
    )
  )
  let isOver = false
  const heard: Sink.Hear<E | SinkError> = (event) => {
    if (isOver) return Effect.void
    return Effect.gen(function* () {
      const teller = yield* Effect.sync(() =>
        say(Event.note(`waiting for the sink "${name}" to end hearing ${event._tag}`))
      ).pipe(Effect.delay(TELL), Effect.forkChild)
      yield* watching(name, "hear", () => hear(event)).pipe(
        Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(late(event)) }),
        Effect.ensuring(Fiber.interrupt(teller))
      )
    }).pipe(
      Effect.tapCause((cause) =>
        Effect.sync(() => {
          isOver = !Cause.hasInterruptsOnly(cause)
        })
      )
    )
  }
  return heard
})
