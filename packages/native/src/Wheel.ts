/**
 * A wheel of TensorFlow, which is a zip archive: what it was made for, and its libtensorflow. A library of a gigabyte
 * is inflated as it is written, never held.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Durable from "@ornstein/core/Durable"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { arch, platform } from "node:os"
import { crc32 } from "node:zlib"
import * as yauzl from "yauzl"
import * as Libtensorflow from "./Libtensorflow.ts"
import type { Progress } from "./Progress.ts"

// models

/** A machine, in the words of Node: `linux`, `x64`. */
export interface Machine {
  readonly platform: string
  readonly arch: string
}

/** An opened wheel. */
interface Wheel {
  readonly path: string
  readonly entries: ReadonlyMap<string, yauzl.Entry>
  readonly zip: yauzl.ZipFile
}

// pure core

const MACHINES: { readonly [machine: string]: RegExp } = {
  "linux x64": /linux.*_x86_64$/,
  "linux arm64": /linux.*_aarch64$/,
  "darwin x64": /^macosx.*_(x86_64|universal2)$/,
  "darwin arm64": /^macosx.*_(arm64|universal2)$/
}

/** The platforms in `dist-info/WHEEL`: `manylinux_2_27_x86_64` of `Tag: cp311-cp311-manylinux_2_27_x86_64`. */
export const platformsOf = (metadata: string): ReadonlyArray<string> =>
  Array.from(metadata.matchAll(/^Tag: [^-\s]+-[^-\s]+-(\S+)/gm), (match) => match[1] ?? "").flatMap((tag) =>
    tag.split(".")
  )

/** Can libraries for a wheel's platform be loaded here? */
export const fits = (tag: string, { arch, platform }: Machine): boolean =>
  MACHINES[`${platform} ${arch}`]?.test(tag) ?? false

/** The files that a C++ source includes by name: `#include "tensorflow/c/c_api.h"`. */
export const includes = (source: string): ReadonlyArray<string> =>
  Array.from(source.matchAll(/^\s*#\s*include\s*["<]([^">]+)[">]/gm), (match) => match[1] ?? "")

const ROOT = "tensorflow/"
const INCLUDE = `${ROOT}include/`

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

const damaged = (path: string, reason: string) =>
  new Libtensorflow.LibtensorflowError({
    path,
    what: reason,
    fix: "Download it again, as with `pip download --no-deps tensorflow` or `tensorflow-cpu`"
  })

const explained = (path: string) => (cause: unknown) =>
  damaged(path, `cannot be read as a wheel: ${cause instanceof Error ? cause.message : String(cause)}`)

// reading

/** Opens a wheel until the scope closes. */
const open = Effect.fnUntraced(function* (path: string) {
  yield* Effect.mapError(RegularFile.check(path, "followed"), (error) =>
    error._tag === "IrregularError" ? damaged(path, error.what) : explained(path)(error.cause)
  )
  const zip = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => yauzl.openPromise(path, { autoClose: false }),
      catch: explained(path)
    }),
    (zip) => Effect.sync(() => zip.close())
  )
  const entries = yield* Stream.fromAsyncIterable(zip.eachEntry(), explained(path)).pipe(Stream.runCollect)
  const wheel: Wheel = {
    path,
    zip,
    entries: new Map(Array.from(entries, (entry) => [entry.fileName, entry]))
  }
  return wheel
})

/** The bytes of an entry, checked against its size and its CRC-32 in the end. */
const bytes = ({ path, zip }: Wheel, entry: yauzl.Entry) =>
  Stream.unwrap(
    Effect.map(
      Effect.tryPromise({ try: () => zip.openReadStreamPromise(entry), catch: explained(path) }),
      (readable) => {
        let crc = 0
        return NodeStream.fromReadable<Uint8Array, Libtensorflow.LibtensorflowError>({
          evaluate: () => readable,
          onError: explained(path)
        }).pipe(
          Stream.tap((chunk) =>
            Effect.sync(() => {
              crc = crc32(chunk, crc)
            })
          ),
          Stream.onEnd(
            Effect.suspend(() =>
              crc === entry.crc32 ? Effect.void : Effect.fail(damaged(path, `${entry.fileName} is damaged`))
            )
          )
        )
      }
    )
  )

