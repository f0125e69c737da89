/** A clock that is late at every look. */
import { Clock, Effect } from "effect"

/** With a clock on which every look takes so many milliseconds, so that turns end inside slices. */
export const inShortTurns =
  (milliseconds: number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.clockWith((clock) => {
      let now = 0n
      const slow: Clock.Clock = {
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        monotonicTimeNanosUnsafe: () => (now += BigInt(milliseconds) * 1_000_000n),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      }
      return Effect.provideService(effect, Clock.Clock, slow)
    })
