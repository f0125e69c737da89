/**
 * A whole experiment as one configuration: the world, the learner, its replay and exploration, how long and with which
 * seed, how it is evaluated, and the engine that computes it. Every choice is a part of a catalogue, every default is in
 * a schema, every rule stands with its part or in `Rules`.
 *
 * ```ts
 * const config = yield* Experiment.decode({ environment: { kind: "pendulum" }, training: { steps: 10_000 } })
 * const learner = yield* Experiment.learner(config)
 * const trainer = yield* Training.make(learner, config.training).pipe(Effect.provide(Experiment.layer(config)))
 * ```
 *
 * An experiment with parts of your own is made of catalogues that have them, and its options are typed as well:
 *
 * ```ts
 * const variants = Experiment.catalogues.variants.with(absolute)
 * const mine = Experiment.make({ ...Experiment.catalogues, variants, bases: Registry.basesWith(variants) })
 * const config = yield* mine.decode({ environment: { kind: "pendulum" }, algorithm: { variants: [{ kind: "absolute" }] } })
 * ```
 *
 * Networks, optimizers and ramps stand inside of other parts' options, in slots (`Slot`) that an experiment fills with those
 * of its catalogues: `{ ...Experiment.catalogues, optimizers: Optimizers.all.with(lion) }` is all there is to it.
 */
import { type Algorithm, type Architecture, type Base, Networks } from "@ornstein/algos"
import * as Algorithms from "@ornstein/algos/Registry"
import * as Catalogue from "@ornstein/core/Catalogue"
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Exploration from "@ornstein/core/Exploration"
import * as Field from "@ornstein/core/Field"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Learner from "@ornstein/core/Learner"
import * as Optimizers from "@ornstein/core/Optimizers"
import type * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import * as Replay from "@ornstein/core/Replay"
import * as Slot from "@ornstein/core/Slot"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as Workers from "@ornstein/core/Workers"
import type { World } from "@ornstein/envs"
import * as Worlds from "@ornstein/envs/Registry"
import * as Wrapper from "@ornstein/envs/Wrapper"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Datasets } from "../datasets/index.ts"
import * as Defaults from "./Defaults.ts"
import * as Rules from "./Rules.ts"
import * as Whole from "./Settings.ts"
import * as Unmade from "./Unmade.ts"
import * as WorldFrom from "./WorldFrom.ts"

// models

/** What an experiment can choose from. */
export interface Catalogues<
  W extends World.World,
  D extends Part.Any<Environment.Wrapper>,
  V extends Part.Any<Algorithm.Variant>,
  B extends Base.Base,
  R extends Part.Any<Replay.Chosen>,
  X extends Part.Any<Layer.Layer<Exploration.Exploration>>,
  N extends Part.Any<Architecture.Architecture>,
  O extends Part.Any<Optimizers.Rated>,
  E extends Part.Any<Engine.Opened>
> {
  readonly worlds: Catalogue.Catalogue<Environment.Environment, W>
  readonly wrappers: Catalogue.Catalogue<Environment.Wrapper, D>
  readonly variants: Catalogue.Catalogue<Algorithm.Variant, V>
  readonly bases: Catalogue.Catalogue<Base.Composition, B>
  readonly replays: Catalogue.Catalogue<Replay.Chosen, R>
  readonly explorations: Catalogue.Catalogue<Layer.Layer<Exploration.Exploration>, X>
  readonly networks: Catalogue.Catalogue<Architecture.Architecture, N>
  readonly optimizers: Catalogue.Catalogue<Optimizers.Rated, O>
  readonly ramps: Catalogue.Catalogue<Ramp.Motion, Ramp.Kind>
  readonly engines: Catalogue.Catalogue<Engine.Opened, E>
}

/** Modules of parts: the files, and what is in them. */
export type Modules = ReadonlyArray<{ readonly path: string; readonly sha256: string }>

/** What a configuration's parts make, each made once. */
interface Made extends Rules.Subject {
  readonly world: Environment.Environment
  readonly replay: Replay.Chosen
}

type Services = Replay.Replay | Exploration.Exploration | Engine.Engine

