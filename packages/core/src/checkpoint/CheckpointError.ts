/** What can go wrong with a checkpoint: what it is, where, and what to do. */
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault } from "../config/index.ts"
import { FileWords, type RegularFile } from "../files/index.ts"

// errors

/**
 * - `full`: the disk has no room left
 * - `refused`: no permission, or a read-only file system
 * - `failed`: another fault of the file system
 * - `missing`, `damaged`: a file is not there, or not as it was written
 * - `newer`, `older`: written by a later version of Ornstein, or by one from before formats were kept readable
 * - `config`: belongs to another configuration
 * - `none`: there is no checkpoint that could be used
 */
export class CheckpointError
  extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
    kind: Schema.Literals([
      "full",
      "refused",
      "failed",
      "missing",
      "damaged",
      "newer",
      "older",
      "config",
      "none"
    ]),
    path: Schema.String,
    ...Fault.fields
  })
  implements Fault.Fault
{
  /** Only what was asked for can be the user's mistake: a step without a checkpoint, a checkpoint of another run. */
  override readonly [Runtime.errorExitCode] =
    this.kind === "config" || this.kind === "none" ? Fault.exit.refused : Fault.exit.failed
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"])
const REFUSED = new Set(["EACCES", "EPERM", "EROFS"])

/** A fault of the file system at a path, in our words. */
export const ofPlatform = (path: string, error: PlatformError.PlatformError): CheckpointError => {
  const code = FileWords.codeOf(error)
  if (FULL.has(code)) {
    return new CheckpointError({
      kind: "full",
      path,
      what: "no space is left on the disk",
      fix: "Free some, then resume: the checkpoints before this one are unharmed"
    })
  }
  if (REFUSED.has(code) || error.reason._tag === "PermissionDenied") {
    return new CheckpointError({
      kind: "refused",
      path,
      what: code === "EROFS" ? "the file system is read-only" : "no permission",
      fix: "Make the run directory readable and writable, then resume"
    })
  }
  if (error.reason._tag === "NotFound") {
    return new CheckpointError({
      kind: "missing",
      path,
      what: "it is not there",
      fix: "Use an older checkpoint"
    })
  }
  return new CheckpointError({
    kind: "failed",
    path,
    what: FileWords.said(error),
    fix: "Look at the disk, then resume"
  })
}

export const damaged = (path: string, reason: string): CheckpointError =>
  new CheckpointError({ kind: "damaged", path, what: reason, fix: "Use an older checkpoint" })

// combinators

/** A fault of a file, in our words: `path` is where it happened, if the fault itself does not know. */
export const ofFault = (path: string, error: RegularFile.FileError): CheckpointError => {
  if (error._tag === "PlatformError") return ofPlatform(path, error)
  return new CheckpointError({ kind: "damaged", path: error.path, what: error.what, fix: error.fix })
}

/** Says of every fault of the file system inside at which path it happened. */
export const at =
  (path: string) =>
  <A, R>(
    self: Effect.Effect<A, RegularFile.FileError | CheckpointError, R>
  ): Effect.Effect<A, CheckpointError, R> =>
    Effect.mapError(self, (error) => (error._tag === "CheckpointError" ? error : ofFault(path, error)))
