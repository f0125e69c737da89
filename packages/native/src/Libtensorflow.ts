/**
 * TensorFlow's library in C and its headers, as they are published: in the Python wheels, where it is called
 * `libtensorflow_cc`, and in the C archives, where it is called `libtensorflow`.
 */
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { platform } from "node:os"

// errors

/** A folder or a wheel that is no libtensorflow for this machine: what is missing, and how to fix it. */
export class LibtensorflowError
  extends Schema.TaggedError<LibtensorflowError>()("LibtensorflowError", {
    path: Schema.String,
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** What an addon is compiled and linked with; absolute paths. */
export interface Libtensorflow {
  /** The folder that `tensorflow/c/c_api.h` is in. */
  readonly include: string
  /** The folder of the libraries. */
  readonly folder: string
  readonly library: string
  readonly framework: string
}

// pure core

/** The headers that the addon's sources begin with. */
export const headers: ReadonlyArray<string> = [
  "tensorflow/c/c_api.h",
  "tensorflow/c/eager/c_api.h",
  "tensorflow/c/tf_datatype.h",
  "tensorflow/c/tf_status.h",
  "tensorflow/c/tf_tensor.h",
  "tensorflow/core/platform/ctstring_internal.h"
]

/** `libtensorflow_cc.so.2`, `libtensorflow.so`, `libtensorflow.2.dylib`, and the framework beside each. */
const ending = platform() === "darwin" ? String.raw`(?:\.\d+)*\.dylib` : String.raw`\.so(?:\.\d+)*`
const LIBRARY = new RegExp(`^libtensorflow(?:_cc)?${ending}$`)
const FRAMEWORK = new RegExp(`^libtensorflow_framework${ending}$`)

/** The shortest names are the ones that last: `libtensorflow.so` links to `libtensorflow.so.2.9.1`. */
const shortest = (names: ReadonlyArray<string>): string | undefined =>
  [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0]

/** The two libraries among the names of files in a folder. */
export const librariesIn = (
  names: ReadonlyArray<string>
): { readonly library: string | undefined; readonly framework: string | undefined } => ({
  library: shortest(names.filter((name) => LIBRARY.test(name))),
  framework: shortest(names.filter((name) => FRAMEWORK.test(name)))
})

const shown = platform() === "darwin" ? "dylib" : "so"

/** What to say where a library is missing. */
export const missing = (path: string, name: "libtensorflow" | "libtensorflow_framework") =>
  new LibtensorflowError({
    path,
    what:
      name === "libtensorflow"
        ? `has neither libtensorflow_cc.${shown}, as wheels have it, nor libtensorflow.${shown}, as C archives have it`
        : `has no libtensorflow_framework.${shown}`,
    fix:
      "Give a wheel of TensorFlow or its unpacked folder `tensorflow`, or, for releases whose wheels lack the library, " +
      "the unpacked C archive of libtensorflow"
  })

// reading

/**
 * The libtensorflow in a folder: an unpacked wheel, `site-packages/tensorflow` of a Python that has TensorFlow, or an
 * unpacked C archive.
 *
 * @example
 * const found = Libtensorflow.find("venv/lib/python3.11/site-packages/tensorflow")
 */
export const find = Effect.fn("Libtensorflow.find")(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const root = yield* fs.realPath(directory).pipe(
    Effect.mapError(
      (error) =>
        new LibtensorflowError({
          path: directory,
          what: error.reason._tag === "NotFound" ? "there is no such folder" : FileWords.said(error),
          fix: "Give --libtensorflow the folder that has include/ in it"
        })
    )
  )
  const has = (path: string) => Effect.orElseSucceed(fs.exists(path), () => false)
  const inside = paths.join(root, "tensorflow")
  const base = (yield* has(paths.join(inside, "include"))) ? inside : root
  const include = paths.join(base, "include")
  for (const header of headers) {
    if (!(yield* has(paths.join(include, header)))) {
      return yield* new LibtensorflowError({
        path: paths.join(include, header),
        what: "this header is missing",
        fix: "Give --libtensorflow the folder that has include/tensorflow in it, as wheels and C archives of TensorFlow have"
      })
    }
  }
  for (const folder of [base, paths.join(base, "lib")]) {
    const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
    const { framework, library } = librariesIn(names)
    if (library !== undefined) {
      if (framework === undefined) return yield* missing(folder, "libtensorflow_framework")
      const found: Libtensorflow = {
        include,
        folder,
        library: paths.join(folder, library),
        framework: paths.join(folder, framework)
      }
      return found
    }
  }
  return yield* missing(base, "libtensorflow")
})
