/**
 * A learner in an engine's memory: it acts and it learns, synchronously and without allocating. Training and evaluation
 * drive it; a scope frees it.
 */
import * as Jit from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as NonFinite from "@ornstein/jit/NonFinite"
import * as Program from "@ornstein/jit/Program"
import * as Tree from "@ornstein/jit/Tree"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Engine from "../engine/Engine.ts"
import type { Space } from "../environment/index.ts"
import { Digest } from "../host/index.ts"
import { Key, Streams } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import { Snapshot } from "../state/index.ts"
import * as Actor from "./Actor.ts"
import type { Divergence } from "./Divergence.ts"
import * as Extension from "./Extension.ts"
import * as Learner from "./Learner.ts"
import * as Metrics from "./Metrics.ts"
import * as Programs from "./Programs.ts"
import * as Rowwise from "./Rowwise.ts"
import * as Scalars from "./Scalars.ts"
import * as Shape from "./Shape.ts"
import * as Update from "./Update.ts"

// errors

export { DivergenceError } from "./Divergence.ts"
export type { Divergence } from "./Divergence.ts"

// models

/** A metric of some updates: the sum of its values and how many they are. */
export const MetricSum = Metrics.Sum
export type MetricSum = Metrics.Sum

export interface Agent {
  /**
   * Writes the action for an observation. With the number of the step a stochastic policy draws; without, the action
   * is the best one of the policy that is deployed.
   */
  readonly act: (observation: Space.Numbers, step: number | undefined, action: Space.Numbers) => void
  /**
   * The same for all lanes in one call: observations `[lanes, observation]`; lane i is at step `step + i`, and its
   * action is written into `actions[i]`. A row has the bits that it has alone.
   */
  readonly actTogether: (
    observations: Float32Array,
    step: number,
    actions: ReadonlyArray<Space.Numbers>
  ) => void
  /** How many observations `actBest` takes at most: 1 where the bits of a row may depend on the others. */
  readonly best: number
  /** The policy's best actions for the first `count` observations `[best, observation]`. */
  readonly actBest: (observations: Float32Array, actions: ReadonlyArray<Space.Numbers>, count: number) => void
  /** A compiled program of the extension, by name. */
  readonly program: (name: string) => Programs.Compiled
  /** As `act`, by a program of the extension that takes and gives what acting does. */
  readonly actBy: (name: string) => Agent["act"]
  /**
   * Update number `n`, counted from 1, on a minibatch of the replay, with the scalars of step `step` of the environment,
   * counted from 0.
   */
  readonly learn: (n: number, step: number, replay: Replay.Instance) => void
  /** Tells the policy that is deployed, where it wants to know, of an episode that has ended. */
  readonly ended: (episode: { readonly return: number; readonly length: number }) => void
  /** The scalars of its updates; constant ones too. */
  readonly scalars: () => Scalars.Scalars
  /**
   * Goes on with other scalars in place of some. Nothing is traced or compiled. Throws a `RangeError` where no update has
   * one of that name.
   */
  readonly setScalars: (scalars: Scalars.Scalars) => void
  /** The number of the last update; 0 before the first one here. */
  readonly updates: () => number
  /** Scalars of the updates since the last `takeMetrics`, averaged; and forgotten. */
  readonly takeMetrics: () => { readonly [name: string]: number }
  /** What `takeMetrics` would average. */
  readonly metricSums: () => ReadonlyArray<MetricSum>
  /** What is not finite, if anything, and since which update it may be so. */
  readonly divergence: () => Divergence | undefined
  /** Was a metric of the last update not finite? */
  readonly hasDiverged: () => boolean
  /** SHA-256 of every number of the learner, with its name. */
  readonly hash: () => string
  /** The shape of every array of the snapshot, by its path: `online.actor.l0.w` is `[inputs, outputs]`. */
  readonly shapes: { readonly [path: string]: ReadonlyArray<number> }
  readonly snapshot: () => Snapshot.Snapshot
  /** Continues from a snapshot and the metrics gathered by then; throws a `TypeError` if it is another network's. */
  readonly restore: (snapshot: Snapshot.Snapshot, metrics: ReadonlyArray<MetricSum>) => void
}

export type { Compiled } from "./Programs.ts"

/**
 * Is every update watched? If numbers stop being finite, the update is then repeated on the oracle `tfjs:cpu`, operation
 * by operation, and the first one is named whose result is not. It costs a copy of the state before every update.
 */
export const IsWatched = Context.Reference<boolean>("@ornstein/core/Agent/IsWatched", {
  defaultValue: () => false
})

