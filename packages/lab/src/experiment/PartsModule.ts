/**
 * A module of parts on disk: its source, which a run keeps a copy of, and what it exports once it has run. To read it is
 * safe; to load it is to run it, which only its user's word allows (`docs/decisions/0020-parts.md`).
 */
import * as Config from "@ornstein/core/Config"
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { pathToFileURL } from "node:url"
import { Worker } from "node:worker_threads"
import { Contained } from "../guards/index.ts"
import { Output, Words } from "../terminal/index.ts"

// errors

/** A module of parts that cannot be used. */
export class PartsError
  extends Schema.TaggedError<PartsError>()("PartsError", { path: Schema.String, ...Fault.fields })
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

/** A module's source: the file that was named, and those that it imports from beside it. */
export interface Source {
  /** As it was named, absolute. */
  readonly path: string
  /** The file itself, where links lead. */
  readonly file: string
  /** Of all of its files. */
  readonly sha256: string
  /** The folder that holds all of them. */
  readonly folder: string
  /** Texts by their place below it. */
  readonly files: { readonly [place: string]: string }
}

// services

/** How long a module may take to load: after `tell` it is said what is waited for, after `end` it is given up. */
export const Patience = Context.Reference<{ readonly tell: Duration.Input; readonly end: Duration.Input }>(
  "@ornstein/lab/experiment/Patience",
  { defaultValue: () => ({ tell: "5 seconds", end: "2 minutes" }) }
)

// pure core

/** No module of parts has more files, or more text, than this. */
const MOST_FILES = 64
const MOST_TEXT = 2 ** 20

const ENDINGS = [".ts", ".mts", ".js", ".mjs"]

const CONFIGURATION = /\.(json|ya?ml|toml)$/i
const COMMON = /\.(cts|cjs)$/i

/** Why a file of this name is no module of parts, and what to do. */
const misnamed = (path: string): { readonly what: string; readonly fix: string } | undefined => {
  if (ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) return undefined
  if (CONFIGURATION.test(path)) {
    return {
      what: "it is named as a configuration is, and parts are code",
      fix: "Give a configuration as --config, and the module that exports its parts as --with"
    }
  }
  const fix = `Name a module whose name ends in ${ENDINGS.join(", ")}`
  return COMMON.test(path)
    ? { what: "it is a CommonJS module, and parts are exported by ECMAScript modules", fix }
    : { what: `its name ends in none of ${ENDINGS.join(", ")}`, fix }
}

/** What a file imports from beside it. */
const importsOf = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.matchAll(/(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g),
    ([, place = ""]) => place
  )

/** The folder that holds all of these files. */
const folderOf = (paths: Path.Path, files: ReadonlyArray<string>): string =>
  files
    .map((file) => paths.dirname(file))
    .reduce((folder, other) => {
      let common = folder
      while (paths.relative(common, other).startsWith("..")) common = paths.dirname(common)
      return common
    })

/** The files of sources, absolute. */
export const filesOf = Effect.map(
  Path.Path,
  (paths) =>
    (sources: ReadonlyArray<Source>): ReadonlyArray<string> =>
      sources.flatMap(({ files, folder }) => Object.keys(files).map((place) => paths.join(folder, place)))
)

// reading

const readable = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const kind = yield* Effect.option(files.stat(path))
  if (kind._tag === "Some" && kind.value.type === "Directory") {
    return yield* new PartsError({
      path,
      what: "it is a directory",
      fix: "Name the file in it that exports the parts"
    })
  }
  const fault = kind._tag === "Some" ? misnamed(path) : undefined
  if (fault !== undefined) return yield* new PartsError({ path, ...fault })
  return yield* Effect.orElseSucceed(files.realPath(path), () => path)
})

/** The source of a module: its file, and what it imports from beside it. */
export const sourceOf = Effect.fn("PartsModule.sourceOf")(function* (given: string) {
  const paths = yield* Path.Path
  const path = paths.resolve(given)
  const file = yield* readable(path)
  const texts = new Map<string, string>()
  const rest = [file]
  let size = 0
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (texts.has(at)) continue
    const named = at
    const text = yield* RegularFile.readText(named, { most: MOST_TEXT, links: "followed" }).pipe(
      Effect.mapError(
        (error) =>
          new PartsError({
            path: named === file ? path : named,
            what: FileWords.said(error),
            fix: "Name a TypeScript file that exports parts"
          })
      )
    )
    texts.set(at, text)
    size += text.length
    if (texts.size > MOST_FILES || size > MOST_TEXT) {
      return yield* new PartsError({
        path,
        what: `with what it imports from beside it, it has more than ${MOST_FILES} files or ${MOST_TEXT} letters`,
        fix: "Export parts from smaller modules: all of them are copied into every run"
      })
    }
    for (const place of importsOf(text)) rest.push(paths.resolve(paths.dirname(at), place))
  }
  const folder = folderOf(paths, [...texts.keys()])
  const files = Object.fromEntries(
    [...texts].map(([at, text]) => [paths.relative(folder, at), text] as const)
  )
  const source: Source = { path, file, sha256: Config.hash(files), folder, files }
  return source
})

// loading

/** Says something after a time, whatever this thread does meanwhile. */
const SAY = `
const { workerData: { after, text } } = require("node:worker_threads")
setTimeout(() => require("node:fs").writeSync(2, text), after)
`

/** A module that computes without end holds this thread up: another one says so. */
const watchedFor = (text: string, after: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const worker = new Worker(SAY, { eval: true, workerData: { text, after }, execArgv: [] })
      worker.unref()
      return worker
    }),
    (worker) => Effect.promise(() => worker.terminate())
  )

/** While a module does not end loading, it is said that it is waited for. */
const waiting = Effect.fnUntraced(function* (path: string, end: Duration.Input, tell: Duration.Input) {
  const patience = Duration.toMillis(tell)
  const aside = yield* Output.Aside
  const held = `${path} computes while it loads, and nothing else can be done until it ends; kill -9 ${process.pid} ends it\n`
  yield* watchedFor(held, 2 * patience)
  yield* aside
    .line(`waiting for ${path} to load, for ${Duration.format(Duration.fromInputUnsafe(end))} at the most`)
    .pipe(Effect.delay(tell), Effect.forkScoped)
})

/** Runs a module: what it exports. */
export const load = Effect.fn("PartsModule.load")(function* ({ file, path }: Source) {
  const { end, tell } = yield* Patience
  yield* waiting(path, end, tell)
  const refused = (cause: unknown): PartsError => {
    const line = Words.lineOf(cause, [file])
    const isExit = cause instanceof Contained.ExitCalled
    return new PartsError({
      path,
      what: isExit
        ? `it called ${cause.message} while it was loaded`
        : `it cannot be run: ${Words.reasonOf(cause)}`,
      fix: isExit
        ? `Export parts, and leave the process alone${line === undefined ? "" : ` at ${line}`}`
        : `Mend it${line === undefined ? "" : ` at ${line}`}; \`node FILE\` shows where it fails`
    })
  }
  const module: unknown = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(file).href),
    catch: refused
  }).pipe(
    Effect.timeoutOrElse({
      duration: end,
      orElse: () =>
        Effect.fail(
          new PartsError({
            path,
            what: `it has not loaded after ${Duration.format(Duration.fromInputUnsafe(end))}: something at its top level waits and waits`,
            fix: "Await nothing there that may not come"
          })
        )
    })
  )
  return module
}, Effect.scoped)