/** An experiment of whichever parts. */
export type Settings = Whole.Settings

/** An experiment, whichever parts it can choose from: what sessions and commands work with. */
export interface Experiment {
  readonly catalogues: {
    readonly [name in keyof typeof catalogues]: { readonly parts: ReadonlyArray<Part.Any> }
  }
  readonly entries: ReadonlyArray<Worlds.Entry>
  readonly decode: (input: unknown) => Result.Result<Settings, Config.ConfigError>
  /** The same with overrides, `path=value`. */
  readonly decodeWith: (
    input: unknown,
    overrides: ReadonlyArray<string>
  ) => Result.Result<Settings, Config.ConfigError>
  readonly jsonSchema: (title: string) => JsonPath.JsonRecord
  readonly world: (config: Settings) => Environment.Environment
  readonly worldFrom: (input: unknown) => Result.Result<Environment.Environment, Config.ConfigError>
  readonly learner: (
    config: Settings
  ) => Effect.Effect<
    Learner.Learner<never>,
    Config.ConfigError | Algorithm.VariantConflict | Algorithm.IdleOption
  >
  readonly isDiscrete: (config: Settings) => boolean
  readonly replayBytes: (config: Settings) => number
  readonly exploration: (config: Settings) => Layer.Layer<Exploration.Exploration>
  readonly engine: (options: unknown) => Engine.Opened
  readonly engineFrom: (input: unknown) => Result.Result<Settings["engine"], Config.ConfigError>
  readonly choosesOwn: (config: Settings) => boolean
  readonly layer: (config: Settings) => Layer.Layer<Services, Engine.EngineError | Replay.ReplayError>
}

/** An experiment that chooses from catalogues `C`, and whose configurations have the schema `S`. */
export interface Of<S extends Part.Member, C>
  extends Omit<Experiment, "catalogues" | "decode" | "decodeWith"> {
  readonly catalogues: C
  readonly Options: S
  readonly rules: ReadonlyArray<Config.Rule<unknown>>
  readonly definition: Config.Definition<Schema.Codec<S["Type"], unknown>>
  readonly decode: (input: unknown) => Result.Result<S["Type"], Config.ConfigError>
  /** The same with overrides, `path=value`. */
  readonly decodeWith: (
    input: unknown,
    overrides: ReadonlyArray<string>
  ) => Result.Result<S["Type"], Config.ConfigError>
}

// constructors

