/**
 * SIGINT, SIGTERM and SIGHUP (a terminal that was closed), and SIGPIPE, which stands for a reader of the output that has
 * gone (`ornstein train | head`). The first one interrupts the program, unless the program has asked to be told instead
 * (`caught`), as training does, which first finishes its slice and writes what it has. A second SIGINT or SIGTERM leaves
 * at once.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

// models

export const Signal = Schema.Literals(["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"])
export type Signal = typeof Signal.Type

/** The exit codes of a process that a signal has ended. */
export const exitCode: { readonly [signal in Signal]: number } = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
  SIGPIPE: 141
}

/** What the operating system sends. */
const HEARD = ["SIGINT", "SIGTERM", "SIGHUP"] as const

export interface Shape {
  /** Until the scope closes, the first signal completes this instead of interrupting the program. */
  readonly caught: Effect.Effect<Deferred.Deferred<Signal>, never, Scope.Scope>
  /**
   * The effect, in which a signal ends the process where it stands, as if nobody heard it: for work that is one
   * synchronous call of seconds, in which nobody could, and that leaves nothing unfinished.
   */
  readonly deadly: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

// services

/** Without a process around it, a program is never told of a signal. */
export const Signals: Context.Reference<Shape> = Context.Reference<Shape>("@ornstein/lab/Signals", {
  defaultValue: () => ({ caught: Deferred.make<Signal>(), deadly: (self) => self })
})

/** The effect, in which a signal ends the process at once. */
export const deadly = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Signals, ({ deadly }) => deadly(self))

// running

/** Beside code of the user's own, `process.exit` is not what it was. */
const leave: (code: number) => void = process.exit.bind(process)

/**
 * Runs the program of a process to its exit code: that of the signal that ended it, else `codeOf` its failure.
 */
export const runMain = <E>(
  program: Effect.Effect<void, E>,
  codeOf: (cause: Cause.Cause<unknown>) => number
): void => {
  let listener: Deferred.Deferred<Signal> | undefined
  let received: Signal | undefined

  const caught = Effect.acquireRelease(
    Effect.map(Deferred.make<Signal>(), (deferred) => (listener = deferred)),
    () =>
      Effect.sync(() => {
        listener = undefined
      })
  )

  let unheard = (): void => {}
  let heard = (): void => {}
  // A signal that is on its way is heard before.
  const deadly: Shape["deadly"] = (self) =>
    Effect.acquireUseRelease(
      Effect.sync(() => unheard()),
      () => Effect.andThen(Effect.yieldNow, self),
      () => Effect.sync(() => heard())
    )

  const run = Runtime.makeRunMain(({ fiber, teardown }) => {
    const onSignal = (signal: Signal): void => {
      if (received !== undefined) {
        // Every line that is written to nobody tells of it again, and so does a terminal that goes.
        if (signal === "SIGPIPE" || signal === "SIGHUP") return
        return leave(exitCode[signal])
      }
      received = signal
      if (listener === undefined) fiber.interruptUnsafe(fiber.id)
      else Deferred.doneUnsafe(listener, Exit.succeed(signal))
    }
    // Other faults are known to whoever wrote (`Output.written`). Nothing that is said aside is worth ending for.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") onSignal("SIGPIPE")
    })
    process.stderr.on("error", () => {})
    unheard = () => {
      for (const signal of HEARD) process.off(signal, onSignal)
    }
    heard = () => {
      unheard()
      for (const signal of HEARD) process.on(signal, onSignal)
    }
    heard()
    fiber.addObserver((exit) => {
      unheard()
      teardown(exit, leave)
    })
  })

  run(Effect.provideService(program, Signals, { caught, deadly }), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      if (received !== undefined) onExit(exitCode[received])
      else onExit(Exit.isSuccess(exit) ? 0 : codeOf(exit.cause))
    }
  })
}
