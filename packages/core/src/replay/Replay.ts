/**
 * Replay: the transitions that an agent has seen, and minibatches of them (Lin, 1992; Mnih et al., 2015).
 *
 * What is stored is what the world did: `(s, a, r, s')`, and whether the step terminated or truncated the episode. A
 * minibatch has rows `(s, a, r, discount, s')`, where `discount` is gamma, 0 after a termination, gamma^k over k steps:
 * learners compute `r + discount Q'(s', mu'(s'))` and never see why an episode ended. A replay is made of three parts:
 * where transitions are kept (`Transitions`), which ones are drawn (`Sampler`), and what a minibatch holds of them
 * (`Reader`).
 *
 * ```ts
 * Replay.layerPrioritized({ capacity: 1_000_000 }).pipe(Replay.nStep(5))
 * ```
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readFile, stat } from "node:fs/promises"
import { Field } from "../config/index.ts"
import { Goals } from "../environment/index.ts"
import { Safetensors, Snapshot } from "../state/index.ts"
import { type Instance, ReplayError, type Shape } from "./Contract.ts"
import * as Dataset from "./Dataset.ts"
import * as Hindsight from "./Hindsight.ts"
import * as Reader from "./Reader.ts"
import * as ReplayOptions from "./ReplayOptions.ts"
import * as Rollout from "./Rollout.ts"
import * as Sampler from "./Sampler.ts"
import * as SumTree from "./SumTree.ts"
import * as Transitions from "./Transitions.ts"

// the contract

export { ReplayError } from "./Contract.ts"
export type { Instance, Shape } from "./Contract.ts"
export type { Batch, Valuation } from "./Reader.ts"
export type { Log, Rows, Transition } from "./Transitions.ts"

// models

/** The choices that a configuration has. */
export const Options = ReplayOptions.Options
export type Options = ReplayOptions.Options

// pure core

/** The bytes that a replay takes from the start, and at most so many more where it is compact; a dataset is not counted. */
export const bytes = (options: Options, shape: Transitions.Shape): number => {
  const of = (isCompact: boolean): number => Transitions.bytes(options.capacity, shape, isCompact)
  switch (options.kind) {
    case "uniform":
      // Drawing without replacement marks every slot.
      return (
        of(options.compact) + (options.replacement ? 0 : Uint32Array.BYTES_PER_ELEMENT * options.capacity)
      )
    case "prioritized":
      return of(options.compact) + SumTree.bytes(options.capacity)
    case "hindsight":
      return of(options.compact)
    case "rollout":
      return of(false)
    case "offline":
      return 0
  }
}

// instances

/** A replay from its parts. */
export const assemble = (
  transitions: Transitions.Transitions,
  shape: Shape,
  sampler: Sampler.Sampler,
  read: Reader.Reader
): Instance => {
  const plain: Reader.Valuation = { ...Reader.undiscounted, gamma: shape.gamma ?? 1 }
  let slots = new Uint32Array(0)
  return {
    fields: sampler.isWeighted ? [...Reader.FIELDS, "weight"] : Reader.FIELDS,
    size: () => Transitions.held(transitions),
    store: (transition) => {
      transitions.push(transition)
      sampler.add(Transitions.newest(transitions))
    },
    sample: (key, batch, valuation) => {
      const rows = Reader.field(batch, "reward").length
      if (slots.length !== rows) slots = new Uint32Array(rows)
      const weights = batch["weight"]?.data
      sampler.draw(key, slots, Transitions.held(transitions), transitions.stored(), weights)
      read(
        transitions,
        shape,
        slots,
        batch,
        key,
        valuation === undefined ? plain : { ...plain, ...valuation }
      )
    },
    ...(sampler.prioritize === undefined ? {} : { prioritize: sampler.prioritize }),
    log: transitions.log,
    snapshot: () => ({ stored: transitions.stored(), sampler: sampler.snapshot(transitions.stored()) }),
    restore: (snapshot) => {
      const stored = Snapshot.getNumber(snapshot, "stored")
      transitions.restore(stored)
      sampler.restore(Snapshot.get(snapshot, "sampler"), stored)
    }
  }
}

/** Every stored transition equally likely, drawn with replacement. */
export const uniform = (capacity: number, shape: Shape): Instance =>
  assemble(Transitions.full(capacity, shape), shape, Sampler.uniform, Reader.oneStep)

