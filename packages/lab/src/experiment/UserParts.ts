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
import * as Config from "@ornstein/core/Config"
import type * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import type * as Exploration from "@ornstein/core/Exploration"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Mistake from "@ornstein/core/Mistake"
import type * as Optimizers from "@ornstein/core/Optimizers"
import type * as Part from "@ornstein/core/Part"
import * as PartError from "@ornstein/core/PartError"
import type * as Ramp from "@ornstein/core/Ramp"
import type * as Replay from "@ornstein/core/Replay"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  Contained,
  Guard,
  GuardedExploration,
  GuardedLearning,
  GuardedReplay,
  GuardedVariant,
  GuardedWorld
} from "../guards/index.ts"
import { Words } from "../terminal/index.ts"
import * as Experiment from "./Experiment.ts"
import * as PartShape from "./PartShape.ts"
import * as PartsModule from "./PartsModule.ts"

// modules

export { PartsError, sourceOf } from "./PartsModule.ts"
export type { Source } from "./PartsModule.ts"

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

/** The parts of a module, each of which has shown what it makes. */
interface Lists {
  readonly environments: ReadonlyArray<PartShape.Foreign<Environment.Environment>>
  readonly wrappers: ReadonlyArray<PartShape.Foreign<Environment.Wrapper>>
  readonly variants: ReadonlyArray<PartShape.Foreign<Algorithm.Variant>>
  readonly bases: ReadonlyArray<Recipe.Recipe>
  readonly replays: ReadonlyArray<PartShape.Foreign<Replay.Chosen>>
  readonly explorations: ReadonlyArray<PartShape.Foreign<Layer.Layer<Exploration.Exploration>>>
  readonly networks: ReadonlyArray<PartShape.Foreign<Architecture.Architecture>>
  readonly optimizers: ReadonlyArray<PartShape.Foreign<Optimizers.Rated>>
  readonly ramps: ReadonlyArray<Ramp.Kind>
  readonly engines: ReadonlyArray<PartShape.Foreign<Engine.Opened>>
}

type Name = keyof Lists

/** The parts of a module, and which one it is. */
interface Loaded {
  readonly path: string
  readonly lists: Lists
}

// constructors

/** A module's parts, with their types checked. */
export const define = (parts: Parts): Parts => parts

// pure core: what a part is

/** What a module exports, and what one of each is called. */
const NAMES: ReadonlyArray<readonly [name: Name, one: string]> = [
  ["environments", "world"],
  ["wrappers", "wrapper"],
  ["variants", "variant"],
  ["bases", "base"],
  ["replays", "replay"],
  ["explorations", "exploration"],
  ["networks", "network"],
  ["optimizers", "optimizer"],
  ["ramps", "ramp"],
  ["engines", "engine"]
]

const listed = NAMES.map(([name]) => name).join(", ")

/** No module exports more of one sort. */
const MOST_PARTS = 1000

// pure core: parts that are watched

/** What a part makes of its example: the proof that it makes what its place needs. */
const shown = <A>(part: PartShape.Foreign<A>): Result.Result<A, string> =>
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
        catch: (cause) =>
          cause instanceof PartError.PartError
            ? `${cause.what} (${cause.fix.slice(0, 1).toLowerCase()}${cause.fix.slice(1)})`
            : Words.reasonOf(cause)
      })
  )

/** One sort of part: what it makes, and how that is watched. */
interface Sort<A> {
  readonly what: string
  readonly isProduct: (u: unknown) => u is A
  readonly guard: (who: Guard.Who, made: A) => A
  /** What is expected, where something else is made. */
  readonly wrong?: Guard.Wrong
}

/** The same part, what it makes being watched. */
const watched = <A>(
  who: Guard.Who,
  part: PartShape.Foreign<unknown>,
  { guard, isProduct, what, wrong }: Sort<A>
): PartShape.Foreign<A> => ({
  ...part,
  construct: (options) => {
    const made = Guard.call(
      who,
      "make",
      () => part.construct(options),
      (made) => wrong?.(made) ?? (isProduct(made) ? undefined : what),
      { isAtWork: false }
    )
    if (!isProduct(made)) throw new TypeError(`"${part.kind}" makes no ${what}`)
    // What it shows of itself may be made when it is asked for, and throw.
    return Guard.call(who, "make", () => guard(who, made), Guard.nothing, { isAtWork: false })
  },
  requires: part.requires.map(({ check, ...requirement }) => ({
    ...requirement,
    check: (options, facts) =>
      Guard.call(
        who,
        `requirement "${requirement.at}"`,
        () => check(options, facts),
        (made) =>
          made === undefined || PartShape.isText(made) ? undefined : "what is allowed as a text, or nothing",
        { isAtWork: false }
      )
  }))
})

