/** Between a session and its sinks: every event goes to all of them, durable ones first, in their order. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Event from "./Event.ts"
import * as Given from "./Given.ts"
import * as Inbox from "./Inbox.ts"
import type * as Sink from "./Sink.ts"

// models

export interface Hub<E> {
  /** Waits for the durable sinks, and for nobody else. */
  readonly emit: (event: Event.Event) => Effect.Effect<void, E>
  /** Leaves an event for the next `emit`, or for the end. */
  readonly tell: (event: Event.Event) => Effect.Effect<void>
  /** Tells the listeners at once, and no durable sink. */
  readonly say: (event: Event.Event) => void
  /** From now on a durable sink hears what happens, after those that were attached before. */
  readonly attach: (hear: Sink.Hear<E>) => Effect.Effect<void>
}

/** A listener at work. */
interface Ear {
  readonly name: string
  readonly inbox: Inbox.Inbox
  readonly fiber: Fiber.Fiber<void>
}

// pure core

/** At the end of a session, listeners have this long to hear the rest. */
const GRACE = "1 second"

const reasonOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

const counted = (count: number): string => (count === 1 ? "an event" : `${count} events`)

/** Listens until it fails or is interrupted. */
const listening = <R>(
  { name, open }: Sink.Listener<R>,
  inbox: Inbox.Inbox,
  tell: (event: Event.Event) => Effect.Effect<void>
): Effect.Effect<void, never, Exclude<R, Scope.Scope>> =>
  Effect.scoped(
    Effect.flatMap(open, (hear) =>
      Effect.forever(Effect.flatMap(inbox.take, (event) => Given.effectOf("hear", hear(event))))
    )
  ).pipe(
    Effect.catchCause((cause) =>
      tell(Event.note(`the sink "${name}" has failed and hears no more: ${reasonOf(cause)}`))
    ),
    Effect.ensuring(inbox.close)
  )

// constructors

/**
 * A hub for the time of a scope. When that closes, listeners hear the rest, as far as they are quick; what one of them
 * has missed is told to the others.
 */
export const make = Effect.fnUntraced(function* <E, R>(
  listeners: ReadonlyArray<Sink.Listener<R>>
): Effect.fn.Return<Hub<E>, never, Exclude<R, Scope.Scope> | Scope.Scope> {
  const durable: Array<Sink.Hear<E>> = []
  const waiting: Array<Event.Event> = []
  const slow = new Set<string>()
  const tell: Hub<E>["tell"] = (event) =>
    Effect.sync(() => {
      waiting.push(event)
    })
  const ears = yield* Effect.forEach(
    listeners,
    Effect.fnUntraced(function* (listener) {
      const inbox = Inbox.make(listener.capacity)
      // A fiber that nobody waits for: one that cannot be interrupted does not hold the end up either.
      const fiber = yield* Effect.forkDetach(listening(listener, inbox, tell), { uninterruptible: false })
      const ear: Ear = { name: listener.name, inbox, fiber }
      return ear
    })
  )
  const offer = (event: Event.Event): void => {
    for (const { inbox, name } of ears) {
      inbox.offer(event)
      if (inbox.isClosed() || inbox.missed() === 0 || slow.has(name)) continue
      slow.add(name)
      waiting.push(Event.note(`the sink "${name}" is too slow, and misses events`))
    }
  }
  // A sink that fails keeps those behind it from what is not so yet; but that a run has failed, all of them hear.
  const deliver = (event: Event.Event): Effect.Effect<void, E> =>
    (event._tag === "Failed"
      ? Effect.flatMap(
          Effect.forEach(durable, (hear) => Effect.exit(hear(event))),
          (exits) => exits.find(Exit.isFailure) ?? Effect.void
        )
      : Effect.forEach(durable, (hear) => hear(event), { discard: true })
    ).pipe(Effect.ensuring(Effect.sync(() => offer(event))))
  const drain: Effect.Effect<void, E> = Effect.suspend(() => {
    const next = waiting.shift()
    return next === undefined ? Effect.void : Effect.andThen(deliver(next), drain)
  })

  /** Those that have heard everything, once they have or it takes too long. */
  const settle = (some: ReadonlyArray<Ear>) =>
    Effect.filter(some, ({ inbox }) => Effect.map(Effect.timeoutOption(inbox.idle, GRACE), Option.isSome), {
      concurrency: "unbounded"
    })
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      for (const event of waiting.splice(0)) offer(event)
      const quick = yield* settle(ears)
      for (const ear of ears) {
        const lost = ear.inbox.missed() + (quick.includes(ear) ? 0 : ear.inbox.size())
        if (lost === 0) continue
        const text = `the sink "${ear.name}" has missed ${counted(lost)}`
        for (const { inbox } of quick) inbox.offer(Event.note(text))
      }
      yield* settle(quick)
      for (const { fiber } of ears) yield* Effect.forkDetach(Fiber.interrupt(fiber))
      yield* Effect.timeoutOption(Fiber.awaitAll(quick.map(({ fiber }) => fiber)), GRACE)
    }).pipe(Effect.interruptible)
  )
  return {
    tell,
    say: offer,
    attach: (hear) =>
      Effect.sync(() => {
        durable.push(hear)
      }),
    emit: (event) => drain.pipe(Effect.andThen(deliver(event)), Effect.andThen(drain))
  }
})
