/** What must hold between the fields of an experiment, besides what its parts require (`Part.requires`). */
import type { Base } from "@ornstein/algos"
import type * as Config from "@ornstein/core/Config"
import * as FromDataset from "@ornstein/core/FromDataset"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Normalization from "@ornstein/core/Normalization"
import * as OnPolicy from "@ornstein/core/OnPolicy"
import type * as Part from "@ornstein/core/Part"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Numbers } from "../terminal/index.ts"
import type * as Settings from "./Settings.ts"

// models

/** A configuration, and what its parts make of it. */
export interface Subject {
  readonly config: Settings.Settings
  readonly facts: Part.Facts
  readonly composition: Base.Composition
}

type Rule = Config.Rule<Subject>

const rule = (path: string, reads: ReadonlyArray<string>, check: Rule["check"]): Rule => ({
  path,
  reads,
  check
})

// pure core

const CLIP = Normalization.Options.make({}).clip

/** After how many rounds of lanes a run makes updates. */
const rounds = ({ training: { lanes, learningStarts, steps, updateEvery } }: Settings.Settings): number => {
  const [last, first] = [Math.floor(steps / lanes), Math.ceil(learningStarts / lanes)]
  return Math.floor(last / updateEvery) - Math.floor(Math.max(0, first - 1) / updateEvery)
}

/** How many transitions the replay keeps, if it says so. */
const capacityOf = ({ replay }: Settings.Settings): number => {
  const capacity = JsonPath.child(replay, "capacity")
  return typeof capacity === "number" ? capacity : Number.POSITIVE_INFINITY
}

const isRollout = ({ replay }: Settings.Settings): boolean => replay.kind === "rollout"

/** Is a dataset all that is learned from? */
const isOffline = ({ replay }: Settings.Settings): boolean => replay.kind === "offline"

/** Does it learn from minibatches of what it has met? */
const meets = (config: Settings.Settings): boolean => !isRollout(config) && !isOffline(config)

const normalizesReturns = (config: Settings.Settings): boolean =>
  isRollout(config) && JsonPath.child(config.replay, "normalize") === true

const bytesOf = ({ composition, facts }: Subject): number => composition.leastBytes(facts.world.observation)

/** Where the sizes of networks stand. */
const sizesAt = ({ algorithm }: Settings.Settings): string =>
  JsonPath.child(algorithm, "network") === undefined ? "algorithm.hidden" : "algorithm.network"

// the rules

