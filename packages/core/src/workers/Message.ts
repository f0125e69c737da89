/** What a worker thread and the run say to each other besides steps, and errors as what can be sent. */
import * as Schema from "effect/Schema"
import { PartError } from "../config/index.ts"
import { Environment } from "../environment/index.ts"
import { Snapshot } from "../state/index.ts"

// models: errors

/** An error that is none of ours: one of a class that whoever takes a snapshot back looks for, or a defect. */
const Other = Schema.TaggedStruct("Other", {
  name: Schema.String,
  message: Schema.String,
  stack: Schema.String
})

export const Thrown = Schema.Union([Environment.EnvironmentError, PartError.PartError, Other])

/** The same as data. */
export const Sent = Schema.toEncoded(Thrown)
export type Sent = typeof Sent.Type

const encode = Schema.encodeSync(Thrown)
const decode = Schema.decodeUnknownSync(Thrown)

/** An error as what can be sent. */
export const sent = (cause: unknown): Sent => {
  if (cause instanceof Environment.EnvironmentError || cause instanceof PartError.PartError)
    return encode(cause)
  return cause instanceof Error
    ? { _tag: "Other", name: cause.name, message: cause.message, stack: cause.stack ?? "" }
    : { _tag: "Other", name: "Error", message: String(cause), stack: "" }
}

/** The error that was sent. */
export const thrown = (message: unknown): Error => {
  const error = decode(message)
  if (error._tag !== "Other") return error
  const again =
    error.name === "TypeError"
      ? new TypeError(error.message)
      : error.name === "RangeError"
        ? new RangeError(error.message)
        : new Error(error.message)
  if (error.stack !== "") again.stack = error.stack
  return again
}

// models: what is said

/** What a thread is given. */
export const Given = Schema.Struct({
  /** Of the module that exports the world, and what that is given. */
  module: Schema.String,
  given: Schema.Unknown,
  /** Of its lanes, by their numbers in the run. */
  lanes: Schema.Array(Schema.Int),
  observation: Schema.Int,
  action: Schema.Int,
  /** How often it looks for a command before it sleeps. */
  spins: Schema.Int,
  buffer: Schema.declare((u): u is SharedArrayBuffer => u instanceof SharedArrayBuffer)
})
export type Given = typeof Given.Type

/** What it says once its worlds stand, or why they do not. */
export const Told = Schema.Union([
  Schema.TaggedStruct("Ready", {
    /** What the world says of itself: it must be that of the run. */
    spec: Schema.String,
    observations: Schema.Array(Schema.Literals(["float32", "float64"])),
    action: Schema.Literals(["float32", "float64"])
  }),
  Schema.TaggedStruct("Failed", { error: Sent })
])
export type Told = typeof Told.Type

/** What is asked of it; `lane` counts its own. */
export const Asked = Schema.Union([
  Schema.TaggedStruct("Snapshot", { lane: Schema.Int }),
  Schema.TaggedStruct("Restore", { lane: Schema.Int, snapshot: Schema.declare(Snapshot.isSnapshot) }),
  Schema.TaggedStruct("Fault", { lane: Schema.Int }),
  Schema.TaggedStruct("Close", {})
])
export type Asked = typeof Asked.Type

export const Answer = Schema.Union([
  Schema.TaggedStruct("Done", { snapshot: Schema.declare(Snapshot.isSnapshot) }),
  Schema.TaggedStruct("Threw", { error: Sent })
])
export type Answer = typeof Answer.Type

// pure core

/** What a world says of itself, as far as lanes depend on it. */
export const specOf = ({ action, id, observation, timeLimit }: Environment.Spec): string =>
  JSON.stringify([id, observation, action, timeLimit ?? null])
