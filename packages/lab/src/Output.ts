/**
 * Where a command writes: its results and, line by line, what it is doing. A terminal can also show one live line that
 * the next one replaces.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

// models

export interface Shape {
  /** Can the last line be replaced? */
  readonly isLive: boolean
  readonly columns: number
  /** A line that stays. */
  readonly line: (text: string) => Effect.Effect<void>
  /** A line that the next line, live or not, replaces. Nothing where the output is not live. */
  readonly live: (text: string) => Effect.Effect<void>
}

// pure core

const ERASE = "\r\u001b[2K"

/** An output on a stream of this process. */
const onStream = (stream: NodeJS.WriteStream): Shape => {
  const isLive = stream.isTTY
  let isShown = false
  const write = (text: string, isKept: boolean) =>
    Effect.sync(() => {
      stream.write(`${isShown ? ERASE : ""}${text}${isKept ? "\n" : ""}`)
      isShown = !isKept
    })
  return {
    isLive,
    columns: stream.columns ?? 80,
    line: (text) => write(text, true),
    live: (text) => (isLive ? write(text, false) : Effect.void)
  }
}

// services

/** For results: standard output. */
export const Output: Context.Reference<Shape> = Context.Reference<Shape>("@ornstein/lab/Output", {
  defaultValue: () => onStream(process.stdout)
})

/** For everything else while the results are for a machine: standard error. */
export const Aside: Context.Reference<Shape> = Context.Reference<Shape>("@ornstein/lab/Output/Aside", {
  defaultValue: () => onStream(process.stderr)
})