/** The module in which worker threads find the world of a configuration, beside this one. */
const THREAD_WORLD = new URL(
  `./ThreadWorld${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url
).href

/** What a choice is where nothing is said of it. */
const fallback = <A, P extends Part.Any<A>>(catalogue: Catalogue.Catalogue<A, P>, input: unknown) =>
  Field.withDefaultOf<typeof catalogue.schema>(Result.getOrThrow(catalogue.decode(input)))

const factsOf = (
  world: Environment.Environment,
  { composition, config }: Omit<Rules.Subject, "facts">
): Part.Facts => {
  const { action, goals, id, observation, timeLimit } = world.spec
  const { gamma, isOnPolicy = false } = composition.learner
  return {
    world: {
      id,
      observation: Space.size(observation),
      action: action._tag === "Box" ? Space.size(action) : action.n,
      isDiscrete: action._tag === "Discrete",
      hasGoals: goals !== undefined,
      timeLimit
    },
    learner: { base: config.algorithm.base, gamma, isOnPolicy },
    training: { lanes: config.training.lanes }
  }
}

/**
 * The schema of a configuration file. Defaults of replay, exploration and training are those of ddpg; `decode` takes those of
 * the base.
 */
const structOf = <
  W extends World.World,
  D extends Part.Any<Environment.Wrapper>,
  V extends Part.Any<Algorithm.Variant>,
  B extends Base.Base,
  R extends Part.Any<Replay.Chosen>,
  X extends Part.Any<Layer.Layer<Exploration.Exploration>>,
  N extends Part.Any<Architecture.Architecture>,
  O extends Part.Any<Optimizers.Rated>,
  E extends Part.Any<Engine.Opened>
>({
  bases,
  engines,
  explorations,
  replays,
  worlds,
  wrappers
}: Catalogues<W, D, V, B, R, X, N, O, E>) =>
  Schema.Struct({
    environment: worlds.schema.annotate({ description: "the world, by kind" }),
    wrappers: Schema.optionalKey(Schema.Array(wrappers.schema)).annotate({
      description: "what stands around the world, the innermost first"
    }),
    algorithm: bases.schema.annotate({ description: "the learner" }).pipe(fallback(bases, { base: "ddpg" })),
    replay: replays.schema
      .annotate({ description: "the memory of transitions" })
      .pipe(fallback(replays, { kind: "uniform" })),
    exploration: explorations.schema
      .annotate({ description: "what is added to the policy's actions" })
      .pipe(fallback(explorations, { kind: "gaussian" })),
    training: Training.Options.annotate({ description: "seed, length and rhythm" }).pipe(
      Field.withDefault(Training.Options.make({}))
    ),
    evaluation: Whole.EvaluationOptions.annotate({ description: "episodes without exploration" }).pipe(
      Field.withDefault(Whole.EvaluationOptions.make({}))
    ),
    engine: engines.schema
      .annotate({ description: "what computes" })
      .pipe(fallback(engines, { kind: "auto" }))
  })

/** The experiment whose configurations have this schema. */
const of = <
  S extends Part.Member,
  W extends World.World,
  D extends Part.Any<Environment.Wrapper>,
  V extends Part.Any<Algorithm.Variant>,
  B extends Base.Base,
  R extends Part.Any<Replay.Chosen>,
  X extends Part.Any<Layer.Layer<Exploration.Exploration>>,
  N extends Part.Any<Architecture.Architecture>,
  O extends Part.Any<Optimizers.Rated>,
  E extends Part.Any<Engine.Opened>
>(
  Options: S,
  catalogues: Catalogues<W, D, V, B, R, X, N, O, E>,
  modules: Modules | undefined
): Of<S, Catalogues<W, D, V, B, R, X, N, O, E>> => {
  const { bases, engines, explorations, networks, optimizers, ramps, replays, variants, worlds, wrappers } =
    catalogues

  /** The same with all networks, optimizers and ramps in their places. */
  const schema = Slot.filled(Options, [networks.fill, optimizers.fill, Ramp.fill(ramps)])

  /** Configurations are values that do not change: what they make is kept as long as they are. */
  const kept = new WeakMap<object, Made>()

  /** What the parts of a configuration make, each made once. */
  const made = (config: Settings): Made => {
    const known = kept.get(config)
    if (known !== undefined) return known
    const composition = bases.construct(config.algorithm)
    const here = (config.wrappers ?? []).reduce<Environment.Environment>(
      (inner, wrapper) => wrappers.construct(wrapper)(inner),
      worlds.construct(config.environment)
    )
    const input = inputOf(config)
    const world =
      modules === undefined || !isJson(input)
        ? here
        : Workers.foundAt(here, { module: THREAD_WORLD, given: { input, parts: modules } })
    const facts = factsOf(world, { config, composition })
    const made = { config, composition, world, facts, replay: replays.construct(config.replay) }
    kept.set(config, made)
    return made
  }

  const facts = (config: unknown): Part.Facts => made(settings(config)).facts

  const rules: ReadonlyArray<Config.Rule<unknown>> = [
    ...Rules.rules.map(({ check, ...rule }) => ({
      ...rule,
      check: (config: unknown) => check(made(settings(config)))
    })),
    ...Catalogue.rules(worlds, "environment", facts),
    ...Catalogue.rules(wrappers, "wrappers", facts),
    ...Catalogue.rules(variants, "algorithm.variants", facts),
    ...Catalogue.rules(bases, "algorithm", facts),
    ...Catalogue.rules(networks, "algorithm.network", facts),
    ...["actorOptimizer", "criticOptimizer", "optimizer"].flatMap((field) =>
      Catalogue.rules(optimizers, `algorithm.${field}`, facts)
    ),
    ...Catalogue.rules(replays, "replay", facts),
    ...Catalogue.rules(explorations, "exploration", facts),
    ...Catalogue.rules(engines, "engine", facts)
  ]

  const defaultsOf = (base: unknown): Base.Defaults =>
    (bases.find(String(base)) ?? bases.partOf({ base: "ddpg" })).defaults

  const definition: Config.Definition<typeof schema> = {
    schema,
    rules,
    example: { environment: { kind: "pendulum" } },
    complete: Defaults.complete(defaultsOf),
    optionalTags: {
      algorithm: "base",
      "algorithm.network": "kind",
      replay: "kind",
      exploration: "kind",
      engine: "kind"
    }
  }

  /** Its mistakes, where it did not come from `decode`. */
  const mistakes = (config: Settings) => new Config.ConfigError({ mistakes: Config.broken(rules, config) })

  return {
    catalogues,
    Options,
    rules,
    definition,

    /** Every world by its id. */
    entries: Worlds.entriesOf(worlds),

    /** The experiment that an input describes, or all of its mistakes. */
    decode: (input: unknown): Result.Result<S["Type"], Config.ConfigError> =>
      Unmade.mistaken(() => Config.decode(definition, input)),

    /** The same with overrides, `path=value`. */
    decodeWith: (
      input: unknown,
      overrides: ReadonlyArray<string>
    ): Result.Result<S["Type"], Config.ConfigError> =>
      Unmade.mistaken(() => Config.decodeWith(definition, input, overrides)),

    /** JSON Schema of its configuration files. */
    jsonSchema: (title: string): JsonPath.JsonRecord => Config.jsonSchema(definition, title),

    /** The world, in its wrappers. */
    world: (config: Settings): Environment.Environment => made(config).world,

    /** The world that such an input describes, or all of its mistakes. */
    worldFrom: WorldFrom.worldFrom(worlds, wrappers),

    /** The learner of an experiment, with its world: `Training.make` needs only `layer` besides. */
    learner: (
      config: Settings
    ): Effect.Effect<
      Learner.Learner<never>,
      Config.ConfigError | Algorithm.VariantConflict | Algorithm.IdleOption
    > => {
      const { composition, world } = made(config)
      const [refusal] = composition.refusals
      if (refusal !== undefined) return Effect.fail(refusal.error)
      if (composition._tag === "Continuous" && Environment.isContinuous(world)) {
        return Effect.succeed(within(composition.learner, Environment.layerContinuous(world)))
      }
      if (composition._tag === "Discrete" && Environment.isDiscrete(world)) {
        return Effect.succeed(within(composition.learner, Environment.layerDiscrete(world)))
      }
      return Effect.fail(mistakes(config))
    },

    /** Does it learn to choose from a list of actions? */
    isDiscrete: (config: Settings): boolean => bases.find(config.algorithm.base)?.environment === "Discrete",

    /** The bytes of its replay. */
    replayBytes: (config: Settings): number => {
      const { replay, world } = made(config)
      const { action, observation } = world.spec
      return replay.bytes({ observation: Space.size(observation), action: Space.size(action) })
    },

    /** The exploration alone. */
    exploration: (config: Settings) => explorations.construct(config.exploration),

    /** What computes, of options that were decoded. */
    engine: (options: unknown): Engine.Opened => engines.construct(options),

    /** The options of what computes that such an input describes, or all of its mistakes. */
    engineFrom: (input: unknown): Result.Result<Whole.Settings["engine"], Config.ConfigError> =>
      Result.map(engines.decode(input), (options) => {
        if (Whole.isChosen(options)) return options
        throw new TypeError("an engine is named by its kind")
      }),

    /** Has the configuration chosen a network, an optimizer or a ramp that is not ours? They may be at any depth. */
    choosesOwn: (config: Settings): boolean =>
      inside(config).some((value) => [networks, optimizers, ramps].some(({ isChosen }) => isChosen(value))),

    /** The replay, exploration and engine of an experiment. */
    layer: (config: Settings): Layer.Layer<Services, Engine.EngineError | Replay.ReplayError> =>
      Layer.mergeAll(
        Layer.provide(replays.construct(config.replay).layer, Datasets.layer),
        explorations.construct(config.exploration),
        Layer.effect(Engine.Engine, engines.construct(config.engine))
      )
  }
}

/**
 * The experiment that chooses from these catalogues. Where its parts are ours and those of modules, these modules are named:
 * then worker threads can make its worlds, too.
 */
export const make = <
  W extends World.World,
  D extends Part.Any<Environment.Wrapper>,
  V extends Part.Any<Algorithm.Variant>,
  B extends Base.Base,
  R extends Part.Any<Replay.Chosen>,
  X extends Part.Any<Layer.Layer<Exploration.Exploration>>,
  N extends Part.Any<Architecture.Architecture>,
  O extends Part.Any<Optimizers.Rated>,
  E extends Part.Any<Engine.Opened>
>(
  catalogues: Catalogues<W, D, V, B, R, X, N, O, E>,
  modules?: Modules
) => of(structOf(catalogues), catalogues, modules)

/** A value and all that is inside of it. */
const inside = (value: unknown): ReadonlyArray<unknown> =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(inside)] : [value]

/** A learner in its world. */
const within = <R>(learner: Learner.Learner<R>, world: Layer.Layer<R>): Learner.Learner<never> => ({
  ...learner,
  environment: Effect.provide(learner.environment, world)
})

/** What a schema of ours has decoded. */
const settings = (config: unknown): Settings => {
  if (Whole.isSettings(config)) return config
  throw new TypeError("these are no options of an experiment")
}

// ours

/** The catalogues of our parts. */
export interface Ours {
  readonly worlds: typeof Worlds.worlds
  readonly wrappers: typeof Wrapper.kinds
  readonly variants: typeof Algorithms.variants
  readonly bases: typeof Algorithms.bases
  readonly replays: typeof Replay.kinds
  readonly explorations: typeof Exploration.kinds
  readonly networks: typeof Networks.kinds
  readonly optimizers: typeof Optimizers.all
  readonly ramps: typeof Ramp.kinds
  readonly engines: typeof Engine.kinds
}

export const catalogues: Ours = {
  worlds: Worlds.worlds,
  wrappers: Wrapper.kinds,
  variants: Algorithms.variants,
  bases: Algorithms.bases,
  replays: Replay.kinds,
  explorations: Exploration.kinds,
  networks: Networks.kinds,
  optimizers: Optimizers.all,
  ramps: Ramp.kinds,
  engines: Engine.kinds
}

/** The experiment whose parts are all ours. */
const Struct = structOf(catalogues)

/** A configuration of ours, with all defaults. An interface, so that whoever looks at a value of it sees its name. */
export interface Configuration extends Schema.Schema.Type<typeof Struct> {}
export type Options = Configuration

/** Our experiment's schema, without the parts that users may add to its slots. */
type Named = Schema.Opaque<Configuration, typeof Struct, object> & Omit<typeof Struct, keyof Schema.Top>

export const Options: Named = Schema.Opaque<Configuration, object>()(Struct)

export const ours: Of<typeof Options, Ours> = of(Options, catalogues, [])

export const {
  decode,
  definition,
  exploration,
  isDiscrete,
  layer,
  learner,
  replayBytes,
  rules,
  world,
  worldFrom
} = ours

/** What a configuration gives for the options that it leaves out. */
export interface Input extends Field.Input<typeof Options> {}

// pure core

/** What describes the world of a configuration, in its wrappers. */
export const worldInput = (config: Settings): Schema.Json => {
  const input = inputOf(config)
  if (!isJson(input)) throw new TypeError("options of a world are no JSON")
  return input
}

const inputOf = ({ environment, wrappers }: Settings): object => ({
  ...environment,
  ...(wrappers === undefined ? {} : { wrappers })
})

const isJson = Schema.is(Schema.Json)

/** How the episodes of an evaluation are run, without how often; of a run without evaluations, by default. */
export const episodesOf = ({ evaluation }: Settings): Evaluation.Options => {
  const { every: _, episodes, ...options } = evaluation
  return Evaluation.Options.make(episodes === 0 ? options : { episodes, ...options })
}