/** What an agent is compiled with besides its learner. */
export interface Options {
  /** How many observations `actBest` takes, where a row has the bits that it has alone; 1 if left out. */
  readonly best?: number
  /** What somebody else keeps and computes beside it. */
  readonly extension?: Extension.Extension | undefined
  /** How many observations `actTogether` takes, 1 if left out. */
  readonly lanes?: number
}

/** What a learner was compiled to: trainings take it one after the other. */
export interface Compilation {
  /** The scalars of its updates as the learner has them. */
  readonly scalars: Scalars.Scalars
  /**
   * An agent at its beginning, with other scalars in place of some; nothing is traced or compiled. Its parameters are
   * drawn, as everything random is, from `key`, the key of the run: the streams `init`, `minibatch`, `update`, `policy`,
   * `decision`. Fails with an `EngineError` while the scope of another one is open; an agent whose scope is closed throws
   * one.
   */
  readonly begin: (
    key: Key.Key,
    scalars?: Scalars.Scalars
  ) => Effect.Effect<Agent, Engine.EngineError, Scope.Scope>
}

// pure core

/** What an agent is made of. */
interface Parts<R> {
  readonly learner: Learner.Learner<R>
  readonly plan: Learner.Plan
  readonly compiled: Program.Compiled<
    Learner.State<NdArray.NdArray>,
    { readonly [name: string]: Programs.Group<NdArray.Spec> },
    { readonly [name: string]: Learner.Metrics }
  >
  readonly extension: Extension.Extension | undefined
  readonly lanes: number
  readonly best: number
  readonly isWatched: boolean
}

interface Holding<R> extends Parts<R> {
  /** Throws where the programs are no longer the agent's. */
  readonly hold: () => void
}

/** A key for the numbers of which the shapes matter only. */
const SHAPES = Key.make(0)

const taken = (engine: string): Jit.EngineError =>
  new Jit.EngineError({
    engine,
    reason: "the programs are in use by another training",
    fix: "Close its scope first, or compile them again"
  })

const over = (engine: string): Jit.EngineError =>
  new Jit.EngineError({
    engine,
    reason: "the agent was used after its scope had been closed",
    fix: "Begin another one"
  })

/** The programs that act on the observations of all lanes, and on those of an evaluation. */
const TOGETHER = "actTogether"
const BEST = "actBest"

/** What may throw while it is traced tells where in the program that was. */
const refusal = (error: unknown): Shape.ShapeError | Engine.EngineError =>
  error instanceof Error && error.cause instanceof Shape.ShapeError ? error.cause : Engine.refusal(error)

const float32 = (array: NdArray.NdArray | undefined, name: string): Float32Array => {
  if (!(array?.data instanceof Float32Array)) throw new TypeError(`"${name}" is no float32 array`)
  return array.data
}

const isFinite = (data: NdArray.Data): boolean => {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return false
  return true
}

const copy = (array: NdArray.NdArray): NdArray.NdArray => ({ ...array, data: array.data.slice() })

const bytes = (data: NdArray.Data): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

// constructors

