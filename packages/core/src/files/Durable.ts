/**
 * Writing and removing, the one place of it: files that outlive a power cut (contents first, then the name, both
 * synced), and that never lead outside. A new file is opened exclusively under a random name, nothing is written through
 * a link, and only names of our own form are removed.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Sink from "effect/Sink"
import { Platform, Token } from "../host/index.ts"
import * as RegularFile from "./RegularFile.ts"

// pure core: names

/** A name for what is not finished yet, or about to go. Nobody can know it before. */
const temporaryName = (): string => `.tmp-${Token.make()}`

/** Is it a name for what was not finished, or was about to go? */
export const isTemporary = (name: string): boolean => /^\.tmp-[0-9a-f]{16}$/.test(name)

/** A new temporary path in a directory. */
export const temporary = Effect.fnUntraced(function* (directory: string) {
  const path = yield* Path.Path
  return path.join(directory, temporaryName())
})

// writing

/** Makes the names in a directory last. */
export const syncDirectory = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const handle = yield* fs.open(directory, { flag: "r" })
  yield* handle.sync
}, Effect.scoped)

/** Makes a directory that is not there yet. */
export const makeDirectory = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(directory)
})

/** Makes a directory with the directories above it; one that is there stays, a link in its place is refused. */
export const ensureDirectory: (
  directory: string
) => Effect.Effect<void, RegularFile.FileError, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(
  function* (directory: string) {
    yield* ensureParents(directory)
    yield* makeDirectory(directory).pipe(
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        () => RegularFile.checkDirectory(directory)
      )
    )
  }
)

/** Makes the directories above a path, where they are not there yet. */
export const ensureParents = Effect.fnUntraced(function* (target: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // Node's own recursion never ends in /proc, where nothing can be made in a directory that exists.
  const parent = path.dirname(path.resolve(target))
  if (!(yield* fs.exists(parent))) yield* ensureDirectory(parent)
})

/** A new directory, named by a prefix and at random, in another one, which must exist. */
export const makeNamedDirectory = Effect.fnUntraced(function* (parent: string, prefix: string) {
  const path = yield* Path.Path
  const directory = path.join(parent, `${prefix}-${Token.make()}`)
  yield* makeDirectory(directory)
  return directory
})

/** A new directory with a temporary name in another one, which must exist. */
export const makeTemporaryDirectory = Effect.fnUntraced(function* (parent: string) {
  const directory = yield* temporary(parent)
  yield* makeDirectory(directory)
  return directory
})

/** Writes a new file and waits until its bytes are on the disk; its name lasts once the directory is synced. */
export const write = Effect.fnUntraced(function* (path: string, bytes: Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.open(path, { flag: "wx" })
  yield* file.writeAll(bytes)
  yield* file.sync
}, Effect.scoped)

/** Takes the bytes of a new file, which is complete once the stream has ended. */
export const sink = (path: string) =>
  Sink.unwrap(Effect.map(FileSystem.FileSystem, (fs) => fs.sink(path, { flag: "wx" })))

/** Fails if something other than a regular file stands at the path. */
const checkFree = (path: string) =>
  RegularFile.check(path).pipe(
    Effect.asVoid,
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.void
    )
  )

/** Gives a file another name, and so replaces the one that has it: a link there is replaced, not followed. */
export const rename = Effect.fnUntraced(function* (from: string, to: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.rename(from, to)
})

/** Replaces a file as a whole: a reader sees the old bytes or the new ones, never a part. */
export const replace = Effect.fnUntraced(function* (target: string, bytes: Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = path.dirname(target)
  yield* checkFree(target)
  const made = yield* temporary(directory)
  yield* write(made, bytes).pipe(
    Effect.andThen(rename(made, target)),
    Effect.onError(() => Effect.ignore(fs.remove(made)))
  )
  yield* syncDirectory(directory)
})

/** Replaces a text as a whole. */
export const replaceText = (target: string, text: string) => replace(target, new TextEncoder().encode(text))

/**
 * Appends to a file. One that has another name too is refused: there it would change as well; `replace` gives a file
 * bytes of its own.
 */
export const append = Effect.fnUntraced(function* (path: string, bytes: Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  yield* checkFree(path)
  const file = yield* fs.open(path, { flag: "a", noFollow: !Platform.isWindows })
  const { nlink } = yield* file.stat
  if (Option.getOrElse(nlink, () => 1n) > 1n) {
    return yield* new RegularFile.IrregularError({
      path,
      what: "it has another name outside, and would change there as well",
      fix: "Make it a file of its own: copy it, and put the copy in its place"
    })
  }
  yield* file.writeAll(bytes)
}, Effect.scoped)

/** Gives a file bytes of its own, where it has another name too under which they would change. */
export const detach = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(path))) return
  const { nlink } = yield* RegularFile.check(path)
  if (Option.getOrElse(nlink, () => 1n) > 1n) {
    yield* replace(path, yield* RegularFile.read(path, { most: RegularFile.TABLE }))
  }
})

/** Waits until the bytes of a file are on the disk; makes an empty one where there is none. */
export const sync = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* checkFree(path)
  const file = yield* fs.open(path, { flag: "a", noFollow: !Platform.isWindows })
  yield* file.sync
}, Effect.scoped)

/** A second name for a file; fails with `AlreadyExists` where that is taken, which is how one of several wins. */
export const link = Effect.fnUntraced(function* (from: string, to: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.link(from, to)
})

/**
 * The same file at another path, in place of one that is there: linked, which is right for files that never change, or
 * copied where that cannot be.
 */
export const share = Effect.fnUntraced(function* (from: string, to: string) {
  const fs = yield* FileSystem.FileSystem
  yield* RegularFile.check(from)
  yield* checkFree(to)
  if (yield* fs.exists(to)) yield* fs.remove(to)
  yield* Effect.catch(fs.link(from, to), () => fs.copyFile(from, to))
})

// removing

/** Removes a file or a link, not what it leads to. */
export const removeFile = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(path)
})

/** Removes a directory of our own with all that is in it, so that a kill in between leaves no half of it under its name. */
export const removeDirectory = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const aside = yield* temporary(path.dirname(directory))
  yield* fs.rename(directory, aside)
  yield* fs.remove(aside, { recursive: true })
})

/** Removes a temporary directory. */
export const removeTemporary = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  if (isTemporary(path.basename(directory))) yield* fs.remove(directory, { recursive: true, force: true })
})

/** Removes what a killed process left unfinished in a directory. Only for whoever alone writes there. */
export const sweep = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const name of yield* fs.readDirectory(directory)) yield* removeTemporary(path.join(directory, name))
})
