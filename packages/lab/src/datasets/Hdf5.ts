/**
 * Files of HDF5, read by `h5wasm` in a thread of their own that sees no disk: the file lies in its memory, and so nothing
 * that the file names elsewhere can be opened. The thread ends with the scope, and its memory with it; one that does not
 * answer in time is ended. What a file says of its sizes is checked here before anything of that size is made.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as DatasetError from "./DatasetError.ts"
import * as Thread from "./Thread.ts"

// models

/** The numbers of an array in a file. */
export type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>

/** What stands under a path. */
export type Found =
  | { readonly _tag: "Group" }
  | {
      readonly _tag: "Array"
      readonly shape: ReadonlyArray<number>
      /** Bytes of a number. */
      readonly size: number
      /** What it is an array of; `flag` is what h5py writes for booleans. */
      readonly of: "float" | "integer" | "flag" | "other"
      /** Does it lie in this file? */
      readonly isHere: boolean
    }
  | { readonly _tag: "Other"; readonly what: string }

export type Order =
  | { readonly _tag: "names"; readonly path: string }
  | { readonly _tag: "look"; readonly paths: ReadonlyArray<string> }
  | { readonly _tag: "read"; readonly path: string }

export type Answer =
  | { readonly _tag: "ready" }
  | { readonly _tag: "names"; readonly names: ReadonlyArray<string> }
  | { readonly _tag: "look"; readonly found: ReadonlyArray<Found> }
  | { readonly _tag: "read"; readonly numbers: Numbers }
  | { readonly _tag: "failed"; readonly what: string }

/** An array that can be read: how many rows it has, and how many numbers each. */
export interface Entry {
  readonly path: string
  readonly rows: number
  readonly width: number
  readonly of: "float" | "integer" | "flag"
}

/** A file that is open. */
export interface File {
  readonly names: (path: string) => Effect.Effect<ReadonlyArray<string>, DatasetError.DatasetError>
  /** What stands under each path. */
  readonly look: (
    paths: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<Found>, DatasetError.DatasetError>
  /** The array under a path, whose size is one that the file can have. */
  readonly entry: (path: string, found: Found | undefined) => Effect.Effect<Entry, DatasetError.DatasetError>
  readonly read: (entry: Entry) => Effect.Effect<Numbers, DatasetError.DatasetError>
}

// pure core

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Does a file of HDF5 begin like this? */
export const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte)

/** The most numbers of an array. */
const MOST = 2 ** 28

/** Nothing that HDF5 compresses with becomes more than this much smaller. */
const DEFLATE = 1032

/** How long an answer is waited for. */
const PATIENCE = Duration.seconds(120)

const isAnswer = (u: unknown): u is Answer => typeof u === "object" && u !== null && "_tag" in u

const INSTALL = "Install it: npm install h5wasm@0.10.3"

// constructors

/** Opens a file whose bytes these are; they are the thread's from then on. */
export const open = Effect.fn("Hdf5.open")(function* (
  file: string,
  bytes: Uint8Array<ArrayBuffer>
): Effect.fn.Return<File, DatasetError.DatasetError, Scope.Scope> {
  const size = bytes.length
  const failed = (what: string, place?: string) => DatasetError.at(file, place, what)
  const thread = yield* Thread.start({
    file,
    script: "Hdf5Thread",
    given: bytes,
    isAnswer,
    missing: DatasetError.at(file, undefined, "it is a file of HDF5, which h5wasm reads", INSTALL),
    patience: PATIENCE
  })
  const sound =
    (place?: string) =>
    (answer: Answer): Effect.Effect<Answer, DatasetError.DatasetError> =>
      answer._tag === "failed" ? Effect.fail(failed(answer.what, place)) : Effect.succeed(answer)
  const ask = (order: Order, place?: string) => Effect.flatMap(thread.ask(order, place), sound(place))

  const ready = yield* Effect.flatMap(thread.next(), sound())
  if (ready._tag !== "ready") return yield* failed("it was misread")

  return {
    names: (path) =>
      Effect.flatMap(ask({ _tag: "names", path }, path), (answer) =>
        answer._tag === "names" ? Effect.succeed(answer.names) : Effect.fail(failed("it was misread", path))
      ),
    look: (paths) =>
      Effect.flatMap(ask({ _tag: "look", paths }), (answer) =>
        answer._tag === "look" ? Effect.succeed(answer.found) : Effect.fail(failed("it was misread"))
      ),
    entry: (path, found) => {
      if (found === undefined || found._tag !== "Array") {
        const what = found?._tag === "Group" ? "it is a group" : (found?.what ?? "it is not there")
        return Effect.fail(failed(`${what}, where an array is expected`, path))
      }
      const { of, shape, size: each } = found
      if (!found.isHere) return Effect.fail(failed("its numbers lie in another file", path))
      const count = shape.reduce((product, n) => product * n, 1)
      if (of === "other" || shape.length === 0) {
        return Effect.fail(failed("it is no array of numbers", path))
      }
      if (count > MOST || count * each > DEFLATE * size) {
        const all = `[${shape.join(", ")}]`
        return Effect.fail(
          failed(`it says that it has shape ${all}, which ${size} bytes of a file cannot hold`, path)
        )
      }
      const rows = shape[0] ?? 0
      return Effect.succeed({ path, rows, width: shape.slice(1).reduce((a, b) => a * b, 1), of })
    },
    read: ({ path, rows, width }) =>
      Effect.flatMap(ask({ _tag: "read", path }, path), (answer) =>
        answer._tag === "read" && answer.numbers.length === rows * width
          ? Effect.succeed(answer.numbers)
          : Effect.fail(failed("it was misread", path))
      )
  }
})
