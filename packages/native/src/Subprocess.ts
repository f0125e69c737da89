/** Other programs, run to their end. */
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"
import type * as ChildProcess from "effect/process/ChildProcess"

// models

/** What a program wrote, and how it ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** The exit code, or in words the signal that ended it. */
  readonly exit: number | string
}

// pure core

/** What the system said, where the message of a `PlatformError` leaves it out. */
export const said = (error: PlatformError.PlatformError): string =>
  error.cause instanceof Error ? error.cause.message : error.message

const text = (bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError>) =>
  Stream.mkString(Stream.decodeText(bytes))

// running

/** Runs a program; it is ended if the effect is interrupted. Fails with a `PlatformError` if it cannot be started. */
export const run = Effect.fnUntraced(function* (command: ChildProcess.Command) {
  const process = yield* command
  const [stdout, stderr] = yield* Effect.all([text(process.stdout), text(process.stderr)], {
    concurrency: "unbounded"
  })
  const exit = yield* process.exitCode.pipe(
    Effect.map(Number),
    Effect.catch((cause) => Effect.succeed(said(cause)))
  )
  const ended: Ended = { stdout, stderr, exit }
  return ended
}, Effect.scoped)
