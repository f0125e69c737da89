/**
 * Reading a file of which nothing is known: it is a regular one, no link leads elsewhere, and its size is known and
 * bounded before a byte is read. A pipe, a device, or a file of a terabyte is refused at once instead of being waited for.
 *
 * ```ts
 * const bytes = yield* RegularFile.read("runs/a/run.json", { most: RegularFile.SMALL })
 * ```
 */
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Fault } from "../config/index.ts"
import { Platform } from "../host/index.ts"

// errors

/** Something else stands where a regular file or a directory of our own is expected, or it has another size. */
export class IrregularError
  extends Schema.TaggedError<IrregularError>()("IrregularError", { path: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** What can go wrong with a file. */
export type FileError = PlatformError.PlatformError | IrregularError

// models

export interface Options {
  /** The most bytes that such a file can have. */
  readonly most: number
  /** The bytes that it has, where they are known. */
  readonly bytes?: number
  /** Where to begin; what a shorter file has from there is nothing. */
  readonly from?: number
  /** For a file that a person has named. Inside the directory of a run, no link is followed. */
  readonly links?: "followed" | "refused"
}

// pure core

/** Enough for what describes a run: configurations, manifests, states without their arrays. */
export const SMALL: number = 2 ** 24

/** Enough for the tables of a run. */
export const TABLE: number = 2 ** 28

/** Enough for arrays, and the most that Node reads at once. */
export const LARGE: number = 2 ** 31 - 1

const NAMES: { readonly [type in FileSystem.File.Type]: string } = {
  File: "a regular file",
  Directory: "a directory",
  SymbolicLink: "a symbolic link",
  FIFO: "a named pipe",
  Socket: "a socket",
  BlockDevice: "a device",
  CharacterDevice: "a device",
  Unknown: "of an unknown kind"
}

const grouped = (n: bigint | number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",")

/** What is wrong with the size of a file, if anything. */
const misfit = (size: bigint, { bytes, most }: Options): string | undefined => {
  if (bytes !== undefined && size !== BigInt(bytes)) return `it has ${size} bytes and should have ${bytes}`
  return size > BigInt(most)
    ? `it has ${grouped(size)} bytes, and such a file has ${grouped(most)} at the most`
    : undefined
}

const irregular = (path: string, { type }: FileSystem.File.Info): IrregularError =>
  new IrregularError({
    path,
    what: `it is ${NAMES[type]}, not a regular file`,
    fix: "Put a regular file there, or name one"
  })

// reading

/** Fails unless a regular file stands at the path, which is not followed if it is a link. */
export const check = Effect.fnUntraced(function* (path: string, links: Options["links"] = "refused") {
  const fs = yield* FileSystem.FileSystem
  const info = yield* links === "followed" ? fs.stat(path) : fs.lstat(path)
  return info.type === "File" ? info : yield* irregular(path, info)
})

/** Fails unless a directory stands at the path, and no link to one. */
export const checkDirectory = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { type } = yield* fs.lstat(path)
  if (type === "Directory") return
  return yield* new IrregularError({
    path,
    what: `it is ${NAMES[type]}, not a directory`,
    fix: "Put the directory itself there, or name it"
  })
})

/** The bytes of a file. Fails if it is no regular one, or has more bytes than it can have. */
export const read = Effect.fn("RegularFile.read")(function* (path: string, options: Options) {
  const fs = yield* FileSystem.FileSystem
  // Opening a pipe would wait for whoever writes it: first it is looked at.
  yield* check(path, options.links)
  const isFollowed = options.links === "followed" || Platform.isWindows
  const file = yield* fs.open(path, { flag: "r", noFollow: !isFollowed })
  const info = yield* file.stat
  if (info.type !== "File") return yield* irregular(path, info)
  const size = ByteSize.toBigInt(info.size)
  const reason = misfit(size, options)
  if (reason !== undefined) {
    return yield* new IrregularError({
      path,
      what: reason,
      fix: "Restore it from a copy, or name another file"
    })
  }
  const from = Math.min(options.from ?? 0, Number(size))
  if (from > 0) yield* file.seek(BigInt(from), "start")
  const bytes = new Uint8Array(Number(size) - from)
  let at = 0
  while (at < bytes.length) {
    const count = yield* file.read(bytes.subarray(at))
    if (count === 0) break
    at += count
  }
  return at < bytes.length ? bytes.slice(0, at) : bytes
}, Effect.scoped)

/** The bytes of a file piece by piece, however many they are. */
export const stream = (path: string, links: Options["links"] = "refused") =>
  Stream.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* check(path, links)
      return fs.stream(path, { chunkSize: 2 ** 20 })
    })
  )

/** The text of a file in UTF-8. */
export const readText = (path: string, options: Options) =>
  Effect.map(read(path, options), (bytes) => new TextDecoder().decode(bytes))
