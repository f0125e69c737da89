/**
 * What a branch takes over from the checkpoint that it begins with. Every option that `branch` changes either works as it
 * says from there on, or is refused:
 *
 * | changed | what happens |
 * | --- | --- |
 * | numbers of the learner: rates, gamma, tau, bonuses, the rhythm of phases | hold from the next update on, for all transitions of the replay; optimizers keep their memory, also where gradients are clipped from now on, or no more |
 * | what networks consist of: base, widths, variants with numbers of their own, the values that a categorical critic can express | refused |
 * | how numbers began: `initial`, `smallFinal`, ... | refused: it has happened |
 * | exploration of another kind | its process begins anew; noise on parameters with the next episode |
 * | replay of another kind | the same transitions; priorities begin as those of new ones; onto a dataset, but not from one |
 * | capacity | smaller: the newest stay; larger: refused once the ring has overwritten some |
 * | `replay.alpha` | refused: the priorities are raised to the old one |
 * | `training.normalize` on or off | refused: networks have learned from the other kind of numbers |
 * | gamma beside normalised rewards | refused: the scale is that of returns discounted by the old one |
 * | the world, but for its time limit | refused: the checkpoint stands inside an episode of it, and the replay holds more |
 * | warm-up and learning's start before the checkpoint | refused: it has happened |
 * | evaluation, engine, slices, length, seed | hold from there on |
 */
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Config from "@ornstein/core/Config"
import type * as Environment from "@ornstein/core/Environment"
import * as Exploration from "@ornstein/core/Exploration"
import * as Extension from "@ornstein/core/Extension"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Key from "@ornstein/core/Key"
import type * as Learner from "@ornstein/core/Learner"
import * as Mistake from "@ornstein/core/Mistake"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import type * as Training from "@ornstein/core/Training"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Tree from "@ornstein/jit/Tree"
import * as Effect from "effect/Effect"
import { Current, type Experiment } from "../experiment/index.ts"

// models

type Arrays = { readonly [path: string]: Snapshot.Snapshot }

/** What a rule looks at. */
interface Change {
  readonly before: Experiment.Settings
  readonly after: Experiment.Settings
  readonly saved: Training.Saved
}

/** Why a branch cannot have what stands at the path now. */
interface Rule {
  readonly path: string
  readonly check: (change: Change) => string | undefined
}

// pure core: options

/** The paths at which two configurations differ; of parts of different kinds, the kind, and what both have. */
export const changed = (before: unknown, after: unknown): ReadonlyArray<string> =>
  JsonPath.differing(before, after).filter((path) =>
    JsonPath.split(path).every((key, depth, keys) => {
      const [a, b] = [before, after].map((config) => JsonPath.at(config, JsonPath.join(keys.slice(0, depth))))
      const isOfKind = ["kind", "base"].every((tag) => JsonPath.child(a, tag) === JsonPath.child(b, tag))
      return isOfKind || [a, b].every((part) => JsonPath.child(part, key) !== undefined)
    })
  )

const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing"

/** `expected 0.6, as in the run: ...` */
const asInTheRun = (path: string, before: Experiment.Settings, reason: string): string =>
  `expected ${shown(JsonPath.at(before, path))}, as in the run: ${reason}; another run can have it (\`ornstein train\`)`

const rule = (path: string, check: Rule["check"]): Rule => ({ path, check })

/** How many transitions the replay keeps, if it says so. */
const capacityOf = ({ replay }: Experiment.Settings): number => {
  const capacity = JsonPath.child(replay, "capacity")
  return typeof capacity === "number" ? capacity : Number.POSITIVE_INFINITY
}

/** Options that say how something begins, which it has. */
const BEGINNINGS =
  /^(algorithm\.(network\.)?(initial|smallFinal)|algorithm\.variants\.\d+\.initialLogTemperature|exploration\.initialSigma)$/

/** Options that say what the numbers of a network mean. */
const MEANINGS = /^algorithm\.variants\.\d+\.(minimum|maximum)$/

/** Options of a world that change no transition. */
const HARMLESS = /^environment\.timeLimit$/

const NETWORKS = /^algorithm\./

