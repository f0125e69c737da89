/**
 * Where a command writes: its results and, line by line, what it is doing. A terminal can also show one live line that
 * the next one replaces. Whatever a line says, it controls no terminal (`Printable`).
 */
import * as Printable from "@ornstein/core/Printable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

// errors

/** Some of the output could not be written. */
export class OutputError extends Schema.TaggedError<OutputError>()("OutputError", { reason: Schema.String }) {
  override get message(): string {
    return (
      `standard output cannot be written: ${this.reason}. What the command has done is done; ` +
      "free space, or give it another place to write to"
    )
  }
}

// models

export interface Shape {
  /** Can the last line be replaced? */
  readonly isLive: boolean
  readonly columns: number
  /** A line that stays. */
  readonly line: (text: string) => Effect.Effect<void>
  /** A line that the next line, live or not, replaces. Nothing where the output is not live. */
  readonly live: (text: string) => Effect.Effect<void>
  /** A line of our own making that may control the terminal, such as a frame in colours. */
  readonly picture: (text: string) => Effect.Effect<void>
  /** Fails if something could not be written; writing itself never does. */
  readonly written: Effect.Effect<void, OutputError>
}

/** Where text goes. */
export interface Sink {
  /** Is it a terminal? */
  readonly isTTY: boolean
  readonly columns: number
  /** Calls back when the text is written, with what went wrong if it was not. */
  readonly write: (text: string, done: (error?: Error | null) => void) => void
}

// pure core

const ERASE = "\r\u001b[2K"

/** An output on a sink. */
export const make = (sink: Sink): Shape => {
  let isShown = false
  let fault: Error | undefined
  const write = (text: string, isKept: boolean) =>
    Effect.callback<void>((resume) => {
      const erase = isShown ? ERASE : ""
      isShown = !isKept
      sink.write(`${erase}${text}${isKept ? "\n" : ""}`, (error) => {
        fault ??= error ?? undefined
        resume(Effect.void)
      })
    })
  return {
    isLive: sink.isTTY,
    columns: sink.columns,
    line: (text) => write(Printable.lines(text), true),
    live: (text) => (sink.isTTY ? write(Printable.inline(text), false) : Effect.void),
    picture: (text) => write(text, true),
    written: Effect.suspend(() =>
      fault === undefined ? Effect.void : Effect.fail(new OutputError({ reason: fault.message }))
    )
  }
}

/** An output on a stream of this process. */
const onStream = (stream: NodeJS.WriteStream): Shape =>
  make({
    isTTY: stream.isTTY,
    columns: stream.columns ?? 80,
    write: (text, done) => void stream.write(text, done)
  })

// services

/** For results: standard output. */
export const Output: Context.Reference<Shape> = Context.Reference<Shape>("@ornstein/lab/Output", {
  defaultValue: () => onStream(process.stdout)
})

/** For everything else while the results are for a machine: standard error. */
export const Aside: Context.Reference<Shape> = Context.Reference<Shape>("@ornstein/lab/Output/Aside", {
  defaultValue: () => onStream(process.stderr)
})