/** Whose parts they are, but for which one. */
type Module = Omit<Guard.Who, "part">

const partOf =
  <A>(module: Module, one: string, sort: Sort<A>) =>
  (item: unknown): Result.Result<PartShape.Foreign<A>, string> => {
    const part = PartShape.fieldsOf(item)
    if (!PartShape.isPart(part)) {
      const missing = PartShape.faults.find(([name, is]) => !is(part[name]))
      const detail =
        missing === undefined ? "" : ` (its ${missing[0]} is no ${missing[2].replace(/^an? /, "")})`
      return Result.fail(`it is no part${detail}: make it with Part.make`)
    }
    const guarded = watched({ ...module, part: `${one} "${part.kind}"` }, part, sort)
    return Result.map(shown(guarded), () => guarded)
  }

const rampOf =
  (module: Module) =>
  (item: unknown): Result.Result<Ramp.Kind, string> =>
    Result.flatMap(partOf(module, "ramp", sorts.ramps)(item), (part) =>
      PartShape.isRamp(part) ? Result.succeed(part) : Result.fail("it is no ramp: make it with Ramp.make")
    )

const recipeOf = (item: unknown): Result.Result<Recipe.Recipe, string> => {
  const recipe = Object.fromEntries(
    ["kind", "description", "source", "departures", "variants", "defaults"].map(
      (name) => [name, PartShape.fieldOf(item, name)] as const
    )
  )
  return PartShape.isRecipe(recipe)
    ? Result.succeed(recipe)
    : Result.fail("it is no recipe: make it with Recipe.make")
}

// pure core: what a module exports

/** What a module exports under a name: in its default export, or by itself. */
const exportedAs = (module: unknown, name: Name): unknown =>
  PartShape.fieldOf(PartShape.fieldOf(module, "default"), name) ?? PartShape.fieldOf(module, name)

/** The list that a module exports under a name, each item checked, without those that are known; or what is wrong. */
const listOf = <A>(
  module: unknown,
  name: Name,
  known: Set<unknown>,
  read: (item: unknown) => Result.Result<A, string>
): Result.Result<ReadonlyArray<A>, string> => {
  const list = exportedAs(module, name) ?? []
  if (!Array.isArray(list)) return Result.fail(`"${name}" is no list`)
  if (list.length > MOST_PARTS) return Result.fail(`"${name}" has more than ${MOST_PARTS} items`)
  return Result.all(
    list.flatMap((item: unknown, i) => {
      // A module may export what another one does, which is then one part.
      if (Words.isObject(item) && known.has(item)) return []
      known.add(item)
      return [Result.mapError(read(item), (reason) => `${name}.${i}: ${reason}`)]
    })
  )
}

const sorts: {
  readonly environments: Sort<Environment.Environment>
  readonly wrappers: Sort<Environment.Wrapper>
  readonly variants: Sort<Algorithm.Variant>
  readonly replays: Sort<Replay.Chosen>
  readonly explorations: Sort<Layer.Layer<Exploration.Exploration>>
  readonly networks: Sort<Architecture.Architecture>
  readonly optimizers: Sort<Optimizers.Rated>
  readonly ramps: Sort<Ramp.Motion>
  readonly engines: Sort<Engine.Opened>
} = {
  environments: {
    what: "an environment",
    isProduct: PartShape.isEnvironment,
    guard: GuardedWorld.world,
    wrong: GuardedWorld.aWorld
  },
  wrappers: {
    what: "a wrapper: that is a function",
    isProduct: PartShape.isFunction,
    guard: GuardedWorld.wrapper
  },
  variants: {
    what: "a variant: that is a function",
    isProduct: PartShape.isFunction,
    guard: GuardedVariant.variant
  },
  replays: {
    what: "a replay: its layer and its bytes",
    isProduct: PartShape.isReplay,
    guard: GuardedReplay.chosen
  },
  explorations: {
    what: "an exploration: that is a layer",
    isProduct: PartShape.isExploration,
    guard: GuardedExploration.layer
  },
  networks: {
    what: "a network: its actor and its critic",
    isProduct: PartShape.isNetwork,
    guard: GuardedLearning.network
  },
  optimizers: {
    what: "an optimizer: that is a function of its rate",
    isProduct: PartShape.isFunction,
    guard: GuardedLearning.optimizer
  },
  ramps: {
    what: "a ramp: its at, and finite bounds",
    isProduct: PartShape.isMotion,
    guard: GuardedLearning.ramp
  },
  engines: {
    what: "an engine: that is an effect",
    isProduct: PartShape.isEngine,
    guard: GuardedLearning.engine
  }
}