const rules: ReadonlyArray<Rule> = [
  rule("training.normalize.observations", ({ after, before }) =>
    asInTheRun(
      "training.normalize.observations",
      before,
      `its networks have learned from observations ${after.training.normalize.observations ? "as they are" : "that were normalised"}`
    )
  ),
  rule("training.normalize.rewards", ({ after, before }) =>
    asInTheRun(
      "training.normalize.rewards",
      before,
      `its values are of rewards ${after.training.normalize.rewards ? "as they are" : "that were normalised"}`
    )
  ),
  rule("algorithm.gamma", ({ after, before }) =>
    after.training.normalize.rewards
      ? asInTheRun(
          "algorithm.gamma",
          before,
          "the scale of its rewards is that of returns with this discount"
        )
      : undefined
  ),
  rule("replay.alpha", ({ before }) =>
    asInTheRun("replay.alpha", before, "the priorities of its transitions are raised to it")
  ),
  rule("replay.kind", ({ before }) =>
    before.replay.kind === "offline"
      ? asInTheRun("replay.kind", before, "it has stored no transitions of its own")
      : undefined
  ),
  rule("replay.capacity", ({ after, before, saved }) => {
    const capacity = capacityOf(after)
    if (after.replay.kind === "offline") return undefined
    if (after.replay.kind === "rollout") {
      const count = Snapshot.getNumber(saved.state.replay, "count")
      return count < capacity
        ? undefined
        : `expected more than ${count}, the steps of the rollout that the checkpoint stands in`
    }
    const stored = Snapshot.getNumber(saved.state.replay, "stored")
    return Math.max(0, stored - capacity) < saved.first
      ? `expected at most ${capacityOf(before)}, as in the run: it has overwritten what was before`
      : undefined
  }),
  rule("training.warmup", ({ after, before, saved }) => {
    const { step } = saved.state
    return Math.max(step, before.training.warmup) === Math.max(step, after.training.warmup)
      ? `expected more than ${step}, where the branch begins: before, it has happened`
      : undefined
  }),
  rule("training.learningStarts", ({ after, before, saved }) => {
    const next = saved.state.step + 1
    return Math.max(next, before.training.learningStarts) === Math.max(next, after.training.learningStarts)
      ? `expected more than ${next}, the branch's first step: before, it has happened`
      : undefined
  })
]

/** The refusal of a change at this path, by what the option is. */
const refusal = (path: string, change: Change): string | undefined => {
  const { before } = change
  if (BEGINNINGS.test(path)) return asInTheRun(path, before, "it says how something begins, which it has")
  if (path === "training.lanes") return asInTheRun(path, before, "each of them stands inside an episode")
  if (MEANINGS.test(path))
    return asInTheRun(path, before, "its critic has learned what each of these values is worth")
  if (path.startsWith("environment") && !HARMLESS.test(path)) {
    return asInTheRun(
      path,
      before,
      "the checkpoint stands inside an episode of that world, with its transitions"
    )
  }
  return rules.find((each) => each.path === path)?.check(change)
}

// pure core: arrays

/** Where an array of an optimizer belongs, wherever in a chain of optimizers it stands. */
const placeless = (path: string): string => path.replace(/^(optimizer\.[^.]+)\.\d+\./, "$1.")

/** What an exploration keeps beside the learner. */
const BESIDE = "extension."

/** An array that is wanted: its length; where it begins as a copy of another, that one; else how it begins. */
interface Wanted {
  readonly length: number
  readonly source: string | undefined
  readonly data: Snapshot.Snapshot
}

/** The arrays that the learner after the change begins with, as far as those of the checkpoint fit. */
const adopted = (
  wanted: { readonly [path: string]: Wanted },
  given: Snapshot.Snapshot
): { readonly arrays: Arrays; readonly misfit: string | undefined } => {
  const arrays = Snapshot.isRecord(given) ? given : {}
  const byPlace = new Map(Object.entries(arrays).map(([path, data]) => [placeless(path), data]))
  const lengthOf = (data: Snapshot.Snapshot | undefined): number | undefined =>
    data instanceof Float32Array ? data.length : undefined
  const find = (path: string): Snapshot.Snapshot | undefined => {
    const own = arrays[path] ?? byPlace.get(placeless(path))
    if (own !== undefined || !path.startsWith(BESIDE)) return own
    const source = wanted[path]?.source
    return source === undefined ? wanted[path]?.data : arrays[source]
  }
  const found = Object.keys(wanted).map((path) => [path, find(path)] as const)
  const misfit = found.find(([path, data]) => lengthOf(data) !== wanted[path]?.length)
  const known = new Set(Object.keys(wanted).map(placeless))
  const lost = Object.keys(arrays).find((path) => !known.has(placeless(path)) && !path.startsWith(BESIDE))
  const told =
    misfit === undefined
      ? lost && `${lost} would be left over`
      : `${misfit[0]} would have ${wanted[misfit[0]]?.length} numbers, and has ${lengthOf(misfit[1]) ?? "none"}`
  return {
    arrays: Object.fromEntries(found.flatMap(([path, data]) => (data === undefined ? [] : [[path, data]]))),
    misfit: told
  }
}