// service

/** The replay of a run: makes the storage once the shapes of the environment are known. */
export class Replay extends Context.Service<
  Replay,
  {
    readonly name: string
    readonly capacity: number
    /** With a reader, what a minibatch holds is that reader's choice; a replay may have its own and refuse. */
    readonly make: (shape: Shape, reader?: Reader.Reader) => Effect.Effect<Instance, ReplayError>
  }
>()("@ornstein/core/Replay") {}

// layers

interface Storage {
  readonly capacity: number
  readonly compact?: boolean
}

const transitionsOf = ({ capacity, compact }: Storage, shape: Transitions.Shape): Transitions.Transitions =>
  compact === true ? Transitions.compact(capacity, shape) : Transitions.full(capacity, shape)

const layerOf = (name: string, storage: Storage, sampler: () => Sampler.Sampler): Layer.Layer<Replay> =>
  Layer.succeed(Replay, {
    name,
    capacity: storage.capacity,
    make: (shape, reader = Reader.oneStep) =>
      allocated(name, () => assemble(transitionsOf(storage, shape), shape, sampler(), reader))
  })

/** What allocates: where the machine does not give the memory, a `ReplayError`. */
const allocated = (replay: string, make: () => Instance): Effect.Effect<Instance, ReplayError> =>
  Effect.try({
    try: make,
    catch: (cause) => {
      if (!(cause instanceof RangeError)) throw cause
      const reason = `the machine does not give the memory for it (${cause.message})`
      return new ReplayError({ replay, reason, fix: "Give it a smaller capacity" })
    }
  })

/** Every stored transition equally likely. */
export const layerUniform = (options: ReplayOptions.UniformInput): Layer.Layer<Replay> => {
  const { capacity, compact, replacement } = Field.make("uniform", ReplayOptions.Uniform, options)
  return layerOf("uniform", { capacity, compact }, () =>
    replacement ? Sampler.uniform : Sampler.withoutReplacement(capacity)
  )
}

/** In proportion to the last errors, with importance weights: see `Sampler`. */
export const layerPrioritized = (options: ReplayOptions.PrioritizedInput): Layer.Layer<Replay> => {
  const priorities = Field.make("prioritized", ReplayOptions.Prioritized, options)
  return layerOf("prioritized", priorities, () => Sampler.prioritized(priorities.capacity, priorities))
}

/** Uniform, with other goals in hindsight: see `Hindsight`. */
export const layerHindsight = (options: ReplayOptions.HindsightInput): Layer.Layer<Replay> => {
  const { goals: k, ...settings } = Field.make("hindsight", ReplayOptions.Hindsight, options)
  const name = "hindsight"
  return Layer.succeed(Replay, {
    name,
    capacity: settings.capacity,
    make: (shape, reader) => {
      const { goals } = shape
      if (goals === undefined) {
        const fix = "Choose an environment with goals, or another replay"
        return new ReplayError({
          replay: name,
          reason: "the environment's observations contain no goal",
          fix
        })
      }
      if (!Goals.tellsEnds(goals)) {
        return new ReplayError({
          replay: name,
          reason: "reaching a goal ends an episode of this environment, but its goals have no `desired`",
          fix: "Give `desired`, which reads the goal out of an observation"
        })
      }
      if (reader !== undefined) return refuseReader(name)
      const hindsight = Hindsight.reader({ ...settings, goals, ratio: k / (k + 1) })
      return allocated(name, () =>
        assemble(transitionsOf(settings, shape), shape, Sampler.uniform, hindsight)
      )
    }
  })
}

/** For on-policy learners: see `Rollout`. */
export const layerRollout = (options: ReplayOptions.RolloutInput): Layer.Layer<Replay> => {
  const settings = Field.make("rollout", ReplayOptions.Rollout, options)
  const { capacity } = settings
  const name = "rollout"
  return Layer.succeed(Replay, {
    name,
    capacity,
    make: (shape, reader) => {
      if (reader !== undefined) return refuseReader(name)
      const { batch = capacity } = shape
      if (batch !== capacity) {
        const reason = `a rollout has up to ${capacity} steps, a minibatch ${batch} rows`
        return new ReplayError({ replay: name, reason, fix: "Give both the same number" })
      }
      return allocated(name, () => Rollout.make(settings, shape))
    }
  })
}