const listsOf = (of: Module, module: unknown, known: Set<unknown>): Result.Result<Lists, string> => {
  const whole = PartShape.fieldOf(module, "default")
  if (whole !== undefined && (!Words.isObject(whole) || Array.isArray(whole))) {
    return Result.fail(`its default export is no object with ${listed}`)
  }
  if (!NAMES.some(([name]) => exportedAs(module, name) !== undefined)) {
    return Result.fail(`it exports none of ${listed}`)
  }
  return Result.all({
    environments: listOf(module, "environments", known, partOf(of, "world", sorts.environments)),
    wrappers: listOf(module, "wrappers", known, partOf(of, "wrapper", sorts.wrappers)),
    variants: listOf(module, "variants", known, partOf(of, "variant", sorts.variants)),
    bases: listOf(module, "bases", known, recipeOf),
    replays: listOf(module, "replays", known, partOf(of, "replay", sorts.replays)),
    explorations: listOf(module, "explorations", known, partOf(of, "exploration", sorts.explorations)),
    networks: listOf(module, "networks", known, partOf(of, "network", sorts.networks)),
    optimizers: listOf(module, "optimizers", known, partOf(of, "optimizer", sorts.optimizers)),
    ramps: listOf(module, "ramps", known, rampOf(of)),
    engines: listOf(module, "engines", known, partOf(of, "engine", sorts.engines))
  })
}

/** The parts that a module exports, or what is wrong with one of them: to look at them may throw, too. */
const exportsOf = (of: Module, module: unknown, known: Set<unknown>): Result.Result<Lists, string> =>
  Result.flatMap(
    Result.try({
      try: () => listsOf(of, module, known),
      catch: (cause) => {
        const line = Words.lineOf(cause, of.files)
        return `what it exports cannot be looked at: ${Words.reasonOf(cause)}${line === undefined ? "" : `, at ${line}`}`
      }
    }),
    (lists) => lists
  )

// pure core: the experiment

/** The first part that has the name of another one, and where that is. */
const clashOf = (modules: ReadonlyArray<Loaded>): PartsModule.PartsError | undefined => {
  const { worlds: environments, ...others } = Experiment.catalogues
  const ours = { environments, ...others }
  for (const [name, one] of NAMES) {
    const taken = new Map(ours[name].parts.map(({ kind }) => [kind, "Ornstein"]))
    for (const { lists, path } of modules) {
      for (const { kind } of lists[name]) {
        const by = taken.get(kind)
        taken.set(kind, path)
        if (by === undefined) continue
        return new PartsModule.PartsError({
          path,
          what: `there is a ${one} "${kind}" already, in ${by === path ? "the same module" : by}`,
          fix: "Give this one another name"
        })
      }
    }
  }
  return undefined
}

