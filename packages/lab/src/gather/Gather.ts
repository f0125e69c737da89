/**
 * Datasets from policies: episodes of a random one, and of what runs have learned, in given shares. One seed gives one
 * dataset, to the byte. It is written beside its place and then named, and nothing that is there already is replaced.
 *
 * ```ts
 * yield* Gather.make({ out: "mixed-v0", sources: ["random:1", "runs/a@best:1"], episodes: 20, seed: 0, noise: 0.1 })
 * ```
 */
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Durable from "@ornstein/core/Durable"
import * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as Turn from "@ornstein/core/Turn"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { DatasetError, MinariArrow, MinariWriter } from "../datasets/index.ts"
import { Current } from "../experiment/index.ts"
import * as Place from "../place/Place.ts"
import { SavedPolicy } from "../policy/index.ts"
import { Rows, RunDirectory, RunRecord, Tables } from "../runs/index.ts"

// models

export interface Request {
  /** A folder that is not there yet. */
  readonly out: string
  /** `random`, or a run or file of a policy with `@STEP`, `@best`, `@last`, `@medium`, `@expert`; each with `:SHARE`. */
  readonly sources: ReadonlyArray<string>
  /** The id of the world; that of the first run if not given. */
  readonly environment?: string | undefined
  /** In all. */
  readonly episodes: number
  readonly seed: number
  /** The deviation of the noise on the actions of what was learned, where their box is [-1, 1]. */
  readonly noise: number
  /** What it is called: the last part of `out` if not given. */
  readonly id?: string | undefined
}

/** Who acts in how many of the episodes. */
interface Source {
  readonly text: string
  readonly from: string
  readonly at: CheckpointDirectory.Which | "medium"
  readonly share: number
}

export interface Made {
  readonly out: string
  readonly episodes: number
  readonly steps: number
  /** Of all episodes. */
  readonly return: { readonly mean: number }
  readonly sources: ReadonlyArray<{
    readonly from: string
    readonly episodes: number
    readonly return: { readonly mean: number }
  }>
}

// pure core

const wrong = (text: string, what: string, fix: string) =>
  new DatasetError.DatasetError({ file: text, what, fix })

const HOW =
  "Name random, or a run with @STEP, @best, @last, @medium or @expert, and :SHARE where there are several"

const SOURCE = /^(?<from>.+?)(?:@(?<at>\d{1,12}|best|last|medium|expert))?(?::(?<share>\d+(?:\.\d+)?))?$/

const sourceOf = (text: string): Effect.Effect<Source, DatasetError.DatasetError> => {
  const { at = "last", from = "", share = "1" } = SOURCE.exec(text)?.groups ?? {}
  const isRight = from !== "" && Number(share) > 0 && Number(share) <= 1e6
  if (!isRight) return wrong(text, "it names nobody who acts", HOW)
  const which = at === "expert" ? "best" : at === "best" || at === "last" || at === "medium" ? at : Number(at)
  return Effect.succeed({ text, from, at: which, share: Number(share) })
}

/** Episodes for each share: by rounding down, and what is left goes to the largest rests, the first ones first. */
export const shared = (shares: ReadonlyArray<number>, episodes: number): ReadonlyArray<number> => {
  const all = shares.reduce((sum, share) => sum + share, 0)
  const exact = shares.map((share) => (episodes * share) / all)
  const counts = exact.map(Math.floor)
  const left = episodes - counts.reduce((sum, count) => sum + count, 0)
  const order = exact.map((x, i) => [x - Math.floor(x), i] as const).sort(([a, i], [b, j]) => b - a || i - j)
  for (const [, i] of order.slice(0, left)) counts[i] = (counts[i] ?? 0) + 1
  return counts
}

/** Where a run had learned a third of what it has learned at its best, of the checkpoints that are there (D4RL's medium). */
const mediumOf = Effect.fnUntraced(function* (run: string) {
  const record = yield* RunRecord.open(run)
  const entries = yield* CheckpointDirectory.list(yield* RunRecord.storeOf(record))
  const rows = yield* Tables.rows(record.path, RunDirectory.files.evaluations, Rows.Evaluated)
  const [first] = rows
  const best = rows.reduce((most, { mean }) => Math.max(most, mean), Number.NEGATIVE_INFINITY)
  const steps = new Set(entries.map(({ step }) => step))
  const target = (first?.mean ?? 0) + (best - (first?.mean ?? 0)) / 3
  const candidates = rows
    .filter(({ step }) => steps.has(step))
    .sort((a, b) => Math.abs(a.mean - target) - Math.abs(b.mean - target) || a.step - b.step)
  const found = candidates[0]
  if (found !== undefined) return found.step
  return yield* wrong(
    run,
    "no checkpoint of it was evaluated, so none is known to be in the middle",
    "Train with evaluation.every, and --keep enough checkpoints; or name a step: @STEP"
  )
})

