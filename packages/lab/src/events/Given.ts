/** What a sink's method has given, which may be no Effect where its author had no types. */
import * as Effect from "effect/Effect"
import { Words } from "../terminal/index.ts"

/** What it has given is an Effect, or its author is told that it is none. */
export const effectOf = <A, E, R>(method: string, made: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  if (Effect.isEffect(made)) return made
  Words.forget(made)
  return Effect.die(new TypeError(`its ${method} gave ${Words.shown(made)}, which is no Effect`))
}
