/** Where a build says what it does. */
import type * as Effect from "effect/Effect"

export interface Progress {
  /** A line that stays. */
  readonly line: (text: string) => Effect.Effect<void>
  /** A line that the next one replaces, where that can be. */
  readonly live: (text: string) => Effect.Effect<void>
}
