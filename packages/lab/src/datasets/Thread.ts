/**
 * A thread in which a library reads a file that may be damaged: what breaks the library ends with the thread, and one that
 * does not answer in time is ended. It ends with the scope.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Worker } from "node:worker_threads"
import * as DatasetError from "./DatasetError.ts"

// models

export interface Options<Answer> {
  /** What is read. */
  readonly file: string
  /** The code of the thread, beside this file. */
  readonly script: "ArrowThread" | "Hdf5Thread"
  readonly given?: Uint8Array<ArrayBuffer>
  readonly isAnswer: (u: unknown) => u is Answer
  /** What is said where the library is not installed. */
  readonly missing: DatasetError.DatasetError
  /** How long an answer is waited for. */
  readonly patience: Duration.Duration
}

export interface Thread<Answer> {
  /** The next answer, about this place in the file. */
  readonly next: (place?: string) => Effect.Effect<Answer, DatasetError.DatasetError>
  /** The answer to an order. */
  readonly ask: (order: unknown, place?: string) => Effect.Effect<Answer, DatasetError.DatasetError>
}

// constructors

const fileOf = (script: string): URL =>
  new URL(`./${script}.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)

export const start = Effect.fnUntraced(function* <Answer>({
  file,
  given,
  isAnswer,
  missing,
  patience,
  script
}: Options<Answer>): Effect.fn.Return<Thread<Answer>, never, Scope.Scope> {
  const worker = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new Worker(fileOf(script), {
          name: `ornstein-${script}`,
          execArgv: [],
          // What a library says of a damaged file is for nobody.
          stderr: true,
          stdout: true,
          workerData: given,
          transferList: given === undefined ? [] : [given.buffer]
        })
    ),
    (worker) => Effect.promise(() => worker.terminate())
  )
  const failed = (what: string, place?: string) => DatasetError.at(file, place, what)
  const next = (place?: string) =>
    Effect.callback<Answer, DatasetError.DatasetError>((resume) => {
      const settle = (result: Effect.Effect<Answer, DatasetError.DatasetError>): void => {
        worker.removeAllListeners("message").removeAllListeners("error").removeAllListeners("exit")
        resume(result)
      }
      worker.on("message", (u: unknown) =>
        settle(isAnswer(u) ? Effect.succeed(u) : Effect.fail(failed("it was misread", place)))
      )
      worker.on("error", (error) =>
        settle(
          Effect.fail(
            "code" in error && error.code === "ERR_MODULE_NOT_FOUND"
              ? missing
              : failed("it breaks the library that reads it", place)
          )
        )
      )
      worker.on("exit", () => settle(Effect.fail(failed("it ends the thread that reads it", place))))
    }).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () =>
          Effect.fail(
            failed(`it is damaged: reading it has not ended after ${Duration.format(patience)}`, place)
          )
      })
    )
  return {
    next,
    ask: (order, place) =>
      Effect.suspend(() => {
        worker.postMessage(order, [])
        return next(place)
      })
  }
})