/** What a dataset replay is called. */
const OFFLINE = "offline"

/** `where` names the dataset in errors. */
const offline = (columns: Dataset.Columns, capacity: number, where = OFFLINE): Layer.Layer<Replay> =>
  Layer.succeed(Replay, {
    name: OFFLINE,
    capacity,
    make: (shape, reader = Reader.oneStep) =>
      Effect.gen(function* () {
        const { action, actions, observation } = shape
        const dataset = yield* Effect.fromResult(
          Dataset.make(columns, {
            observation,
            action,
            ...(actions === undefined ? {} : { actions }),
            capacity,
            isInOrder: reader !== Reader.oneStep
          })
        ).pipe(Effect.mapError((fault) => new ReplayError({ replay: where, ...fault })))
        const transitions = Transitions.full(dataset.count, shape)
        transitions.restore(dataset.count)
        transitions.log.write(0, dataset.rows)
        return {
          ...assemble(transitions, shape, Sampler.uniform, reader),
          note: `the dataset has ${dataset.summary}`,
          store: () => {},
          log: Transitions.nothingLogged,
          snapshot: () => null,
          restore: () => {}
        }
      })
  })

/**
 * A dataset of transitions in the order in which they were made, such as `Training.saved` gives: minibatches come from
 * it alone, and what the agent does is not stored. What must be there is in `Dataset`.
 */
export const layerOffline = (rows: { readonly [field: string]: Snapshot.TypedArray }): Layer.Layer<Replay> =>
  offline(
    Object.fromEntries(Object.entries(rows).map(([name, data]) => [name, { data }])),
    Math.max(1, rows["reward"]?.length ?? 0)
  )

/** A dataset from a safetensors file. */
export const layerDataset = (
  options: Omit<Field.Input<typeof ReplayOptions.Offline>, "kind" | "nStep">
): Layer.Layer<Replay, ReplayError> => {
  const { capacity, path } = Field.make("offline", ReplayOptions.Offline, options)
  return Layer.unwrap(
    Effect.gen(function* () {
      const refused = (reason: string) =>
        new ReplayError({
          replay: path,
          reason,
          fix: "Give the path of a dataset"
        })
      const bytes = yield* Effect.tryPromise({
        // A pipe is waited for, a device never ends: neither is opened.
        try: () =>
          stat(path).then((found) =>
            found.isFile() ? readFile(path) : Promise.reject(new TypeError("it is no regular file"))
          ),
        catch: (cause) => refused(cause instanceof Error ? cause.message : String(cause))
      })
      const tensors = yield* Effect.mapError(Effect.fromResult(Safetensors.decode(bytes)), ({ reason }) =>
        refused(reason)
      )
      return offline(tensors, capacity, path)
    })
  )
}

const refuseReader = (replay: string): ReplayError =>
  new ReplayError({
    replay,
    reason: "it decides itself what a minibatch holds, and so does a decorator around it",
    fix: "Leave the decorator (nStep) out, or use it around another replay"
  })

// decorators

/** The same replay with up to n steps in each transition it gives: see `Reader.nStep`. */
export const nStep = (n: number) => {
  const steps = Field.make("nStep", Field.positiveInt, n)
  return <E, R>(self: Layer.Layer<Replay, E, R>): Layer.Layer<Replay, E, R> =>
    Layer.effect(
      Replay,
      Replay.useSync(({ capacity, make, name }) => ({
        name: `${name}, ${steps} steps`,
        capacity,
        make: (shape, reader) =>
          reader === undefined ? make(shape, Reader.nStep(steps)) : Effect.fail(refuseReader(name))
      }))
    ).pipe(Layer.provide(self))
}

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Replay, ReplayError> => {
  switch (options.kind) {
    case "uniform":
      return options.nStep === 1 ? layerUniform(options) : nStep(options.nStep)(layerUniform(options))
    case "prioritized":
      return options.nStep === 1 ? layerPrioritized(options) : nStep(options.nStep)(layerPrioritized(options))
    case "hindsight":
      return layerHindsight(options)
    case "rollout":
      return layerRollout(options)
    case "offline":
      return options.nStep === 1 ? layerDataset(options) : nStep(options.nStep)(layerDataset(options))
  }
}
