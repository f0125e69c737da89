/**
 * What code of the user's own may not do to the process: end it in the middle of a command, or bring it down from a timer
 * or a promise that nobody waits for. Both become errors of the command, which still writes what it knows.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

// errors

/** Thrown in place of an end of the process. */
export class ExitCalled extends Error {
  override readonly name = "ExitCalled"
  constructor(code: string | number | null | undefined) {
    super(`process.exit(${code ?? ""})`)
  }
}

// services

/** What brought the command down from outside of it, if anything did: those who are interrupted ask. */
export const Crash = Context.Reference<{ readonly error?: unknown }>("@ornstein/lab/guards/Crash", {
  defaultValue: () => ({})
})

// pure core

/** While it is replaced, `process.exit` throws: who calls it is met where it was called. */
const replaced = Effect.sync(() => {
  const exit = process.exit.bind(process)
  process.exit = (code) => {
    throw new ExitCalled(code)
  }
  return exit
})

// combinators

/**
 * Runs beside code of the user's own. `explain` says whose a failure is that reached nobody: nothing, where it is none of
 * theirs.
 */
export const contained =
  <F>(explain: (cause: unknown) => F | undefined) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | F, R> => {
    const crash: { error?: unknown } = {}
    const uncaught = Effect.callback<never, F>((resume) => {
      const hear = (cause: unknown): void => {
        const error = explain(cause)
        crash.error = error ?? cause
        resume(error === undefined ? Effect.die(cause) : Effect.fail(error))
      }
      process.on("uncaughtException", hear)
      process.on("unhandledRejection", hear)
      return Effect.sync(() => {
        process.off("uncaughtException", hear)
        process.off("unhandledRejection", hear)
      })
    })
    return Effect.acquireUseRelease(
      replaced,
      () => Effect.raceFirst(Effect.provideService(self, Crash, crash), uncaught),
      (exit) =>
        Effect.sync(() => {
          process.exit = exit
        })
    )
  }