// acting

interface Actor {
  readonly environment: Environment.Environment
  /** Writes an action in the world's units: the step and the episode say what is drawn. */
  readonly act: (key: Key.Key, observation: Space.Numbers, step: number, action: Space.Numbers) => void
  readonly name: string
}

/** Gaussian noise on an action of a box, kept inside. */
const perturb = (space: Space.Space, action: Space.Numbers, key: Key.Key, noise: number): void => {
  if (space._tag === "Discrete" || noise === 0) return
  for (let i = 0; i < action.length; i++) {
    const [low, high] = [space.low[i]!, space.high[i]!]
    const moved = action[i]! + (noise * (high - low) * Key.normal(key, i)) / 2
    action[i] = Math.max(low, Math.min(high, moved))
  }
}

const worldOf = Effect.fnUntraced(function* (id: string) {
  const { experiment } = yield* Current
  return (yield* Registry.find(id, experiment.entries)).environment
})

/** Who acts; a random policy in the world that was named, or in that of a run. */
const actorOf = Effect.fnUntraced(function* (
  { at, from, text }: Source,
  { environment, noise }: Request,
  world: Environment.Environment | undefined
) {
  if (from === "random") {
    if (world === undefined) {
      return yield* wrong(text, "it acts in no world", "Name the world with --env, or a run as well")
    }
    const actor: Actor = {
      environment: world,
      act: (key, _, step, action) => void Space.sample(world.spec.action, Key.fold(key, step), action),
      name: "random"
    }
    return actor
  }
  const which = at === "medium" ? yield* mediumOf(from) : at
  const isRun = (yield* Place.typeAt(from)) === "Directory"
  const opened = yield* SavedPolicy.open({ from, ...(isRun ? { at: which } : {}), environment })
  const { action: space } = opened.environment.spec
  const actor: Actor = {
    environment: opened.environment,
    act: (key, observation, step, action) => {
      opened.policy(observation, action)
      perturb(space, action, Key.fold(key, step), noise)
    },
    name: `${opened.value.algorithm} at step ${opened.value.step}`
  }
  return actor
})

/** One episode, recorded. */
const played = Effect.fnUntraced(function* (
  { act, environment }: Actor,
  instance: Environment.Instance,
  key: Key.Key
) {
  const { action: space, observation } = environment.spec
  const limit = Evaluation.limitOf(environment.spec, Evaluation.Options.make({}))
  const action = Space.allocate(space)
  const observations: Array<number> = []
  const actions: Array<number> = []
  const rewards: Array<number> = []
  const note = (numbers: Space.Numbers, into: Array<number>): void => {
    for (let i = 0; i < numbers.length; i++) into.push(numbers[i]!)
  }
  const draws = Key.fold(key, "actions")
  yield* Environment.attempt(() => instance.reset(Key.fold(key, "environment")))
  note(instance.observation, observations)
  let isLate = yield* Turn.begin
  while (!(instance.terminated || instance.truncated || rewards.length >= limit)) {
    yield* Environment.attempt(() => {
      act(draws, instance.observation, rewards.length, action)
      instance.step(action)
    })
    note(action, actions)
    rewards.push(instance.reward)
    note(instance.observation, observations)
    if (!isLate()) continue
    yield* Effect.yieldNow
    isLate = yield* Turn.begin
  }
  const episode: MinariWriter.Episode = {
    observations: Float32Array.from(observations.slice(0, (rewards.length + 1) * Space.size(observation))),
    actions: Float32Array.from(actions),
    rewards: Float64Array.from(rewards),
    terminated: instance.terminated,
    steps: rewards.length
  }
  return episode
})

// making

