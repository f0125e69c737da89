/**
 * Datasets of Minari: `metadata.json` beside `main_data.hdf5`, or beside a folder of Arrow for each episode. An episode of
 * T steps has T + 1 observations, and all else T times; what is learned from is made of them, so the last observation is
 * what came after the last step. Episodes are taken by number, infos are not looked at.
 */
import type * as Dataset from "@ornstein/core/Dataset"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as DatasetError from "./DatasetError.ts"
import type * as Hdf5 from "./Hdf5.ts"
import * as MinariSpace from "./MinariSpace.ts"
import type { Recorded } from "./Recorded.ts"
import type { Reference } from "./Reference.ts"

// models

/** What `metadata.json` says, as far as it is needed. */
export interface Metadata {
  readonly format: string
  readonly episodes: number
  readonly steps: number
  readonly observation: MinariSpace.Layout
  readonly action: MinariSpace.Layout
  readonly id?: string
  readonly environment?: string
  readonly reference?: Reference
}

/** The arrays of an episode: those of the leaves in their order, `[T + 1, width]` and `[T, width]`, and `[T]` of the rest. */
export interface Episode {
  readonly steps: number
  readonly observations: ReadonlyArray<Hdf5.Numbers>
  readonly actions: ReadonlyArray<Hdf5.Numbers>
  readonly rewards: Hdf5.Numbers
  readonly terminations: Hdf5.Numbers
  readonly truncations: Hdf5.Numbers
}

// pure core: metadata

const parsed = (text: unknown): unknown =>
  typeof text === "string" ? Result.getOrUndefined(Result.try((): unknown => JSON.parse(text))) : undefined

const textOf = (u: unknown): string | undefined => (typeof u === "string" && u !== "" ? u : undefined)

const referenceOf = (minimum: unknown, maximum: unknown): Pick<Metadata, "reference"> =>
  typeof minimum === "number" && typeof maximum === "number" && minimum < maximum
    ? { reference: { minimum, maximum, source: "the dataset's own metadata" } }
    : {}

/** What a text of `metadata.json` says; nothing where it is none. */
export const metadataOf = (
  file: string,
  text: string
): Result.Result<Metadata, DatasetError.DatasetError> => {
  const json = parsed(text)
  const said = (name: string): unknown => JsonPath.child(json, name)
  const wrong = (place: string, what: string) => Result.fail(DatasetError.at(file, place, what))
  const [episodes, steps, format] = [said("total_episodes"), said("total_steps"), said("data_format")]
  if (!JsonPath.isRecord(json)) return wrong("metadata.json", "it is not JSON of an object")
  if (typeof episodes !== "number" || typeof steps !== "number") {
    return wrong("metadata.json", "it does not say how many episodes and steps there are")
  }
  if (typeof format !== "string") return wrong("metadata.json", 'it has no "data_format"')
  const space = (
    name: string,
    read: (space: unknown) => Result.Result<MinariSpace.Layout, string>
  ): Result.Result<MinariSpace.Layout, DatasetError.DatasetError> =>
    Result.mapError(read(parsed(MinariSpace.relaxed(String(said(name))))), (what) =>
      DatasetError.at(file, `metadata.json, ${name}`, what)
    )
  return Result.gen(function* () {
    const observation = yield* space("observation_space", MinariSpace.observation)
    const action = yield* space("action_space", MinariSpace.action)
    const id = textOf(said("dataset_id"))
    const environment = textOf(JsonPath.child(parsed(said("env_spec")), "id"))
    return {
      format,
      episodes,
      steps,
      observation,
      action,
      ...(id === undefined ? {} : { id }),
      ...(environment === undefined ? {} : { environment }),
      ...referenceOf(said("ref_min_score"), said("ref_max_score"))
    }
  })
}

// pure core: rows

/** What was read is put together here: rows of transitions, `[steps, width]`. */
interface Rows {
  readonly observation: Float32Array
  readonly nextObservation: Float32Array
  readonly action: Float32Array
  readonly reward: Float64Array
  readonly terminated: Uint8Array
  readonly truncated: Uint8Array
}