/** An agent at its beginning. */
const begun = <R>(
  { best, compiled, extension, hold, isWatched, lanes, learner, plan }: Holding<R>,
  key: Key.Key
): Agent => {
  const arrays = Tree.entries<NdArray.NdArray>(compiled.state, NdArray.isNdArray)
  const programs: { readonly [name: string]: Programs.Compiled } = compiled.programs
  const minibatchKey = Streams.of(key, "minibatch")
  const pull = (): void => {
    hold()
    compiled.pull()
  }

  const initial = Extension.extended(plan, plan.init(Streams.of(key, "init")), extension)
  const first = Tree.entries(Tree.from(initial, NdArray.isNdArray), NdArray.isNdArray)
  for (const [i, { leaf }] of arrays.entries()) leaf.data.set(first[i]!.leaf.data)
  compiled.push()

  const draws = Actor.drawsOf(key)

  /** A program that acts on so many rows: row i is that of step `step + i`. */
  const actor = (name: string, count: number) => {
    const program = Learner.get(programs, name)
    const inputs = Learner.get(program.inputs, "act")
    const observations = float32(inputs["observation"], "observation")
    const { decide, run } = Actor.make({
      decision: learner.decision,
      rows: count,
      noise: plan.actionNoise > 0 ? float32(inputs["noise"], "noise") : undefined,
      output: float32(Learner.get(program.outputs, "action"), "action"),
      run: program.run
    })
    return {
      decide,
      run: (given: Space.Numbers, step: number | undefined): void => {
        hold()
        observations.set(given)
        run(step === undefined ? undefined : draws, step ?? 0)
      }
    }
  }

  const actBy = (name: string): Agent["act"] => {
    const { decide, run } = actor(name, 1)
    return (observation, step, action) => {
      run(observation, step)
      decide(0, action)
    }
  }

  /** By the policy that gathers; without a step, by the one that is deployed. */
  const alone = (): Agent["act"] => {
    const gather = actBy(Programs.ACT)
    const deployed = Programs.evaluation(plan)
    if (deployed === Programs.ACT) return gather
    const evaluate = actBy(deployed)
    return (observation, step, action) => (step === undefined ? evaluate : gather)(observation, step, action)
  }

  const act = alone()

  const together = (): Agent["actTogether"] => {
    const { decide, run } = actor(lanes === 1 ? Programs.ACT : TOGETHER, lanes)
    return (observations, step, actions) => {
      run(observations, step)
      for (let i = 0; i < lanes; i++) decide(i, actions[i]!)
    }
  }

  const [learned, ended] = [programs[Programs.LEARNED], programs[Programs.ENDED]]

  const prepare = Update.make(plan, programs, Streams.of(key, "update"))
  const updates = new Map(
    Array.from(Learner.programs(plan.phases), ([name, phases]) => [name, prepare(phases)])
  )
  const period = Learner.period(plan.phases)
  const schedule = Array.from({ length: period }, (_, n) =>
    updates.get(Learner.programName(Learner.due(plan.phases, n)))
  )

  let scalars: Scalars.Scalars = {}
  /** Has every program compute with these from now on. */
  const write = (changed: Scalars.Scalars): void => {
    scalars = { ...scalars, ...changed }
    for (const update of updates.values()) Update.setScalars(update, scalars)
  }
  const twice = Object.keys(plan.scalars).find((name) =>
    Array.from(updates.values()).some(({ program }) => program.outputs[name] !== undefined)
  )
  if (twice !== undefined) throw new RangeError(`"${twice}" is the name of a scalar and of a metric`)
  write(plan.scalars)

  /** The update before it is made, for the oracle to repeat. */
  const before = {
    state: new Map(isWatched ? arrays.map(({ leaf, path }) => [path, copy(leaf)]) : []),
    inputs: new Map<string, NdArray.NdArray>()
  }
  const remember = (program: Programs.Compiled): void => {
    pull()
    for (const { leaf, path } of arrays) before.state.get(path)?.data.set(leaf.data)
    const inputs = Tree.entries<NdArray.NdArray>(program.inputs, NdArray.isNdArray)
    before.inputs = new Map(inputs.map(({ leaf, path }) => [path, copy(leaf)]))
  }
  const isBroken = (): boolean => {
    pull()
    return arrays.some(({ leaf }) => !isFinite(leaf.data))
  }

  const metrics = Metrics.make()
  let last: Update.Update | undefined
  let made = 0

  return {
    act,
    best,
    actBest: Actor.best(
      (observation, action) => act(observation, undefined, action),
      best === 1 ? undefined : actor(BEST, best),
      best
    ),
    actTogether: together(),
    program: (name) => Learner.get(programs, Extension.programName(name)),
    actBy: (name) => actBy(Extension.programName(name)),
    scalars: () => scalars,
    setScalars: (changed) => {
      hold()
      for (const name of Object.keys(changed)) Learner.get(scalars, name)
      write(changed)
    },
    learn: (n, step, replay) => {
      hold()
      const update = schedule[n % period]
      if (update === undefined) return
      replay.sample(Key.fold(minibatchKey, n), update.batch)
      Update.draw(update, n)
      for (const { data, isReported, name } of update.moving) {
        const value = Scalars.read(scalars, name, step, n - 1)
        data[0] = value
        if (isReported) metrics.add(name, value)
      }
      if (isWatched) remember(update.program)
      update.program.run()
      learned?.run()
      last = update
      made = n
      for (const { data, name } of update.metrics) metrics.add(name, data[0]!)
      if (update.error !== undefined) replay.prioritize?.(update.error)
    },
    ended: (episode) => {
      if (ended === undefined) return
      hold()
      const given = Learner.get(ended.inputs, "episode")
      Learner.get(given, "return").data[0] = episode.return
      Learner.get(given, "length").data[0] = episode.length
      ended.run()
    },
    updates: () => made,
    hasDiverged: () =>
      last !== undefined &&
      (last.metrics.some(({ data }) => !Number.isFinite(data[0]!)) || (isWatched && isBroken())),
    divergence: () => {
      pull()
      const tensor =
        arrays.find(({ leaf }) => !isFinite(leaf.data))?.path ??
        last?.metrics.find(({ data }) => !Number.isFinite(data[0]!))?.name
      if (tensor === undefined) return undefined
      const operation =
        isWatched && last !== undefined
          ? NonFinite.origin(last.program.traced, before.state, before.inputs)
          : undefined
      return {
        update: made,
        phase: last?.phase ?? "",
        tensor,
        ...(operation === undefined ? {} : { operation })
      }
    },
    takeMetrics: metrics.take,
    hash: () => {
      pull()
      const digest = Digest.sha256()
      for (const { leaf, path } of arrays) digest.update(path).update(bytes(leaf.data))
      return digest.hex()
    },
    metricSums: metrics.sums,
    shapes: Object.fromEntries(arrays.map(({ leaf, path }) => [path, leaf.shape])),
    snapshot: () => {
      pull()
      return Object.fromEntries(arrays.map(({ leaf, path }) => [path, leaf.data.slice()]))
    },
    restore: (snapshot, sums) => {
      hold()
      const saved = arrays.map(({ path }) => Snapshot.getFloat32(snapshot, path))
      for (const [i, { leaf, path }] of arrays.entries()) {
        const { length } = saved[i]!
        if (length !== leaf.data.length) {
          throw new TypeError(`"${path}" has ${length} numbers in the snapshot and ${leaf.data.length} here`)
        }
      }
      for (const [i, { leaf }] of arrays.entries()) leaf.data.set(saved[i]!)
      metrics.restore(sums)
      compiled.push()
    }
  }
}