/** The arrays of a learner at the sizes of its world, and of what explores with it, by path. */
const arraysOf = <R>(
  learner: Learner.Learner<R>,
  { action, observation }: Environment.Spec,
  { training }: Experiment.Settings,
  extension: Extension.Extension | undefined
): { readonly [path: string]: Wanted } => {
  const plan = learner.plan({
    observation: Space.size(observation),
    action: action._tag === "Box" ? Space.size(action) : action.n,
    batch: training.batchSize
  })
  const state = plan.init(Key.make(0))
  const entries = (tree: Learner.State<NdArray.NdArray>) =>
    Tree.entries<NdArray.NdArray>(Tree.from(tree, NdArray.isNdArray), NdArray.isNdArray)
  const own = entries(state)
  return Object.fromEntries(
    entries(Extension.extended(plan, state, extension)).map(({ leaf, path }) => {
      // The same array in two places: one begins as a copy of the other.
      const source = own.find((other) => other.leaf === leaf)?.path
      return [path, { length: leaf.data.length, source, data: leaf.data }]
    })
  )
}

// pure core: services

/** Priorities as those of transitions that have just been stored. */
const fresh = ({ first, state }: Training.Saved): Snapshot.Snapshot => {
  const stored = Snapshot.getNumber(state.replay, "stored")
  return { stored, sampler: { largest: 1, weights: new Float64Array(stored - first).fill(1) } }
}

const replayOf = ({ after, before, saved }: Change): Snapshot.Snapshot =>
  after.replay.kind === "prioritized" && before.replay.kind !== "prioritized"
    ? fresh(saved)
    : saved.state.replay

const explorationOf = Effect.fnUntraced(function* ({ after, before, saved }: Change) {
  // What differs from lane to lane remembers how many episodes it has drawn for.
  const [was, is] = [before, after].map(({ exploration }) =>
    JSON.stringify([exploration.kind, JsonPath.at(exploration, "perLane.rule") ?? null])
  )
  if (was === is) return saved.state.exploration
  const { experiment } = yield* Current
  const { make } = yield* Exploration.Exploration
  const { lanes } = after.training
  const all = Array.from({ length: lanes }, (_, lane) =>
    make(Key.make(0), Space.size(experiment.world(after).spec.action), { lane, lanes }).snapshot()
  )
  return lanes === 1 ? (all[0] ?? null) : all
})

// inheriting

const adoption = Effect.fnUntraced(function* ({ after, saved }: Change) {
  const { experiment } = yield* Current
  const extension = yield* Effect.provide(
    Exploration.Exploration.useSync(({ extension }) => extension),
    experiment.exploration(after)
  )
  const learner = yield* experiment.learner(after)
  const arrays = arraysOf(learner, experiment.world(after).spec, after, extension)
  return adopted(arrays, saved.state.agent)
})

/** What a branch with this configuration cannot take over, each with its path. */
export const mistakes = Effect.fn("Inheritance.mistakes")(function* (
  before: Experiment.Settings,
  after: Experiment.Settings,
  saved: Training.Saved
) {
  const change = { before, after, saved }
  const paths = changed(before, after)
  const refused = paths.flatMap((path): ReadonlyArray<Mistake.Mistake> => {
    const allowed = refusal(path, change)
    return allowed === undefined
      ? []
      : [Mistake.make(JsonPath.split(path), allowed, JsonPath.at(after, path))]
  })
  if (refused.length > 0) return refused
  const { misfit } = yield* adoption(change)
  if (misfit === undefined) return []
  const path = paths.find((each) => NETWORKS.test(each)) ?? "algorithm"
  const allowed = asInTheRun(path, before, `its networks have other numbers (${misfit})`)
  return [Mistake.make(JsonPath.split(path), allowed, JsonPath.at(after, path))]
})

/** The state that a run with the second configuration goes on from, where one with the first has stood. */
export const take = Effect.fn("Inheritance.take")(function* (
  before: Experiment.Settings,
  after: Experiment.Settings,
  saved: Training.Saved
) {
  const { experiment } = yield* Current
  const change = { before, after, saved }
  const { arrays } = yield* adoption(change)
  const exploration = yield* Effect.provide(explorationOf(change), experiment.exploration(after))
  const state: Training.TrainState = {
    ...saved.state,
    agent: arrays,
    exploration,
    replay: replayOf(change)
  }
  return { ...saved, state }
})

/** The same from a checkpoint, which knows the configuration that it was made with. */
export const from = Effect.fn("Inheritance.from")(function* (
  { manifest, saved }: CheckpointDirectory.Loaded,
  after: Experiment.Settings
) {
  if (manifest.configHash === Config.hash(after)) return saved
  const { experiment } = yield* Current
  const before = yield* Effect.fromResult(experiment.decode(manifest.config))
  return yield* take(before, after, saved)
})
