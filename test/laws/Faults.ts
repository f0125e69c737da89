/** A file system that fails, or lets something else happen, at its n-th change. */
import { Effect, FileSystem, Layer, PlatformError } from "effect"

/** Called before every operation that changes the disk; `half` is the write itself with the first half of its bytes. */
export type Intervention = (
  operation: string,
  half?: Effect.Effect<void, PlatformError.PlatformError>
) => Effect.Effect<void, PlatformError.PlatformError>

/** The error that Node gives for a code such as `ENOSPC`. */
export const failure = (code: string, method: string): PlatformError.PlatformError =>
  PlatformError.systemError({
    _tag: code === "EACCES" ? "PermissionDenied" : "Unknown",
    module: "FileSystem",
    method,
    cause: Object.assign(new Error(`${code}: injected`), { code })
  })

/** Fails operation number `n`, counted from 0, and, if the fault is `lasting`, every one after it. */
export const failing = (n: number, code: string, isLasting = false) => {
  const seen: Array<string> = []
  const intervene: Intervention = (operation, half = Effect.void) =>
    Effect.suspend(() => {
      const number = seen.push(operation) - 1
      const isStruck = isLasting ? number >= n : number === n
      return isStruck ? Effect.andThen(half, Effect.fail(failure(code, operation))) : Effect.void
    })
  return { intervene, seen }
}

/** The file system with an intervention before each change. */
export const layer = (intervene: Intervention) =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs): FileSystem.FileSystem => {
      const before =
        (name: string) =>
        <A, E, R>(self: Effect.Effect<A, E, R>) =>
          Effect.andThen(intervene(name), self)
      return {
        ...fs,
        makeDirectory: (path, options) => before("makeDirectory")(fs.makeDirectory(path, options)),
        rename: (from, to) => before("rename")(fs.rename(from, to)),
        link: (from, to) => before("link")(fs.link(from, to)),
        copyFile: (from, to) => before("copyFile")(fs.copyFile(from, to)),
        remove: (path, options) => before("remove")(fs.remove(path, options)),
        writeFile: (path, data, options) => before("writeFile")(fs.writeFile(path, data, options)),
        writeFileString: (path, data, options) =>
          before("writeFileString")(fs.writeFileString(path, data, options)),
        open: (path, options) =>
          // Opening for reading changes nothing; syncing what was opened so does.
          (options?.flag === "r" ? fs.open(path, options) : before("open")(fs.open(path, options))).pipe(
            Effect.map(
              (file): FileSystem.File => ({
                [FileSystem.FileTypeId]: FileSystem.FileTypeId,
                stat: file.stat,
                seek: (offset, from) => file.seek(offset, from),
                sync: before("sync")(file.sync),
                read: (buffer, options) => file.read(buffer, options),
                readAlloc: (size, options) => file.readAlloc(size, options),
                truncate: (length) => before("truncate")(file.truncate(length)),
                write: (buffer) => before("write")(file.write(buffer)),
                writeAll: (buffer) =>
                  intervene("writeAll", file.writeAll(buffer.subarray(0, buffer.length >> 1))).pipe(
                    Effect.andThen(file.writeAll(buffer))
                  )
              })
            )
          )
      }
    })
  )
