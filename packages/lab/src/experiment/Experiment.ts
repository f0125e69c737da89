/**
 * A whole experiment as one configuration: the world, the learner, its replay and exploration, how long and with which
 * seed, how it is evaluated, and the engine that computes it. Every choice between parts is a tagged union, every
 * default is in the schema, and the rules between fields stand in one table, `rules`.
 *
 * ```ts
 * const config = yield* Experiment.decode({ environment: { kind: "pendulum" }, training: { steps: 10_000 } })
 * const learner = yield* Experiment.learner(config)
 * const trainer = yield* Training.make(learner, config.training).pipe(Effect.provide(Experiment.layer(config)))
 * ```
 */
import * as Defaults from "@ornstein/algos/Defaults"
import * as Algorithms from "@ornstein/algos/Registry"
import type * as Algorithm from "@ornstein/algos/Algorithm"
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Exploration from "@ornstein/core/Exploration"
import * as Field from "@ornstein/core/Field"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Learner from "@ornstein/core/Learner"
import * as OnPolicy from "@ornstein/core/OnPolicy"
import * as Normalization from "@ornstein/core/Normalization"
import * as Replay from "@ornstein/core/Replay"
import * as Space from "@ornstein/core/Space"
import * as Training from "@ornstein/core/Training"
import * as Environments from "@ornstein/envs/Registry"
import type * as Jit from "@ornstein/jit/Engine"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Memory from "./Memory.ts"

// models

const EvaluationOptions = Schema.Struct({
  every: Field.nonNegativeInt
    .annotate({
      description: "environment steps from one evaluation to the next; 0: only before and after training"
    })
    .pipe(Field.withDefault(0)),
  ...Evaluation.Options.fields
})

const EnvironmentOptions = Schema.Union([
  ...Environments.ContinuousOptions.members,
  ...Environments.DiscreteOptions.members
])

/**
 * The schema of a configuration file. Defaults of replay, exploration and training are those of ddpg; `decode` takes
 * those of the base.
 */
export const Options = Schema.Struct({
  environment: EnvironmentOptions.annotate({ description: "the world, by kind" }),
  algorithm: Algorithms.Options.annotate({ description: "the learner" }).pipe(
    Field.withDefault(Algorithms.Options.make({ base: "ddpg" }))
  ),
  replay: Replay.Options.annotate({ description: "the memory of transitions" }).pipe(
    Field.withDefault(Replay.Options.make({ kind: "uniform", capacity: 1_000_000 }))
  ),
  exploration: Exploration.Options.annotate({ description: "what is added to the policy's actions" }).pipe(
    Field.withDefault(Exploration.Options.make({ kind: "gaussian" }))
  ),
  training: Training.Options.annotate({ description: "seed, length and rhythm" }).pipe(
    Field.withDefault(Training.Options.make({}))
  ),
  evaluation: EvaluationOptions.annotate({ description: "episodes without exploration" }).pipe(
    Field.withDefault(EvaluationOptions.make({}))
  ),
  engine: Engine.Options.annotate({ description: "what computes" }).pipe(
    Field.withDefault(Engine.Options.make({ kind: "wasm" }))
  )
})
export type Options = typeof Options.Type

/** What a configuration gives for the options that it leaves out. */
export type Input = Field.Input<typeof Options>

// rules between fields

type Rule = Config.Rule<Options>

const rule = (path: string, reads: ReadonlyArray<string>, check: Rule["check"]): Rule => ({
  path,
  reads,
  check
})

const CLIP = Normalization.Options.make({}).clip

const isContinuous = Schema.is(Environments.ContinuousOptions)

/** How many rounds of updates a run has. */
const rounds = ({ training: { learningStarts, steps, updateEvery } }: Options): number =>
  Math.floor(steps / updateEvery) - Math.floor(Math.max(0, learningStarts - 1) / updateEvery)

/**
 * The bytes that the networks take at least, in float32: of each network its numbers and two moments, and of a critic a
 * target.
 */
const networkBytes = ({ algorithm, environment }: Options): number => {
  const observation = Space.size(Environments.make(environment).spec.observation)
  const weights = (hidden: ReadonlyArray<number>): number =>
    hidden.reduce((sum, width, layer) => sum + width * (hidden[layer - 1] ?? observation), 0)
  if (Algorithms.isDiscrete(algorithm)) return 4 * 3 * weights(algorithm.hidden)
  if (algorithm.variants.some(({ kind }) => kind === "deepSets")) return 0
  const { criticHidden = algorithm.hidden, hidden } = algorithm
  // Where an action enters elsewhere than beside the observation, the first layer may be a branch's.
  return 4 * (3 * weights(hidden) + (algorithm.critic.kind === "twoBranch" ? 0 : 4 * weights(criticHidden)))
}