/**
 * Compiles the learner for these sizes; the scope frees it.
 *
 * ```ts
 * const { begin } = yield* Agent.compile(learner, sizes)
 * for (const seed of [1, 2, 3]) yield* Effect.scoped(Effect.flatMap(begin(Key.make(seed)), train))
 * ```
 */
export const compile = Effect.fnUntraced(function* <R>(
  learner: Learner.Learner<R>,
  sizes: Learner.Sizes,
  { best: wanted = 1, extension, lanes = 1 }: Options = {}
): Effect.fn.Return<
  Compilation,
  Engine.EngineError | Learner.IdleVariant | Shape.ShapeError,
  Engine.Engine | Scope.Scope
> {
  const engine = yield* Engine.Engine
  const plan = learner.plan(sizes)
  const initial = plan.init(SHAPES)
  const check = yield* Engine.IsChecked
  const isRowwise =
    wanted > 1 &&
    engine.rowsAlike === true &&
    Result.isSuccess(yield* Effect.try({ try: () => Rowwise.of(plan, initial, sizes), catch: refusal }))
  const best = isRowwise ? wanted : 1
  const compiled = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        Program.compileAsync(engine, {
          check,
          state: Extension.extended(plan, initial, extension),
          programs: {
            ...Programs.learning(plan, sizes),
            ...(lanes === 1 ? {} : { [TOGETHER]: Programs.acting(plan, sizes, { rows: lanes }) }),
            ...(best === 1 ? {} : { [BEST]: Programs.evaluating(plan, sizes, best) }),
            ...Extension.programs(plan, sizes, initial, extension)
          }
        }),
      catch: refusal
    }),
    (compiled) => Effect.sync(compiled.dispose)
  )
  const idle = plan.idle?.()
  if (idle !== undefined) return yield* idle
  const parts: Parts<R> = { learner, plan, compiled, extension, lanes, best, isWatched: yield* IsWatched }
  let holder: symbol | undefined
  const begin: Compilation["begin"] = (key, scalars = {}) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.suspend(() => {
          if (holder !== undefined) return Effect.fail(Engine.refusal(taken(engine.name)))
          holder = Symbol("a training")
          return Effect.succeed(holder)
        }),
        () =>
          Effect.sync(() => {
            holder = undefined
          })
      ),
      (own) => {
        const hold = (): void => {
          if (holder !== own) throw over(engine.name)
        }
        const agent = begun({ ...parts, hold }, key)
        agent.setScalars(scalars)
        return agent
      }
    )
  const compilation: Compilation = { scalars: plan.scalars, begin }
  return compilation
})

/** The agent of one training: compiled for it, at its beginning. */
export const make = <R>(learner: Learner.Learner<R>, sizes: Learner.Sizes, key: Key.Key, options?: Options) =>
  Effect.flatMap(compile(learner, sizes, options), ({ begin }) => begin(key))
