/**
 * The one shape of what can go wrong through something that a user did or has: what happened, where, how to fix it, and
 * with which exit code a command ends. Every error of Ornstein implements it, and its message is made of it:
 *
 * ```ts
 * class EngineError extends Schema.TaggedError<EngineError>()("EngineError", { engine: Schema.String, ...Fault.fields })
 *   implements Fault.Fault {
 *   override readonly [Runtime.errorExitCode] = Fault.exit.failed
 *   get where() { return `engine ${this.engine}` }
 *   override get message() { return Fault.message(this) }
 * }
 * // engine tensorflow: no GPU was found. Install a driver, or choose the device "cpu"
 * ```
 */
import type * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Printable from "./Printable.ts"

// models

export interface Fault {
  /** What happened, or what is wrong. */
  readonly what: string
  /** The file, the engine, the part, the step. */
  readonly where?: string
  /** What to do about it; left out where `what` says it. */
  readonly fix?: string
  readonly [Runtime.errorExitCode]: number
}

/** For errors whose words are given when they are made. */
export const fields = { what: Schema.String, fix: Schema.String }

/** Exit codes: `refused` is the user's to mend, and nothing was done yet; `failed` came up while the program ran. */
export const exit = { failed: 1, refused: 2 } as const

// pure core

/** `where: what. fix`; a place that comes from elsewhere cannot move the cursor of a terminal. */
export const message = ({ fix, what, where }: Omit<Fault, Runtime.errorExitCode>): string =>
  `${where === undefined ? "" : `${Printable.inline(where)}: `}${what}${fix === undefined ? "" : `. ${fix}`}`
