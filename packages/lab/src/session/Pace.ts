/** How fast a session goes: the time of its slices, without what happens between them. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { Event } from "../events/index.ts"

// models

interface State {
  readonly seconds: number
  /** Of slices that learned from their first step to their last. */
  readonly learning: { readonly seconds: number; readonly steps: number }
  readonly step: number
  readonly updates: number
  /** Monotonic, in nanoseconds: when the current slice began. */
  readonly since: bigint
}

export interface Pace {
  /** The first slice begins. */
  readonly begin: Effect.Effect<void>
  /** A slice has ended: how fast it goes by now. */
  readonly slice: (report: { readonly step: number; readonly updates: number }) => Effect.Effect<Event.Pace>
  /** Leaves out what happens in `effect` from the time of the slices. */
  readonly aside: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly current: Effect.Effect<Event.Pace>
  /** Where the last slice ended. */
  readonly step: Effect.Effect<number>
}

// constructors

/** The pace from a step and the updates made by then. */
export const make = Effect.fnUntraced(function* (from: { readonly step: number; readonly updates: number }) {
  const state = yield* Ref.make<State>({
    ...from,
    seconds: 0,
    learning: { seconds: 0, steps: 0 },
    since: yield* Clock.monotonicTimeNanos
  })
  const current = Effect.map(Ref.get(state), ({ learning, seconds, step }): Event.Pace => {
    const counted = learning.seconds > 0 ? learning : { seconds, steps: step - from.step }
    return { seconds, stepsPerSecond: counted.seconds > 0 ? counted.steps / counted.seconds : 0 }
  })
  const pace: Pace = {
    current,
    step: Effect.map(Ref.get(state), ({ step }) => step),
    begin: Effect.flatMap(Clock.monotonicTimeNanos, (since) =>
      Ref.update(state, (before) => ({ ...before, since }))
    ),
    slice: Effect.fnUntraced(function* ({ step, updates }) {
      const since = yield* Clock.monotonicTimeNanos
      yield* Ref.update(state, (before): State => {
        const took = Number(since - before.since) / 1e9
        const { seconds, steps } = before.learning
        const isLearning = before.updates > 0 && updates > before.updates
        return {
          seconds: before.seconds + took,
          learning: isLearning
            ? { seconds: seconds + took, steps: steps + step - before.step }
            : before.learning,
          step,
          updates,
          since
        }
      })
      return yield* current
    }),
    aside: Effect.fnUntraced(function* (effect) {
      const began = yield* Clock.monotonicTimeNanos
      const result = yield* effect
      const ended = yield* Clock.monotonicTimeNanos
      yield* Ref.update(state, (before) => ({ ...before, since: before.since + (ended - began) }))
      return result
    })
  }
  return pace
})