/** Fails unless nothing stands at the place, in a folder that does. */
const checkFree = Effect.fnUntraced(function* (out: string) {
  const paths = yield* Path.Path
  const fs = yield* FileSystem.FileSystem
  if (yield* fs.exists(out)) {
    return yield* Place.wrong(out, "there is something here already", "Name a folder that is not there yet")
  }
  const parent = paths.dirname(paths.resolve(out))
  if ((yield* Place.typeAt(parent)) === "Directory") return parent
  return yield* Place.wrong(out, `there is no folder ${parent}`, "Make it, or name another")
})

/** Makes a dataset, in the layout of Minari. */
export const make = Effect.fn("Gather.make")(function* (request: Request) {
  const { episodes, id, out, seed } = request
  const paths = yield* Path.Path
  const parent = yield* checkFree(out)
  const sources = yield* Effect.forEach(request.sources, sourceOf)
  const arrow = yield* MinariArrow.library(out)
  const learned = sources.find(({ from }) => from !== "random")
  const world =
    request.environment !== undefined
      ? yield* worldOf(request.environment)
      : learned === undefined
        ? undefined
        : (yield* SavedPolicy.read({ from: learned.from })).environment
  const actors = yield* Effect.forEach(sources, (source) => actorOf(source, request, world))
  const [actor] = actors
  if (actor === undefined) return yield* wrong(out, "nobody acts in it", HOW)
  const spaces = ({ environment: { spec } }: Actor): string => JSON.stringify([spec.observation, spec.action])
  const other = actors.findIndex((each) => spaces(each) !== spaces(actor))
  if (other >= 0) {
    const what = `it acts in a world of other spaces than ${sources[0]?.text}`
    return yield* wrong(sources[other]?.text ?? out, what, "Name sources of one world")
  }
  const { action, id: environment, observation } = actor.environment.spec
  const counts = shared(
    sources.map(({ share }) => share),
    episodes
  )
  const told = new Intl.ListFormat("en")
  const made = yield* Durable.makeTemporaryDirectory(parent)
  const work = Effect.gen(function* () {
    const data = paths.join(made, "data")
    yield* Durable.makeDirectory(data)
    let [number, steps, bytes] = [0, 0, 0]
    const returns: Array<ReadonlyArray<number>> = []
    for (const [i, each] of actors.entries()) {
      const own: Array<number> = []
      const instance = yield* each.environment.make
      for (let n = 0; n < (counts[i] ?? 0); n++) {
        const episode = yield* played(each, instance, Key.fold(Key.fold(Key.make(seed), "dataset"), number))
        const folder = paths.join(data, String(number))
        const part = MinariWriter.part(arrow, number, episode, { action, observation })
        yield* Durable.makeDirectory(folder)
        yield* Durable.write(paths.join(folder, "part-0.arrow"), part)
        yield* Durable.write(
          paths.join(folder, "metadata.json"),
          new TextEncoder().encode(MinariWriter.episodeMetadata(number, episode))
        )
        yield* Durable.syncDirectory(folder)
        own.push(episode.rewards.reduce((sum, reward) => sum + reward, 0))
        number += 1
        steps += episode.steps
        bytes += part.length
      }
      returns.push(own)
    }
    const about: MinariWriter.About = {
      id: id ?? paths.basename(paths.resolve(out)),
      environment,
      observation,
      action,
      episodes,
      steps,
      algorithm: told.format(actors.map(({ name }, i) => `${name} (${counts[i]} episodes)`)),
      seed
    }
    yield* Durable.write(
      paths.join(data, "metadata.json"),
      new TextEncoder().encode(MinariWriter.metadata(about, bytes))
    )
    yield* Durable.syncDirectory(data)
    yield* Durable.syncDirectory(made)
    yield* checkFree(out)
    yield* Durable.rename(made, out)
    yield* Durable.syncDirectory(parent)
    const result: Made = {
      out,
      episodes,
      steps,
      return: { mean: Evaluation.mean(returns.flat()) },
      sources: sources.map(({ text }, i) => ({
        from: text,
        episodes: counts[i] ?? 0,
        return: { mean: Evaluation.mean(returns[i] ?? []) }
      }))
    }
    return result
  })
  return yield* work.pipe(
    Effect.catchTag("PlatformError", (error) => Effect.fail(Place.fault(out, "Name another place")(error))),
    Effect.onError(() => Effect.ignore(Durable.removeTemporary(made)))
  )
}, Effect.scoped)
