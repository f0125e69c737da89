/** Files that outlive a power cut: contents first, then the name, both synced. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as CheckpointError from "./CheckpointError.ts"

// combinators

/** Makes the names in a directory last. */
export const syncDirectory = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const handle = yield* fs.open(directory, { flag: "r" })
  yield* handle.sync
}, Effect.scoped)

/** Writes a file and waits until its bytes are on the disk; its name lasts once the directory is synced. */
export const write = Effect.fnUntraced(
  function* (path: string, bytes: Uint8Array) {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(path, { flag: "w" })
    yield* file.writeAll(bytes)
    yield* file.sync
  },
  Effect.scoped,
  (effect, path) => CheckpointError.at(path)(effect)
)

/** Replaces a file as a whole: a reader sees the old bytes or the new ones, never a part. */
export const replace = Effect.fnUntraced(
  function* (target: string, bytes: Uint8Array) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const temporary = path.join(path.dirname(target), `.tmp-${path.basename(target)}`)
    yield* write(temporary, bytes)
    yield* fs.rename(temporary, target)
    yield* syncDirectory(path.dirname(target))
  },
  (effect, target) => CheckpointError.at(target)(effect)
)
