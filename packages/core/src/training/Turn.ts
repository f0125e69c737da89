/**
 * Long synchronous work in turns: after every turn signals, timers and other fibers get theirs. Where a turn ends
 * depends on time, so nothing else may depend on it.
 *
 * ```ts
 * while (!isDone) {
 *   yield* Effect.yieldNow
 *   const isLate = yield* Turn.begin
 *   while (!isDone && !isLate()) step()
 * }
 * ```
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** How long a turn lasts. */
const NANOS = 50_000_000n

/** Begins a turn: tells from then on whether it has lasted long enough. */
export const begin: Effect.Effect<() => boolean> = Effect.map(Clock.Clock, (clock) => {
  const deadline = clock.monotonicTimeNanosUnsafe() + NANOS
  return () => clock.monotonicTimeNanosUnsafe() > deadline
})