export const rules: ReadonlyArray<Rule> = [
  rule("environment.kind", ["algorithm.base"], ({ composition, facts: { learner, world } }) => {
    if (world.isDiscrete === (composition._tag === "Discrete")) return undefined
    return world.isDiscrete
      ? `has discrete actions, but ${learner.base} learns a policy for continuous ones; ` +
          "choose a world with a box of actions (see `ornstein envs`)"
      : `has a box of actions, but ${learner.base} chooses from a list; choose a world with discrete actions`
  }),
  rule("algorithm", [], ({ composition }) =>
    composition.refusals.map(({ allowed, path }) => ({
      path: JsonPath.join(["algorithm", ...path]),
      allowed
    }))
  ),
  ...OnPolicy.fields.map((field) =>
    rule(`training.${field}`, ["algorithm.base", "replay.kind"], ({ config, facts: { learner } }) =>
      learner.isOnPolicy && isRollout(config)
        ? OnPolicy.refusal(learner.base, field, config.training)
        : undefined
    )
  ),
  rule("training.batchSize", ["replay.capacity"], ({ config }) =>
    config.training.batchSize > capacityOf(config)
      ? `expected at most replay.capacity (${capacityOf(config)})`
      : undefined
  ),
  rule("training.batchSize", ["replay.kind", "replay.capacity"], ({ config }) =>
    isRollout(config) && config.training.batchSize < capacityOf(config)
      ? `expected replay.capacity (${capacityOf(config)}): a minibatch is a whole rollout`
      : undefined
  ),
  rule("training.learningStarts", ["training.batchSize", "replay.kind"], ({ config }) =>
    meets(config) && config.training.learningStarts < config.training.batchSize
      ? `expected at least training.batchSize (${config.training.batchSize}), so that a batch is there`
      : undefined
  ),
  rule("training.learningStarts", ["training.batchSize", "replay.capacity"], ({ config }) => {
    const capacity = capacityOf(config)
    const { batchSize, learningStarts } = config.training
    return meets(config) && learningStarts > capacity && batchSize <= capacity
      ? `expected at most replay.capacity (${capacity}): what does not fit is lost unseen`
      : undefined
  }),
  rule("training.learningStarts", ["training.steps"], ({ config: { training } }) =>
    training.learningStarts >= training.steps
      ? `expected less than training.steps (${training.steps}), or nothing is learned`
      : undefined
  ),
  rule("training.workers", ["training.lanes"], ({ config: { training } }) =>
    (training.workers ?? 1) > training.lanes
      ? `expected at most training.lanes (${training.lanes}), which they step`
      : undefined
  ),
  rule(
    "training.updateEvery",
    ["training.steps", "training.learningStarts", "training.lanes"],
    ({ config }) =>
      config.training.learningStarts < config.training.steps && rounds(config) < 1
        ? "no update falls between training.learningStarts and training.steps; expected a shorter period"
        : undefined
  ),
  rule("training.episodes", ["training.steps"], ({ config: { training } }) =>
    (training.episodes ?? 0) > training.steps
      ? `expected at most training.steps (${training.steps}): an episode has a step at least`
      : undefined
  ),
  rule("training.episodes", ["training.learningStarts", "environment"], ({ config, facts: { world } }) => {
    const { episodes = Number.POSITIVE_INFINITY, learningStarts } = config.training
    const { id, timeLimit = Number.POSITIVE_INFINITY } = world
    return episodes * timeLimit < learningStarts
      ? `expected at least ${Math.ceil(learningStarts / timeLimit)} of ${id}'s ${timeLimit} steps, or all are over ` +
          `before training.learningStarts (${learningStarts})`
      : undefined
  }),
  rule("training.warmup", ["training.steps"], ({ config: { training } }) =>
    training.warmup > training.steps ? `expected at most training.steps (${training.steps})` : undefined
  ),
  ...FromDataset.refusals.map(({ check, path }) =>
    rule(JsonPath.join(["training", ...path]), ["replay.kind"], ({ config }) =>
      isOffline(config) ? check(config.training) : undefined
    )
  ),
  rule("replay.normalize", ["algorithm.base"], ({ config, facts: { learner } }) =>
    learner.base === "a2c" && normalizesReturns(config)
      ? "expected false: a2c learns from rewards and what comes after, not from returns"
      : undefined
  ),
  rule("training.normalize.rewards", ["replay.kind", "replay.normalize"], ({ config }) =>
    config.training.normalize.rewards && normalizesReturns(config)
      ? "expected false: replay.normalize gives returns the deviation 1, whatever the scale of rewards"
      : undefined
  ),
  rule(
    "training.normalize.clip",
    ["training.normalize.observations", "training.normalize.rewards"],
    ({ config: { training } }) =>
      training.normalize.clip !== CLIP && !training.normalize.observations && !training.normalize.rewards
        ? "has no effect without training.normalize.observations or rewards; leave it out"
        : undefined
  ),
  rule("evaluation.episodes", ["environment"], ({ config: { environment, evaluation } }) =>
    environment.kind === "spaces" && evaluation.episodes > 0
      ? "expected 0: nothing happens in a world of spaces alone; name the world that the data is of, or evaluate later (--env)"
      : undefined
  ),
  rule("evaluation.every", ["training.sliceSteps"], ({ config: { evaluation, training } }) =>
    evaluation.every % training.sliceSteps === 0
      ? undefined
      : `expected a multiple of training.sliceSteps (${training.sliceSteps}), after which evaluations can stand`
  ),
  rule("algorithm.hidden", ["environment", "algorithm", "engine.kind"], (subject) =>
    ["auto", "native", "wasm"].includes(subject.config.engine.kind) &&
    bytesOf(subject) > WasmEngine.MOST_BYTES
      ? [
          {
            path: sizesAt(subject.config),
            allowed:
              `takes ${Numbers.gibibytes(bytesOf(subject))} with its optimizers, and the engine ` +
              `${subject.config.engine.kind} has ` +
              Numbers.gibibytes(WasmEngine.MOST_BYTES)
          }
        ]
      : undefined
  )
]