const allocate = (steps: number, observation: number, action: number): Rows => ({
  observation: new Float32Array(steps * observation),
  nextObservation: new Float32Array(steps * observation),
  action: new Float32Array(steps * action),
  reward: new Float64Array(steps),
  terminated: new Uint8Array(steps),
  truncated: new Uint8Array(steps)
})

/** Writes row `row` of a leaf at `at`. What is no value of a `Discrete` becomes NaN, which is refused with its row. */
const write = (
  leaf: MinariSpace.Leaf,
  numbers: Hdf5.Numbers,
  row: number,
  into: Float32Array,
  at: number,
  isHot: boolean
): number => {
  const { space, width } = leaf
  if (space._tag === "Box") {
    for (let i = 0; i < width; i++) into[at + i] = numbers[row * width + i]!
    return at + width
  }
  const index = numbers[row]! - space.start
  const isOne = Number.isInteger(index) && index >= 0 && index < space.n
  if (!isHot) {
    into[at] = isOne ? index : Number.NaN
    return at + 1
  }
  for (let i = 0; i < space.n; i++) into[at + i] = isOne ? Number(i === index) : Number.NaN
  return at + space.n
}

/** Puts an episode behind `first` steps. */
const append = (rows: Rows, first: number, episode: Episode, { action, observation }: Sides): void => {
  const { actions, observations, rewards, steps, terminations, truncations } = episode
  for (let t = 0; t <= steps; t++) {
    let at = (first + t) * observation.size
    let before = at - observation.size
    for (const [i, leaf] of observation.leaves.entries()) {
      if (t < steps) at = write(leaf, observations[i]!, t, rows.observation, at, true)
      if (t > 0) before = write(leaf, observations[i]!, t, rows.nextObservation, before, true)
    }
    if (t === steps) continue
    let into = (first + t) * action.size
    for (const [i, leaf] of action.leaves.entries()) {
      into = write(leaf, actions[i]!, t, rows.action, into, false)
    }
    rows.reward[first + t] = rewards[t]!
    rows.terminated[first + t] = terminations[t]!
    rows.truncated[first + t] = truncations[t]!
  }
}

type Sides = Pick<Metadata, "observation" | "action">

/** Takes in one episode after the other. */
export const collector = (steps: number, sides: Sides) => {
  const rows = allocate(steps, sides.observation.size, sides.action.size)
  let first = 0
  let open = 0
  return {
    add: (episode: Episode): void => {
      append(rows, first, episode, sides)
      first += episode.steps
      const last = first - 1
      if (episode.steps === 0 || rows.terminated[last] === 1 || rows.truncated[last] === 1) return
      // What comes next is of another episode.
      rows.truncated[last] = 1
      open += 1
    },
    columns: (): Dataset.Columns =>
      Object.fromEntries(
        Object.entries(rows).map(([name, data]) => [
          name,
          { data, shape: [steps, steps === 0 ? 0 : data.length / steps] }
        ])
      ),
    inferred: (): ReadonlyArray<string> =>
      open === 0
        ? []
        : [
            `the last step of ${open} episodes is neither terminated nor truncated: the episode is taken to be cut off`
          ]
  }
}

/** The dataset of which all episodes were collected. */
export const recorded = (
  storage: Recorded["storage"],
  metadata: Metadata,
  collected: ReturnType<typeof collector>
): Recorded => {
  const side = (layout: MinariSpace.Layout, isAction: boolean): Recorded["action"] => ({
    size: layout.size,
    space: MinariSpace.spaceOf(layout, isAction),
    names: MinariSpace.names(layout)
  })
  return {
    format: "minari",
    storage,
    raw: { columns: collected.columns(), units: "world" },
    observation: side(metadata.observation, false),
    action: side(metadata.action, true),
    inferred: collected.inferred(),
    ...(metadata.id === undefined ? {} : { id: metadata.id }),
    ...(metadata.environment === undefined ? {} : { environment: metadata.environment }),
    ...(metadata.reference === undefined ? {} : { reference: metadata.reference })
  }
}

