/** Places that a person has named on a command line: what stands there, and whether something can be put there. */
import * as Durable from "@ornstein/core/Durable"
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

// errors

/** A place that was named and does not do. */
export class PlaceError
  extends Schema.TaggedError<PlaceError>()("PlaceError", {
    path: Schema.String,
    ...Fault.fields,
    /** Is the place wrong, or the machine at this moment, as where its disk is full? */
    isOfPlace: Schema.Boolean
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = this.isOfPlace ? Fault.exit.refused : Fault.exit.failed
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// constructors

/** A place that is wrong. */
export const wrong = (path: string, what: string, fix: string): PlaceError =>
  new PlaceError({ path, what, fix, isOfPlace: true })

/** A fault of the file system at a place that was named; `fix` says what to name instead. */
export const fault =
  (path: string, fix: string) =>
  (error: RegularFile.FileError): PlaceError => {
    const isOfPlace = FileWords.isOfPlace(error)
    return new PlaceError({
      path: error._tag === "IrregularError" ? error.path : path,
      what: FileWords.said(error),
      fix: isOfPlace ? fix : `See to permissions and free space. ${fix}`,
      isOfPlace
    })
  }

// reading

/** What stands at a place, links followed; `undefined` for nothing, or where nobody can say. */
export const typeAt = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.match(fs.stat(path), { onFailure: () => undefined, onSuccess: ({ type }) => type })
})

/** Is it the directory of a run, by the one file that every run has? */
export const isRun = Effect.fnUntraced(function* (path: string) {
  const paths = yield* Path.Path
  return (yield* typeAt(paths.join(path, "run.json"))) === "File"
})

// writing

/** Fails unless a file can be put there: asked before what is to be in it is made, which takes long. */
export const checkFile = Effect.fn("Place.checkFile")(function* (file: string) {
  const paths = yield* Path.Path
  const folder = paths.dirname(file)
  const type = yield* typeAt(folder)
  const elsewhere = "Name a file in a directory that exists, and where you may write"
  if (type !== "Directory") {
    const what = type === undefined ? `there is no directory ${folder}` : `${folder} is no directory`
    return yield* wrong(file, what, elsewhere)
  }
  const info = yield* Effect.result(RegularFile.check(file))
  if (info._tag === "Success") return "File"
  const { failure } = info
  if (failure._tag === "PlatformError" && FileWords.codeOf(failure) === "ENOENT") return undefined
  return yield* fault(file, failure._tag === "IrregularError" ? "Name another file" : elsewhere)(failure)
})

/** Puts a file there, in place of one that is there. */
export const putFile = Effect.fn("Place.putFile")(function* (file: string, bytes: Uint8Array) {
  yield* Effect.mapError(
    Durable.replace(file, bytes),
    fault(file, "Name a file in a directory that exists, and where you may write")
  )
})