/** Our experiment with these parts besides. */
const experimentWith = (
  modules: ReadonlyArray<Loaded>,
  sources: ReadonlyArray<PartsModule.Source>
): Experiment.Experiment => {
  const ours = Experiment.catalogues
  const lists = modules.map((module) => module.lists)
  const variants = ours.variants.with(...lists.flatMap((list) => list.variants))
  return Experiment.make(
    {
      ...ours,
      variants,
      bases: Algorithms.basesWith(variants).with(
        ...lists.flatMap(({ bases }) => bases.map((recipe) => Recipe.base(recipe, variants)))
      ),
      worlds: ours.worlds.with(...lists.flatMap((list) => list.environments)),
      wrappers: ours.wrappers.with(...lists.flatMap((list) => list.wrappers)),
      replays: ours.replays.with(...lists.flatMap((list) => list.replays)),
      explorations: ours.explorations.with(...lists.flatMap((list) => list.explorations)),
      networks: ours.networks.with(...lists.flatMap((list) => list.networks)),
      optimizers: ours.optimizers.with(...lists.flatMap((list) => list.optimizers)),
      ramps: ours.ramps.with(...lists.flatMap((list) => list.ramps)),
      engines: ours.engines.with(...lists.flatMap((list) => list.engines))
    },
    sources.map(({ path, sha256 }) => ({ path, sha256 }))
  )
}

/** What is wrong with a module's recipe, once all variants are known. */
const brokenRecipe = (
  modules: ReadonlyArray<Loaded>,
  { decode }: Experiment.Experiment
): PartsModule.PartsError | undefined => {
  for (const { lists, path } of modules) {
    for (const { kind } of lists.bases) {
      const made = Result.try({
        try: () => decode({ environment: { kind: "pendulum" }, algorithm: { base: kind } }),
        catch: (cause) =>
          cause instanceof Config.ConfigError
            ? cause.mistakes.map((mistake) => Mistake.line(mistake)).join("; ")
            : Words.reasonOf(cause)
      })
      if (Result.isSuccess(made)) continue
      return new PartsModule.PartsError({
        path,
        what: `the base "${kind}" cannot be composed: ${made.failure}`,
        fix: "Name variants that there are, and that do not replace the same slot"
      })
    }
  }
  return undefined
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

// reading

const FIX = "See `UserParts.define`, which checks the types of what a module exports"

/** Runs a module, and reads what it exports. */
const load = Effect.fnUntraced(function* (source: PartsModule.Source, known: Set<unknown>) {
  const { path } = source
  const files = (yield* PartsModule.filesOf)([source])
  const module = yield* PartsModule.load(source)
  const lists = yield* Effect.mapError(
    Effect.fromResult(exportsOf({ module: path, files }, module, known)),
    (what) => new PartsModule.PartsError({ path, what, fix: FIX })
  )
  const loaded: Loaded = { path, lists }
  return loaded
})

/** The sources of modules, each file once. */
export const sourcesOf = Effect.fn("UserParts.sourcesOf")(function* (paths: ReadonlyArray<string>) {
  const sources = yield* Effect.forEach(paths, PartsModule.sourceOf)
  return sources.filter(({ file }, i) => sources.findIndex((other) => other.file === file) === i)
})

/** The experiment with the parts of these modules, which are run. */
export const read = Effect.fn("UserParts.read")(function* (sources: ReadonlyArray<PartsModule.Source>) {
  const known = new Set<unknown>()
  const modules = yield* Effect.forEach(sources, (source) => load(source, known))
  const clash = clashOf(modules)
  if (clash !== undefined) return yield* clash
  const experiment = experimentWith(modules, sources)
  const broken = brokenRecipe(modules, experiment)
  return broken === undefined ? experiment : yield* broken
})

/** Beside parts of these sources: what they do on their own, and throws, is an error of theirs. */
export const beside = Effect.fnUntraced(function* <A, E, R>(
  sources: ReadonlyArray<PartsModule.Source>,
  self: Effect.Effect<A, E, R>
) {
  const files = yield* PartsModule.filesOf
  const explain = (cause: unknown): PartError.PartError | undefined => {
    const of = sources.find((source) => Words.lineOf(cause, files([source])) !== undefined)
    if (of === undefined) return undefined
    return new PartError.PartError({
      module: of.path,
      part: "a timer or a promise of its own",
      isAtWork: true,
      what:
        cause instanceof Contained.ExitCalled
          ? `it called ${cause.message}`
          : `it failed by ${Words.reasonOf(cause)}, which nobody waited for`,
      fix: `Mend it at ${Words.lineOf(cause, files([of])) ?? of.path}`
    })
  }
  return yield* Contained.contained(explain)(self)
})