/** Fails unless there are as many episodes and steps as the metadata says. */
export const checkCounts = (
  file: string,
  metadata: Metadata,
  episodes: number,
  steps: number
): Effect.Effect<void, DatasetError.DatasetError> => {
  if (episodes === 0 || steps === 0) {
    return DatasetError.at(file, undefined, "it has no episodes", "Name a dataset that has some")
  }
  if (episodes === metadata.episodes && steps === metadata.steps) return Effect.void
  const [says, has] = [metadata, { episodes, steps }].map(
    (counts) => `${counts.episodes} episodes of ${counts.steps} steps`
  )
  return DatasetError.at(file, "metadata.json", `it says that there are ${says}, and there are ${has}`)
}

// reading

const NUMBER = /^episode_(0|[1-9]\d{0,8})$/

/** Has a file of HDF5 episodes? */
export const isOne = (names: ReadonlyArray<string>): boolean => names.some((name) => NUMBER.test(name))

const [REWARDS, TERMINATIONS, TRUNCATIONS] = ["rewards", "terminations", "truncations"]

/** A dataset whose episodes lie in one file of HDF5. */
export const read = Effect.fnUntraced(function* (
  file: string,
  metadata: Metadata,
  open: Hdf5.File,
  names: ReadonlyArray<string>
) {
  const numbers = names.flatMap((name) => NUMBER.exec(name)?.[1] ?? []).map(Number)
  numbers.sort((a, b) => a - b)
  const under = (episode: number) => {
    const path = `episode_${episode}`
    const inside = (name: string, { leaves }: MinariSpace.Layout) =>
      leaves.map((leaf) => [path, name, ...leaf.path].join("/"))
    return {
      rest: [REWARDS, TERMINATIONS, TRUNCATIONS].map((name) => `${path}/${name}`),
      observations: inside("observations", metadata.observation),
      actions: inside("actions", metadata.action)
    }
  }
  const paths = numbers.map(under)
  const found = yield* open.look(
    paths.flatMap((each) => [...each.rest, ...each.observations, ...each.actions])
  )
  let next = 0
  const entry = (path: string) => {
    next += 1
    return open.entry(path, found[next - 1])
  }
  const sized = (entries: ReadonlyArray<Hdf5.Entry>, rows: number, { leaves }: MinariSpace.Layout) => {
    for (const [i, { path, rows: has, width }] of entries.entries()) {
      const expected = leaves[i]?.width ?? 1
      if (has !== rows || width !== expected) {
        const what = `it has shape [${has}, ${width}], and [${rows}, ${expected}] is expected`
        return DatasetError.at(file, path, what)
      }
    }
    return Effect.void
  }
  const episodes = yield* Effect.forEach(paths, (each) =>
    Effect.gen(function* () {
      const rest = yield* Effect.forEach(each.rest, entry)
      const observations = yield* Effect.forEach(each.observations, entry)
      const actions = yield* Effect.forEach(each.actions, entry)
      const steps = rest[0]?.rows ?? 0
      yield* sized(rest, steps, { leaves: [], size: 0 })
      yield* sized(observations, steps + 1, metadata.observation)
      yield* sized(actions, steps, metadata.action)
      return { steps, rest, observations, actions }
    })
  )
  const steps = episodes.reduce((sum, episode) => sum + episode.steps, 0)
  yield* checkCounts(file, metadata, episodes.length, steps)
  const collected = collector(steps, metadata)
  for (const episode of episodes) {
    const [rewards, terminations, truncations] = yield* Effect.forEach(episode.rest, open.read)
    const observations = yield* Effect.forEach(episode.observations, open.read)
    const actions = yield* Effect.forEach(episode.actions, open.read)
    if (rewards === undefined || terminations === undefined || truncations === undefined) continue
    collected.add({ steps: episode.steps, observations, actions, rewards, terminations, truncations })
  }
  return recorded("hdf5", metadata, collected)
})