export const rules: ReadonlyArray<Rule> = [
  rule("environment.kind", ["algorithm.base"], ({ algorithm, environment }) => {
    if (isContinuous(environment) === !Algorithms.isDiscrete(algorithm)) return undefined
    return Algorithms.isDiscrete(algorithm)
      ? `has a box of actions, but ${algorithm.base} chooses from a list; choose a world with discrete actions`
      : `has discrete actions, but ${algorithm.base} learns a policy for continuous ones; ` +
          "choose a world with a box of actions (see `ornstein envs`)"
  }),
  rule("exploration.kind", ["algorithm.base"], ({ algorithm, exploration }) =>
    Algorithms.isDiscrete(algorithm) && (exploration.kind !== "none" || exploration.epsilon !== 0)
      ? `expected "none": ${algorithm.base} draws its actions, and there is nothing between two of them`
      : undefined
  ),
  ...OnPolicy.fields.map((field) =>
    rule(`training.${field}`, ["algorithm.base", "replay.kind"], ({ algorithm, replay, training }) =>
      Algorithms.isDiscrete(algorithm) && replay.kind === "rollout"
        ? OnPolicy.refusal(algorithm.base, field, training)
        : undefined
    )
  ),
  rule("training.batchSize", ["replay.capacity"], ({ replay, training }) =>
    training.batchSize > replay.capacity ? `expected at most replay.capacity (${replay.capacity})` : undefined
  ),
  rule("training.batchSize", ["replay.kind", "replay.capacity"], ({ replay, training }) =>
    replay.kind === "rollout" && training.batchSize < replay.capacity
      ? `expected replay.capacity (${replay.capacity}): a minibatch is a whole rollout`
      : undefined
  ),
  rule("training.learningStarts", ["training.batchSize", "replay.kind"], ({ replay, training }) =>
    replay.kind !== "rollout" && training.learningStarts < training.batchSize
      ? `expected at least training.batchSize (${training.batchSize}), so that a batch is there`
      : undefined
  ),
  rule("training.learningStarts", ["training.batchSize", "replay.capacity"], ({ replay, training }) =>
    replay.kind !== "rollout" &&
    training.learningStarts > replay.capacity &&
    training.batchSize <= replay.capacity
      ? `expected at most replay.capacity (${replay.capacity}): what does not fit is lost unseen`
      : undefined
  ),
  rule("training.learningStarts", ["training.steps"], ({ training }) =>
    training.learningStarts >= training.steps
      ? `expected less than training.steps (${training.steps}), or nothing is learned`
      : undefined
  ),
  rule("training.updateEvery", ["training.steps", "training.learningStarts"], (config) =>
    config.training.learningStarts < config.training.steps && rounds(config) < 1
      ? "no update falls between training.learningStarts and training.steps; expected a shorter period"
      : undefined
  ),
  rule("training.episodes", ["training.steps"], ({ training: { episodes = 0, steps } }) =>
    episodes > steps
      ? `expected at most training.steps (${steps}): an episode has a step at least`
      : undefined
  ),
  rule("training.episodes", ["training.learningStarts", "environment"], ({ environment, training }) => {
    const { episodes = Number.POSITIVE_INFINITY, learningStarts } = training
    const { id, timeLimit = Number.POSITIVE_INFINITY } = Environments.make(environment).spec
    return episodes * timeLimit < learningStarts
      ? `expected at least ${Math.ceil(learningStarts / timeLimit)} of ${id}'s ${timeLimit} steps, or all are over ` +
          `before training.learningStarts (${learningStarts})`
      : undefined
  }),
  rule("training.warmup", ["training.steps"], ({ training }) =>
    training.warmup > training.steps ? `expected at most training.steps (${training.steps})` : undefined
  ),
  rule("replay.nStep", ["replay.kind", "environment"], ({ environment, replay }) => {
    const { id, timeLimit } = Environments.make(environment).spec
    return "nStep" in replay && timeLimit !== undefined && replay.nStep > timeLimit
      ? `expected at most ${timeLimit}, the steps of an episode of ${id}`
      : undefined
  }),
  rule("replay.nStep", ["replay.kind", "replay.capacity"], ({ replay }) =>
    "nStep" in replay && replay.nStep > replay.capacity
      ? `expected at most replay.capacity (${replay.capacity})`
      : undefined
  ),
  rule("replay.kind", ["environment"], ({ environment, replay }) => {
    const { goals, id } = Environments.make(environment).spec
    return replay.kind === "hindsight" && goals === undefined
      ? `needs a world with goals, which ${id} is not; choose { "kind": "pointReach", "goalConditioned": true }`
      : undefined
  }),
  rule("replay.kind", ["algorithm.base"], ({ algorithm, replay }) => {
    if ((replay.kind === "rollout") === Algorithms.isDiscrete(algorithm)) return undefined
    return Algorithms.isDiscrete(algorithm)
      ? `expected "rollout": ${algorithm.base} learns once from each rollout of its own policy`
      : `gives whole rollouts to on-policy learners; ${algorithm.base} learns from single transitions`
  }),
  rule("replay.normalize", ["algorithm.base"], ({ algorithm, replay }) =>
    algorithm.base === "a2c" && replay.kind === "rollout" && replay.normalize
      ? "expected false: a2c learns from rewards and what comes after, not from returns"
      : undefined
  ),
  rule("training.normalize.rewards", ["replay.kind", "replay.normalize"], ({ replay, training }) =>
    training.normalize.rewards && replay.kind === "rollout" && replay.normalize
      ? "expected false: replay.normalize gives returns the deviation 1, whatever the scale of rewards"
      : undefined
  ),
  rule("replay.nStep", ["replay.kind", "algorithm.gamma"], ({ algorithm, replay }) =>
    "nStep" in replay && replay.nStep > 1 && algorithm.gamma === 0
      ? "expected 1: with algorithm.gamma 0, what comes later counts nothing"
      : undefined
  ),
  rule(
    "training.normalize.clip",
    ["training.normalize.observations", "training.normalize.rewards"],
    ({ training: { normalize } }) =>
      normalize.clip !== CLIP && !normalize.observations && !normalize.rewards
        ? "has no effect without training.normalize.observations or rewards; leave it out"
        : undefined
  ),
  rule("environment.goal", ["environment.kind", "environment.goalConditioned"], ({ environment }) =>
    environment.kind === "pointReach" && environment.goalConditioned && environment.goal !== 0
      ? "has no effect with goalConditioned, which draws a goal for each episode; leave it out"
      : undefined
  ),
  rule("evaluation.every", ["training.sliceSteps"], ({ evaluation, training }) =>
    evaluation.every % training.sliceSteps === 0
      ? undefined
      : `expected a multiple of training.sliceSteps (${training.sliceSteps}), after which evaluations can stand`
  ),
  rule("exploration.theta", ["exploration.kind", "exploration.dt"], ({ exploration }) =>
    exploration.kind === "ornsteinUhlenbeck" && exploration.theta * (exploration.dt ?? 1) >= 2
      ? "expected theta * dt below 2 (dt is 1 if left out), or the noise grows without bound"
      : undefined
  ),
  rule("algorithm.variants", ["environment"], ({ algorithm, environment }) => {
    const { action, id, observation } = Environments.make(environment).spec
    const isUneven = Space.size(observation) % Space.size(action) !== 0
    return "variants" in algorithm && algorithm.variants.some(({ kind }) => kind === "deepSets") && isUneven
      ? `deepSets needs as many numbers of the observation for each action; ${id} has ` +
          `${Space.size(observation)} for ${Space.size(action)}`
      : undefined
  }),
  rule("algorithm.hidden", ["environment", "algorithm", "engine.kind"], (config) =>
    config.engine.kind === "wasm" && networkBytes(config) > WasmEngine.MOST_BYTES
      ? `takes ${Memory.gibibytes(networkBytes(config))} with its optimizers, and the engine wasm has ` +
        Memory.gibibytes(WasmEngine.MOST_BYTES)
      : undefined
  ),
  rule("engine.tf32", ["engine.device"], ({ engine }) =>
    engine.kind === "tensorflow" && engine.device === "cpu" && engine.tf32 !== undefined
      ? 'is for a GPU; leave it out, or choose the device "gpu"'
      : undefined
  )
]

