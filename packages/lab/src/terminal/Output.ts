/**
 * Where a command writes: its results and, line by line, what it is doing. A terminal can also show one live line that
 * the next one replaces. Whatever a line says, it controls no terminal (`Printable`), and on one it is folded (`Fold`).
 */
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as Printable from "@ornstein/core/Printable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Fold from "./Fold.ts"
import * as Signals from "./Signals.ts"

// errors

/** Some of the output could not be written. */
export class OutputError
  extends Schema.TaggedError<OutputError>()("OutputError", { reason: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get what(): string {
    return `standard output cannot be written: ${this.reason}`
  }
  get fix(): string {
    return "What the command has done is done; free space, or give it another place to write to"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** Whoever read the output has gone, as behind `| head`: nothing to say, and nobody who would read it. */
export class ReaderGoneError
  extends Schema.TaggedError<ReaderGoneError>()("ReaderGoneError", {})
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Signals.exitCode.SIGPIPE
  readonly what = "nobody reads standard output any more"
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Shape {
  /** Can the last line be replaced? */
  readonly isLive: boolean
  readonly columns: number
  /** Cells in which a line fits whole: the terminal's columns, infinitely many where it is none. */
  readonly width: number
  /** A line that stays. */
  readonly line: (text: string) => Effect.Effect<void>
  /** A line that the next line, live or not, replaces. Nothing where the output is not live. */
  readonly live: (text: string) => Effect.Effect<void>
  /** A line of our own making that may control the terminal, such as a frame in colours. */
  readonly picture: (text: string) => Effect.Effect<void>
  /** Fails if something could not be written; writing itself never does. */
  readonly written: Effect.Effect<void, OutputError | ReaderGoneError>
}

/** Where text goes. */
export interface Sink {
  /** Is it a terminal? */
  readonly isTTY: boolean
  /** One that is to be sent no control sequences. */
  readonly isPlain?: boolean
  /** Asked again at each line: windows change their size. */
  readonly columns: number
  /** Calls back when the text is written, with what went wrong if it was not. */
  readonly write: (text: string, done: (error?: Error | null) => void) => void
}

// pure core

/** Is it a pipe that nobody reads? */
const isGone = (error: Error): boolean => "code" in error && error.code === "EPIPE"

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
  const isLive = sink.isTTY && sink.isPlain !== true
  const width = (): number => (sink.isTTY ? sink.columns : Number.POSITIVE_INFINITY)
  return {
    isLive,
    get columns() {
      return sink.columns
    },
    get width() {
      return width()
    },
    line: (text) => write(Fold.lines(Printable.lines(text), width()), true),
    // A line that wraps would leave its first half behind when the next one replaces it.
    live: (text) =>
      isLive ? write(Fold.clip(Printable.inline(text), sink.columns - 1), false) : Effect.void,
    picture: (text) => write(text, true),
    written: Effect.suspend((): Effect.Effect<void, OutputError | ReaderGoneError> => {
      if (fault === undefined) return Effect.void
      return isGone(fault)
        ? Effect.fail(new ReaderGoneError())
        : Effect.fail(new OutputError({ reason: FileWords.ofSystem(fault) }))
    })
  }
}

/** Terminals that understand no control sequences, and people who want none (no-color.org). */
export const isPlain = ({ NO_COLOR = "", TERM }: NodeJS.ProcessEnv): boolean =>
  TERM === "dumb" || NO_COLOR !== ""

/** An output on a stream of this process. */
const onStream = (stream: NodeJS.WriteStream): Shape =>
  make({
    isTTY: stream.isTTY,
    isPlain: isPlain(process.env),
    get columns() {
      return stream.columns > 0 ? stream.columns : 80
    },
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
