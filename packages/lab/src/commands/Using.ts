/**
 * Parts of the user's own in commands: those of modules that `--with` names, and of the project's `ornstein.config.ts`,
 * which is looked for from the working directory upwards. Never in the directory of a run, which may be a stranger's.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Flag from "effect/cli/Flag"
import type * as Param from "effect/cli/Param"
import * as Flags from "./Flags.ts"

// flags

const WITH = "with"

const modules = Flags.path(WITH).pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription(
    "A module of your own that exports parts (TypeScript); it is run; may be repeated. ornstein.config.ts of the project is taken too"
  ),
  Flag.atLeast(0)
)

export const flags = { parts: modules }

/** Of commands that open runs. */
export const ofRuns = {
  parts: modules,
  acceptChangedParts: Flag.Boolean("accept-changed-parts").pipe(
    Flag.withDescription(
      "Go on with parts of your own although their source is not what the run was made with; the record will say so"
    ),
    Flag.withDefault(false)
  )
}

interface Given {
  readonly parts: ReadonlyArray<string>
  readonly acceptChangedParts?: boolean
}

// the project's

const CONFIG = "ornstein.config.ts"

/** Folders in which the search ends: a project's root; the directory of a run, where nothing is run. */
const ROOTS = ["package.json", ".git"]
const RUN = "run.json"

/** The `ornstein.config.ts` of the project that a folder is in. */
export const configFrom = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const has = (at: string, name: string) =>
    Effect.orElseSucceed(files.exists(paths.join(at, name)), () => false)
  let found: string | undefined
  for (let at = paths.resolve(folder); ; at = paths.dirname(at)) {
    if (yield* has(at, RUN)) return undefined
    if (found === undefined && (yield* has(at, CONFIG))) found = paths.join(at, CONFIG)
    const isRoot = (yield* Effect.forEach(ROOTS, (name) => has(at, name))).includes(true)
    if (isRoot || at === paths.dirname(at)) return found
  }
})

/** May a line with these flags bring parts of the user's own? */
export const mayBring = (flags: Param.Flags) =>
  (flags[WITH]?.length ?? 0) > 0
    ? Effect.succeed(true)
    : Effect.map(configFrom("."), (config) => config !== undefined)

// providing

/** The command with the parts of these modules, and of no others, besides ours. */
export const named =
  ({ acceptChangedParts = false, parts: modules }: Given) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      if (modules.length === 0 && !acceptChangedParts) return yield* self
      const [{ Current, UserParts }, { caught }] = yield* Effect.promise(() =>
        Promise.all([import("../experiment/index.ts"), import("@ornstein/core/PartError")])
      )
      const sources = yield* UserParts.sourcesOf(modules)
      const working = Effect.gen(function* () {
        const experiment = yield* UserParts.read(sources)
        return yield* Effect.provideService(self, Current, {
          experiment,
          sources,
          acceptsChanges: acceptChangedParts
        })
      })
      return yield* UserParts.beside(sources, caught(working))
    })

/** The same, and with those of the project. */
export const using =
  ({ parts, ...given }: Given) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.flatMap(configFrom("."), (config) =>
      named({ ...given, parts: [...(config === undefined ? [] : [config]), ...parts] })(self)
    )