// what is left out

/** A part as it was given, on top of its default; the tag may be left out, and what has another tag stands alone. */
const onTopOf = (fallback: JsonPath.JsonRecord, tag: string, given: unknown): unknown => {
  if (given === undefined) return fallback
  if (!JsonPath.isRecord(given)) return given
  const isSame = given[tag] === undefined || given[tag] === fallback[tag]
  return isSame ? { ...fallback, ...given, [tag]: fallback[tag] } : given
}

/** The rhythm that a base brings along for its own kind of replay. */
const rhythm = ({ replay, training }: Defaults.Defaults, given: unknown): JsonPath.JsonRecord => {
  if (JsonPath.child(given, "kind") !== replay.kind) return {}
  const capacity = JsonPath.child(given, "capacity")
  // A minibatch is a whole rollout, however long that is.
  return replay.kind === "rollout" && typeof capacity === "number"
    ? { ...training, batchSize: capacity }
    : { ...training }
}

/** The input with every tag that has a default, and with what the base brings along. */
const complete = (input: unknown): unknown => {
  if (!JsonPath.isRecord(input)) return input
  const algorithm = onTopOf({ base: "ddpg" }, "base", input["algorithm"])
  const base = JsonPath.child(algorithm, "base")
  const brought = Defaults.of(Defaults.isBase(base) ? base : "ddpg")
  const replay = onTopOf({ ...brought.replay }, "kind", input["replay"])
  const { training = {} } = input
  return {
    ...input,
    algorithm,
    replay,
    exploration: onTopOf({ ...brought.exploration }, "kind", input["exploration"]),
    training: JsonPath.isRecord(training) ? { ...rhythm(brought, replay), ...training } : training,
    engine: onTopOf({ kind: "wasm" }, "kind", input["engine"])
  }
}

