/** A file's bytes, where the host has files: for who has no `FileSystem` service, such as a program that is one line. */
import * as Effect from "effect/Effect"
import * as SystemCode from "./SystemCode.ts"

const reason = (cause: unknown): string => SystemCode.said(SystemCode.of(cause) ?? String(cause))

/** The bytes of a regular file, or why there are none. A pipe would be waited for and a device never ends: neither is opened. */
export const read = Effect.fnUntraced(function* (path: string | URL): Effect.fn.Return<Uint8Array, string> {
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises")
  if (files === undefined) return yield* Effect.fail("there are no files here")
  const found = yield* Effect.tryPromise({ try: () => files.stat(path), catch: reason })
  if (!found.isFile()) return yield* Effect.fail("it is no regular file")
  return yield* Effect.tryPromise({ try: () => files.readFile(path), catch: reason })
})