const text = (wheel: Wheel, entry: yauzl.Entry) => Stream.mkString(Stream.decodeText(bytes(wheel, entry)))

/** Refuses a wheel that was made for another kind of machine. */
const checkPlatform = Effect.fnUntraced(function* (wheel: Wheel, machine: Machine) {
  const metadata = [...wheel.entries.values()].find(({ fileName }) =>
    /^[^/]+\.dist-info\/WHEEL$/.test(fileName)
  )
  if (metadata === undefined) {
    return yield* damaged(wheel.path, "is a zip archive but no wheel: it has no dist-info/WHEEL")
  }
  const platforms = platformsOf(yield* text(wheel, metadata))
  if (!platforms.some((tag) => fits(tag, machine))) {
    return yield* new Libtensorflow.LibtensorflowError({
      path: wheel.path,
      what: `was made for ${platforms.join(", ") || "no platform"}, and this is ${machine.platform} ${machine.arch}`,
      fix: "Take the wheel for this platform; the version of Python in its name does not matter"
    })
  }
})

// writing

/** Writes an entry to a file, telling how far it is. */
const extract = Effect.fnUntraced(function* (
  wheel: Wheel,
  entry: yauzl.Entry,
  target: string,
  progress: Progress
) {
  const paths = yield* Path.Path
  yield* Durable.ensureDirectory(paths.dirname(target))
  const size = entry.uncompressedSize
  let written = 0
  yield* bytes(wheel, entry).pipe(
    Stream.tap((chunk) => {
      const before = Math.floor(written / 2 ** 23)
      written += chunk.length
      return Math.floor(written / 2 ** 23) === before
        ? Effect.void
        : progress.live(`${paths.basename(target)}   ${megabytes(written)} of ${megabytes(size)} MB`)
    }),
    Stream.run(Durable.sink(target))
  )
})

/** The headers that are included from `names`, directly or by one another; those of the system are not in a wheel. */
const extractHeaders = Effect.fnUntraced(function* (
  wheel: Wheel,
  names: ReadonlyArray<string>,
  target: string
) {
  const paths = yield* Path.Path
  const waiting = [...names]
  const seen = new Set(waiting)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const entry = wheel.entries.get(`${INCLUDE}${name}`)
    if (entry === undefined) continue
    const source = yield* text(wheel, entry)
    const path = paths.join(target, name)
    yield* Durable.ensureDirectory(paths.dirname(path))
    yield* Durable.write(path, new TextEncoder().encode(source))
    for (const included of includes(source)) {
      if (!seen.has(included)) waiting.push(included)
      seen.add(included)
    }
  }
})

/**
 * Unpacks the two libraries of a wheel, and the headers that the addon needs of the thousands it has, into a folder.
 * Fails with a `LibtensorflowError` where the file is no wheel, was made for another machine, is damaged, or has no
 * library in C.
 */
export const unpack = Effect.fn("Wheel.unpack")(function* (
  path: string,
  target: string,
  progress: Progress,
  machine: Machine = { platform: platform(), arch: arch() }
) {
  const paths = yield* Path.Path
  const wheel = yield* open(path)
  yield* checkPlatform(wheel, machine)
  const names = [...wheel.entries.keys()]
    .filter((name) => name.startsWith(ROOT))
    .map((name) => name.slice(ROOT.length))
  const found = Libtensorflow.librariesIn(names)
  if (found.library === undefined) return yield* Libtensorflow.missing(path, "libtensorflow")
  if (found.framework === undefined) return yield* Libtensorflow.missing(path, "libtensorflow_framework")
  yield* extractHeaders(wheel, Libtensorflow.headers, paths.join(target, "include"))
  for (const name of [found.framework, found.library]) {
    const entry = wheel.entries.get(`${ROOT}${name}`)
    if (entry !== undefined) yield* extract(wheel, entry, paths.join(target, name), progress)
  }
  return yield* Libtensorflow.find(target)
}, Effect.scoped)