const example: Options = Options.make({ environment: { kind: "pendulum" } })

export const definition: Config.Definition<typeof Options> = {
  schema: Options,
  rules,
  example: { ...example },
  complete,
  optionalTags: { algorithm: "base", replay: "kind", exploration: "kind", engine: "kind" }
}

// pure core

/** How the episodes of an evaluation are run, without how often. */
export const episodesOf = ({ evaluation }: Options): Evaluation.Options => {
  const { every: _, ...options } = evaluation
  return options
}

/** The experiment that an input describes, or all of its mistakes. */
export const decode = (input: unknown): Result.Result<Options, Config.ConfigError> =>
  Config.decode(definition, input)

// constructors

/** The learner of an experiment, with its world: `Training.make` needs only `layer` besides. */
export const learner = Effect.fnUntraced(function* (
  config: Options
): Effect.fn.Return<
  Learner.Learner<never>,
  Config.ConfigError | Algorithm.VariantConflict | Algorithm.IdleOption
> {
  const { algorithm, environment } = config
  if (!isContinuous(environment)) {
    if (!Algorithms.isDiscrete(algorithm)) {
      return yield* new Config.ConfigError({ mistakes: Config.broken(rules, config) })
    }
    const made = Algorithms.discrete(algorithm)
    const world = Environment.layerDiscrete(Environments.makeDiscrete(environment))
    return { ...made, environment: Effect.provide(made.environment, world) }
  }
  if (Algorithms.isDiscrete(algorithm)) {
    return yield* new Config.ConfigError({ mistakes: Config.broken(rules, config) })
  }
  const made = yield* Algorithms.continuous(algorithm)
  const world = Environment.layerContinuous(Environments.makeContinuous(environment))
  return { ...made, environment: Effect.provide(made.environment, world) }
})

/** The engine of these options; the scope frees a device that belongs to it. */
export const engine = (
  options: Engine.Options
): Effect.Effect<Jit.Engine, Engine.EngineError, Scope.Scope> => {
  switch (options.kind) {
    case "wasm":
      return Engine.attempt(() => WasmEngine.make({ threads: options.threads, relaxed: options.relaxed }))
    case "tfjs":
      return options.backend === "cpu" ? Engine.attempt(TfjsEngine.cpu) : Engine.openWebgpu(options)
    case "tensorflow":
      return Engine.attemptPromise(() => TensorflowEngine.make(options))
  }
}

// layers

/** The replay, exploration and engine of an experiment. */
export const layer = (
  config: Options
): Layer.Layer<
  Replay.Replay | Exploration.Exploration | Engine.Engine,
  Engine.EngineError | Replay.ReplayError
> =>
  Layer.mergeAll(
    Replay.layer(config.replay),
    Exploration.layer(config.exploration),
    Layer.effect(Engine.Engine, engine(config.engine))
  )
