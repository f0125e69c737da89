/**
 * Parts of one's own, from a module that a person has named: TypeScript, which Node runs as it is.
 *
 * ```ts
 * // parts.ts
 * export default UserParts.define({ variants: [absolute], environments: [tank] })
 * ```
 *
 * A module is code: to name it is to run it. So a run's directory says where its parts came from and keeps a copy to
 * read, and neither is ever run because a directory says so (`docs/decisions/0020-parts.md`).
 */
import { type Algorithm, type Architecture, Recipe } from "@ornstein/algos"
import * as Algorithms from "@ornstein/algos/Registry"
import * as Catalogue from "@ornstein/core/Catalogue"
import * as Config from "@ornstein/core/Config"
import type * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import type * as Exploration from "@ornstein/core/Exploration"
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Optimizers from "@ornstein/core/Optimizers"
import type * as Part from "@ornstein/core/Part"
import type * as Ramp from "@ornstein/core/Ramp"
import * as RegularFile from "@ornstein/core/RegularFile"
import type * as Replay from "@ornstein/core/Replay"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { pathToFileURL } from "node:url"
import * as Experiment from "./Experiment.ts"

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

/** What a module exports: one by one under these names, or all of it as its default. */
export interface Parts {
  readonly environments?: ReadonlyArray<Part.Any<Environment.Environment>>
  readonly wrappers?: ReadonlyArray<Part.Any<Environment.Wrapper>>
  readonly variants?: ReadonlyArray<Part.Any<Algorithm.Variant>>
  readonly bases?: ReadonlyArray<Recipe.Recipe>
  readonly replays?: ReadonlyArray<Part.Any<Replay.Chosen>>
  readonly explorations?: ReadonlyArray<Part.Any<Layer.Layer<Exploration.Exploration>>>
  readonly networks?: ReadonlyArray<Part.Any<Architecture.Architecture>>
  readonly optimizers?: ReadonlyArray<Part.Any<Optimizers.Rated>>
  /** Made with `Ramp.make`. */
  readonly ramps?: ReadonlyArray<Ramp.Kind>
  readonly engines?: ReadonlyArray<Part.Any<Engine.Opened>>
}

/** A module's source: the file that was named, and those that it imports from beside it. */
export interface Source {
  /** Absolute. */
  readonly path: string
  /** Of all of its files. */
  readonly sha256: string
  /** Texts by their place below the folder that holds them all. */
  readonly files: { readonly [place: string]: string }
}

/** A part whose type is known by what it has shown. */
interface Foreign<A> extends Part.Any<A> {
  readonly members: ReadonlyArray<Part.Member & { readonly Type: { readonly kind: string } }>
}

// constructors

/** A module's parts, with their types checked. */
export const define = (parts: Parts): Parts => parts

// pure core

const NAMES = [
  "environments",
  "wrappers",
  "variants",
  "bases",
  "replays",
  "explorations",
  "networks",
  "optimizers",
  "ramps",
  "engines"
] as const

const isFunction = (u: unknown): u is Algorithm.Variant & Environment.Wrapper & Optimizers.Rated =>
  typeof u === "function"

const isNetwork = (u: unknown): u is Architecture.Architecture =>
  JsonPath.isRecord(u) && typeof u["actor"] === "function" && typeof u["critic"] === "function"

const isMotion = (u: unknown): u is Ramp.Motion =>
  JsonPath.isRecord(u) &&
  typeof u["at"] === "function" &&
  typeof u["least"] === "number" &&
  typeof u["most"] === "number"

const isEngine = (u: unknown): u is Engine.Opened => Effect.isEffect(u)

const isEnvironment = (u: unknown): u is Environment.Environment =>
  JsonPath.isRecord(u) && JsonPath.isRecord(u["spec"]) && u["make"] !== undefined

const isReplay = (u: unknown): u is Replay.Chosen =>
  JsonPath.isRecord(u) && Layer.isLayer(u["layer"]) && typeof u["bytes"] === "function"

const isExploration = (u: unknown): u is Layer.Layer<Exploration.Exploration> => Layer.isLayer(u)

/** Has it the shape of a part? */
const isPart = (u: unknown): u is Foreign<unknown> =>
  JsonPath.isRecord(u) &&
  u["tag"] === "kind" &&
  typeof u["kind"] === "string" &&
  typeof u["description"] === "string" &&
  typeof u["construct"] === "function" &&
  Array.isArray(u["requires"]) &&
  Array.isArray(u["members"]) &&
  u["members"].length > 0 &&
  u["members"].every(Schema.isSchema)

const isRecipe = (u: unknown): u is Recipe.Recipe =>
  JsonPath.isRecord(u) &&
  typeof u["kind"] === "string" &&
  Array.isArray(u["variants"]) &&
  JsonPath.isRecord(u["defaults"])

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Can its options be made for the bounds of a place? */
const isRamp = (u: Foreign<Ramp.Motion>): u is Foreign<Ramp.Motion> & Ramp.Kind =>
  "within" in u && typeof u.within === "function"

