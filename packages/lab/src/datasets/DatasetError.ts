/** A dataset that cannot be read: which file, where in it, what is wrong, and what would do. */
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as Printable from "@ornstein/core/Printable"
import type * as RegularFile from "@ornstein/core/RegularFile"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

// errors

export class DatasetError
  extends Schema.TaggedError<DatasetError>()("DatasetError", {
    file: Schema.String,
    /** The place in it: `episode_3/rewards`. */
    place: Schema.optionalKey(Schema.String),
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.place === undefined ? this.file : `${this.file}, ${Printable.inline(this.place)}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// constructors

/** What there is to do about a damaged file. */
export const RESTORE = "Restore it from a copy, or name another file"

/** Something is wrong at a place in a file. */
export const at = (file: string, place: string | undefined, what: string, fix = RESTORE): DatasetError =>
  new DatasetError({ file, ...(place === undefined ? {} : { place }), what, fix })

/** The same from what the system says of a file. */
export const ofFile =
  (file: string) =>
  (error: RegularFile.FileError): DatasetError => {
    const isOther = error._tag === "IrregularError" && error.path !== file
    return at(
      isOther ? error.path : file,
      undefined,
      FileWords.said(error),
      error._tag === "IrregularError" ? error.fix : "Name a dataset"
    )
  }