/** What a part makes of its example: the proof that it makes what its place needs. */
const shown = (part: Foreign<unknown>): Result.Result<unknown, string> =>
  Result.flatMap(
    Result.mapError(
      Config.decode(
        { schema: Schema.Union(part.members), rules: [], example: {} },
        { kind: part.kind, ...(JsonPath.isRecord(part.example) ? part.example : {}) }
      ),
      ({ mistakes }) =>
        `its example is not valid: ${mistakes.map(({ allowed, path }) => `${path}: ${allowed}`).join("; ")}`
    ),
    (options) =>
      Result.try({
        try: () => part.construct(options),
        catch: (cause) => `making its example fails: ${reasonOf(cause)}`
      })
  )

/** The same part, of which is known what it makes. */
const checked = <A>(
  part: Foreign<unknown>,
  isProduct: (u: unknown) => u is A,
  what: string
): Result.Result<Foreign<A>, string> => {
  const construct = (options: unknown): A => {
    const made = part.construct(options)
    if (!isProduct(made)) throw new TypeError(`"${part.kind}" makes no ${what}`)
    return made
  }
  return Result.flatMap(shown(part), (made) =>
    isProduct(made) ? Result.succeed({ ...part, construct }) : Result.fail(`it makes no ${what}`)
  )
}

/** The list that a module exports under a name, each item checked; or what is wrong with it. */
const listOf = <A>(
  exported: JsonPath.JsonRecord,
  name: (typeof NAMES)[number],
  read: (item: unknown) => Result.Result<A, string>
): Result.Result<ReadonlyArray<A>, string> => {
  const list = exported[name] ?? []
  if (!Array.isArray(list)) return Result.fail(`"${name}" is no list`)
  return Result.all(
    list.map((item: unknown, i) => Result.mapError(read(item), (reason) => `${name}.${i}: ${reason}`))
  )
}

const partOf =
  <A>(isProduct: (u: unknown) => u is A, what: string) =>
  (item: unknown): Result.Result<Foreign<A>, string> =>
    isPart(item) ? checked(item, isProduct, what) : Result.fail("it is no part: make it with Part.make")

const rampOf = (item: unknown): Result.Result<Ramp.Kind, string> =>
  Result.flatMap(partOf(isMotion, "ramp")(item), (part) =>
    isRamp(part) ? Result.succeed(part) : Result.fail("it is no ramp: make it with Ramp.make")
  )

const recipeOf = (item: unknown): Result.Result<Recipe.Recipe, string> =>
  isRecipe(item) ? Result.succeed(item) : Result.fail("it is no recipe: make it with Recipe.make")

/** What a module exports, as far as it is about parts. */
const exportedBy = (module: unknown): Result.Result<JsonPath.JsonRecord, string> => {
  const all = JsonPath.isRecord(module) ? module : {}
  const { default: whole } = all
  if (whole !== undefined && !JsonPath.isRecord(whole)) {
    return Result.fail(`its default export is no object with ${NAMES.join(", ")}`)
  }
  const exported = { ...all, ...whole }
  return NAMES.some((name) => exported[name] !== undefined)
    ? Result.succeed(exported)
    : Result.fail(`it exports none of ${NAMES.join(", ")}`)
}

/** The parts of a module, each of which has shown what it makes. */
interface Lists {
  readonly environments: ReadonlyArray<Foreign<Environment.Environment>>
  readonly wrappers: ReadonlyArray<Foreign<Environment.Wrapper>>
  readonly variants: ReadonlyArray<Foreign<Algorithm.Variant>>
  readonly bases: ReadonlyArray<Recipe.Recipe>
  readonly replays: ReadonlyArray<Foreign<Replay.Chosen>>
  readonly explorations: ReadonlyArray<Foreign<Layer.Layer<Exploration.Exploration>>>
  readonly networks: ReadonlyArray<Foreign<Architecture.Architecture>>
  readonly optimizers: ReadonlyArray<Foreign<Optimizers.Rated>>
  readonly ramps: ReadonlyArray<Ramp.Kind>
  readonly engines: ReadonlyArray<Foreign<Engine.Opened>>
}

/** The parts that a module exports, or what is wrong with one of them. */
export const listsOf = (module: unknown): Result.Result<Lists, string> =>
  Result.flatMap(exportedBy(module), (exported) =>
    Result.all({
      environments: listOf(exported, "environments", partOf(isEnvironment, "environment")),
      wrappers: listOf(exported, "wrappers", partOf(isFunction, "wrapper: that is a function")),
      variants: listOf(exported, "variants", partOf(isFunction, "variant: that is a function")),
      bases: listOf(exported, "bases", recipeOf),
      replays: listOf(exported, "replays", partOf(isReplay, "replay")),
      explorations: listOf(exported, "explorations", partOf(isExploration, "exploration: that is a layer")),
      networks: listOf(exported, "networks", partOf(isNetwork, "network: that has actor and critic")),
      optimizers: listOf(
        exported,
        "optimizers",
        partOf(isFunction, "optimizer: that is a function of its rate")
      ),
      ramps: listOf(exported, "ramps", rampOf),
      engines: listOf(exported, "engines", partOf(isEngine, "engine: that is an effect"))
    })
  )

/** Our experiment with these parts besides. Throws a `DuplicatePart` where one has the name of another. */
export const experimentWith = (modules: ReadonlyArray<Lists>): Experiment.Experiment => {
  const ours = Experiment.catalogues
  const variants = ours.variants.with(...modules.flatMap((lists) => lists.variants))
  const recipes = modules.flatMap((lists) => lists.bases)
  return Experiment.make({
    ...ours,
    variants,
    bases: Algorithms.basesWith(variants).with(...recipes.map((recipe) => Recipe.base(recipe, variants))),
    worlds: ours.worlds.with(...modules.flatMap((lists) => lists.environments)),
    wrappers: ours.wrappers.with(...modules.flatMap((lists) => lists.wrappers)),
    replays: ours.replays.with(...modules.flatMap((lists) => lists.replays)),
    explorations: ours.explorations.with(...modules.flatMap((lists) => lists.explorations)),
    networks: ours.networks.with(...modules.flatMap((lists) => lists.networks)),
    optimizers: ours.optimizers.with(...modules.flatMap((lists) => lists.optimizers)),
    ramps: ours.ramps.with(...modules.flatMap((lists) => lists.ramps)),
    engines: ours.engines.with(...modules.flatMap((lists) => lists.engines))
  })
}

const isOurs = (parts: ReadonlyArray<Part.Any>, kind: unknown): boolean =>
  kind === undefined || parts.some((part) => part.kind === kind)

/** Has the configuration chosen a part that is not ours? */
export const areUsed = (experiment: Experiment.Experiment, config: Experiment.Settings): boolean => {
  const { algorithm, engine, environment, exploration, replay, wrappers = [] } = config
  const ours = Experiment.catalogues
  const chosen = JsonPath.child(algorithm, "variants")
  return !(
    isOurs(ours.worlds.parts, environment.kind) &&
    isOurs(ours.bases.parts, algorithm.base) &&
    isOurs(ours.replays.parts, replay.kind) &&
    isOurs(ours.explorations.parts, exploration.kind) &&
    isOurs(ours.engines.parts, engine.kind) &&
    wrappers.every(({ kind }) => isOurs(ours.wrappers.parts, kind)) &&
    (Array.isArray(chosen) ? chosen : []).every((variant: unknown) =>
      isOurs(ours.variants.parts, JsonPath.child(variant, "kind"))
    ) &&
    !experiment.choosesOwn(config)
  )
}

// sources

/** No module of parts has more files, or more text, than this. */
const MOST_FILES = 64
const MOST_TEXT = 2 ** 20

/** What a file imports from beside it. */
const importsOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g), ([, place = ""]) => place)

/** The folder that holds all of these files. */
const folderOf = (paths: Path.Path, files: ReadonlyArray<string>): string =>
  files
    .map((file) => paths.dirname(file))
    .reduce((folder, other) => {
      let common = folder
      while (paths.relative(common, other).startsWith("..")) common = paths.dirname(common)
      return common
    })

/** The source of a module: its file, and what it imports from beside it. */
export const sourceOf = Effect.fn("UserParts.sourceOf")(function* (given: string) {
  const paths = yield* Path.Path
  const path = paths.resolve(given)
  const texts = new Map<string, string>()
  const rest = [path]
  let size = 0
  for (let file = rest.pop(); file !== undefined; file = rest.pop()) {
    if (texts.has(file)) continue
    const at = file
    const text = yield* RegularFile.readText(at, { most: MOST_TEXT, links: "followed" }).pipe(
      Effect.mapError(
        (error) =>
          new PartsError({
            path: at,
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
    [...texts].map(([file, text]) => [paths.relative(folder, file), text] as const)
  )
  const source: Source = { path, sha256: Config.hash(files), files }
  return source
})

/** Runs a module, and reads what it exports. */
const load = Effect.fn("UserParts.load")(function* (path: string) {
  const module: unknown = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(path).href),
    catch: (cause) =>
      new PartsError({
        path,
        what: `it cannot be run: ${reasonOf(cause).split("\n")[0]}`,
        fix: "Mend it; `node FILE` shows where it fails"
      })
  })
  return yield* Effect.mapError(
    Effect.fromResult(listsOf(module)),
    (what) =>
      new PartsError({
        path,
        what,
        fix: "See `UserParts.define`, which checks the types of what a module exports"
      })
  )
})

/** The experiment with the parts of these modules, and their sources. */
export const read = Effect.fn("UserParts.read")(function* (paths: ReadonlyArray<string>) {
  const sources = yield* Effect.forEach(paths, sourceOf)
  const modules = yield* Effect.forEach(sources, ({ path }) => load(path))
  const experiment = yield* Effect.try({
    try: () => experimentWith(modules),
    catch: (cause) => {
      if (cause instanceof Catalogue.DuplicatePart) return cause
      throw cause
    }
  })
  return { experiment, sources }
})
