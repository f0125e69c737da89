/**
 * Training as a stream of slices. A slice is some hundred steps of an environment, run synchronously; between slices
 * stand signals, reports, checkpoints. The state after every slice is a value described by a schema (`TrainState`), and
 * a stream that starts from it gives the same bits as the stream that was never stopped.
 *
 * ```ts
 * const reports = Training.stream(Algorithm.learner(Ddpg.make()), { seed: 7, steps: 10_000 })
 * ```
 *
 * Everything random is read from keys by the number of the step, the update or the episode, so where slices end
 * changes nothing.
 */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Config, Field, Mistake, PartError } from "../config/index.ts"
import * as Engine from "../engine/Engine.ts"
import { Environment, Space } from "../environment/index.ts"
import { Exploration } from "../exploration/index.ts"
import { Digest } from "../host/index.ts"
import { Agent, type Learner, type Scalars, type Shape } from "../learner/index.ts"
import { Key, Streams } from "../random/index.ts"
import { Replay } from "../replay/index.ts"
import * as Evaluation from "./Evaluation.ts"
import * as Acting from "./Acting.ts"
import * as Best from "./Best.ts"
import * as FromDataset from "./FromDataset.ts"
import * as Interaction from "./Interaction.ts"
import * as Keeping from "./Keeping.ts"
import * as Learning from "./Learning.ts"
import * as Normalization from "./Normalization.ts"
import * as OnPolicy from "./OnPolicy.ts"
import * as ReplayFit from "./ReplayFit.ts"
import * as ResumeError from "./ResumeError.ts"
import { dividedUpdates, foreign, idleWorkers, type Input, Options, recompiled } from "./TrainingOptions.ts"
import type { Saved, TrainState } from "./TrainState.ts"
import * as Turn from "./Turn.ts"

// errors

export type TrainError =
  | PartError.PartError
  | Environment.EnvironmentError
  | Engine.EngineError
  | Exploration.ExplorationError
  | Agent.DivergenceError
  | Replay.ReplayError
  | Learner.IdleVariant
  | Shape.ShapeError
  | Config.ConfigError
  | ResumeError.ResumeError

export { ResumeError } from "./ResumeError.ts"

// options and states

export { dividedUpdates, Options, updatesPerStep } from "./TrainingOptions.ts"
export type { Input } from "./TrainingOptions.ts"
export { hash, SliceState, TrainState } from "./TrainState.ts"
export type { Saved } from "./TrainState.ts"

// models

/** What a slice did. */
export interface Report {
  readonly step: number
  readonly updates: number
  /** Episodes that ended in the slice. */
  readonly episodes: ReadonlyArray<Acting.Episode>
  /** Means over the slice's updates: `criticLoss`, `value`, `actorLoss`, ... */
  readonly metrics: { readonly [name: string]: number }
  /** The exploration's scale at the last step, of the first lane; of all lanes, where they differ. */
  readonly exploration: number
  readonly explorations?: ReadonlyArray<number>
  /** The hash chain: SHA-256 over the one of the slice before, the counters, and every number of the learner. */
  readonly chain: string
}

/** A run in progress. The stream may be taken once; the rest is for between its elements. */
export interface Trainer {
  readonly agent: Agent.Agent
  /** The environment as the learner sees it: actions of a box in [-1, 1]. */
  readonly environment: Environment.Environment
  readonly stream: Stream.Stream<Report, TrainError>
  /** Has the run had all of its steps or episodes? */
  readonly isDone: Effect.Effect<boolean>
  /** Ends the stream within some 50 ms, also inside a slice: a run that starts from the state there finishes it. */
  readonly stop: Effect.Effect<void>
  /**
   * Can the state as it is be gone on with exactly? Always, but in a world whose snapshots stand at the ends of episodes
   * (`Spec.snapshots`): there, between episodes.
   */
  readonly isAtRest: Effect.Effect<boolean>
  /** Does this in the stream, before its next step, when it is next at rest; in place of what was to be done there. */
  readonly whenAtRest: (use: Effect.Effect<void>) => Effect.Effect<void>
  readonly replay: Replay.Instance
  /** The policy's best actions, seeing observations as the learner does: what is evaluated. */
  readonly policy: Evaluation.Policy
  /** The same on several observations in one call, where that was compiled (`Evaluation.IsBatched`). */
  readonly batched: Evaluation.Batched
  /** A copy of the state as the last step left it, without the replay's rows. */
  readonly state: Effect.Effect<TrainState, Environment.WorldError>
  /** The same with the rows: what another run can start from. */
  readonly saved: Effect.Effect<Saved, Environment.WorldError>
  /** What was done of the slice in which the run failed, the hash chain that of the slice before; else nothing. */
  readonly unfinished: Effect.Effect<Report | undefined>
}

/** Another run of what was compiled. */
export interface Changes {
  /** The state that it goes on from; else it begins. */
  readonly from?: Saved | undefined
  /** Scalars in place of the learner's: learning rates, tau, or what else its updates are given. */
  readonly scalars?: Scalars.Scalars
}

/** A learner compiled for trainings that come one after the other. */
export interface Compiled {
  /**
   * A run; nothing is traced or compiled. What is left out of the options is as it was compiled, and so must be `batchSize`
   * and `lanes`. Until the scope closes no other can begin.
   */
  readonly begin: (
    input: Partial<Input>,
    changes?: Changes
  ) => Effect.Effect<Trainer, TrainError, Scope.Scope>
}

// pure core

/** The next link of the hash chain. */
const link = (chain: string, { episode, step, updates }: Interaction.Counters, parameters: string): string =>
  Digest.of(`${chain} ${step} ${updates} ${episode} ${parameters}`)

/** Runs some steps; what it throws on purpose becomes a typed failure, anything else stays a defect. */
const attempt = <A>(run: () => A): Effect.Effect<A, TrainError> =>
  Effect.try({
    try: run,
    catch: (cause) => {
      const isFault =
        cause instanceof Environment.EnvironmentError ||
        cause instanceof Exploration.ExplorationError ||
        cause instanceof Agent.DivergenceError ||
        cause instanceof PartError.PartError
      if (isFault) return cause
      const error = Engine.errorOf(cause)
      if (error === undefined) throw cause
      return error
    }
  })

// constructors

/** The environments of all lanes. */
const instancesOf = (
  { make, makeBeside, spec }: Environment.Environment,
  { lanes, workers = 1 }: Options
): Effect.Effect<
  ReadonlyArray<Environment.Instance>,
  Environment.WorldError | Config.ConfigError,
  Scope.Scope
> => {
  if (workers === 1) return Effect.all(Array.from({ length: lanes }, () => make))
  if (makeBeside !== undefined) return makeBeside(lanes, workers)
  const allowed =
    `expected 1: other threads do not find ${spec.id}; say where they do with Workers.foundAt, or, on a command line, ` +
    "with a module that exports it (--with)"
  return Effect.fail(
    new Config.ConfigError({ mistakes: [Mistake.make(["training", "workers"], allowed, workers)] })
  )
}

/**
 * Compiles the learner for trainings that come one after the other: of other seeds, lengths, or scalars, in environments,
 * replays and explorations of the same services. The scope frees the engine's memory. What is left out of the options is
 * their defaults; for an on-policy learner, the rhythm of its rollouts.
 *
 * ```ts
 * const { begin } = yield* Training.compile(learner, { seed: 0, steps: 10_000 })
 * for (const seed of [1, 2, 3])
 *   yield* Effect.scoped(Effect.flatMap(begin({ seed }), ({ stream }) => Stream.runDrain(stream)))
 * ```
 */
export const compile = Effect.fn("Training.compile")(function* <R>(
  learner: Learner.Learner<R>,
  input: Input
): Effect.fn.Return<
  Compiled,
  TrainError,
  R | Replay.Replay | Exploration.Exploration | Engine.Engine | Scope.Scope
> {
  const { isOnPolicy = false } = learner
  const service = yield* Replay.Replay
  const { capacity, name: replayName } = service
  const explorations = yield* Exploration.Exploration
  const given = isOnPolicy
    ? { ...OnPolicy.rhythm, batchSize: capacity, ...input }
    : service.isDataset === true
      ? { ...FromDataset.rhythm, ...input }
      : input
  const checked = Effect.fnUntraced(function* (input: Input) {
    const options = yield* Effect.fromResult(Field.result("training", Options, input))
    const mistakes = [
      ...idleWorkers(options),
      ...(isOnPolicy
        ? [
            ...OnPolicy.mistakes(learner.name, options),
            ...OnPolicy.perturbed(learner.name, explorations.name)
          ]
        : []),
      ...(service.isDataset === true ? FromDataset.mistakes(options) : []),
      ...(yield* attempt(() => [
        ...(service.lanes?.(options.lanes) ?? []),
        ...Exploration.lanes(explorations)(options.lanes)
      ]))
    ]
    if (mistakes.length > 0) return yield* new Config.ConfigError({ mistakes })
    return options
  })
  const compiled = yield* checked(given)
  const isDivided = !isOnPolicy && input.updateEvery === undefined && input.updatesPerRound === undefined
  const warning = isDivided ? dividedUpdates(compiled) : undefined
  if (warning !== undefined) yield* Effect.logWarning(warning)
  const environment = yield* learner.environment
  const { action: space, goals, observation, units } = environment.spec
  const makeReplay = service.make({
    observation: Space.size(observation),
    action: Space.size(space),
    actions: space,
    batch: compiled.batchSize,
    gamma: learner.gamma,
    lanes: compiled.lanes,
    ...(goals === undefined ? {} : { goals }),
    ...(units === undefined ? {} : { units })
  })
  const first = yield* makeReplay
  const { fields, isRollout = false } = first
  const sizes: Learner.Sizes = {
    observation: Space.size(observation),
    action: space._tag === "Box" ? Space.size(space) : space.n,
    batch: compiled.batchSize,
    isWeighted: fields.includes("weight")
  }
  const { batch, deployed } = learner.plan(sizes)
  const unfit = ReplayFit.refusal(learner, Object.keys(batch), { name: replayName, fields, isRollout })
  if (unfit !== undefined) return yield* unfit
  const programs = yield* Agent.compile(learner, sizes, {
    extension: explorations.extension,
    lanes: compiled.lanes,
    best: (yield* Evaluation.IsBatched) ? Evaluation.ROWS : 1
  })

  let waiting: Replay.Instance | undefined = first
  /** The one that showed its fields, then others. */
  const nextReplay = Effect.suspend(() => {
    const replay = waiting
    waiting = undefined
    return replay === undefined ? makeReplay : Effect.succeed(replay)
  })

  const begin = Effect.fn("Training.begin")(function* (input, { from, scalars = {} } = {}) {
    const options = yield* checked({ ...given, ...input })
    const mistakes = [...recompiled(compiled, options), ...foreign(programs.scalars, scalars)]
    if (mistakes.length > 0) return yield* new Config.ConfigError({ mistakes })
    const key = Key.make(options.seed)
    const agent = yield* programs.begin(key, scalars)
    const replay = yield* nextReplay
    const { statistics } = replay
    const instances = statistics === undefined ? yield* instancesOf(environment, options) : []
    const lanes = yield* attempt(() =>
      instances.map((instance, i) => ({
        environment: instance,
        exploration: explorations.make(Streams.of(Streams.ofLane(key, i), "exploration"), Space.size(space), {
          lane: i,
          lanes: options.lanes
        })
      }))
    )
    const normalization = Normalization.make(
      options.normalize,
      sizes.observation,
      learner.gamma,
      options.lanes,
      statistics
    )
    const sampled = normalization.sampled(replay)
    const acting =
      statistics === undefined
        ? yield* attempt(() =>
            Acting.make(
              { agent, lanes, exploration: explorations.name, space, normalization, replay, options },
              key
            )
          )
        : FromDataset.nobody
    const { attached } = acting
    if (attached?.act !== undefined && deployed?.gathers === true) {
      const allowed = `expected another: it acts itself, and so does the policy that ${learner.name} deploys`
      const mistakes = [Mistake.make(["exploration"], allowed, explorations.name)]
      return yield* new Config.ConfigError({ mistakes })
    }
    const learning = Learning.make({ agent, sampled, lanes: options.lanes, options })
    const { reached, run } =
      statistics === undefined
        ? Interaction.make({
            acting,
            learning,
            size: replay.size,
            options,
            learned: attached?.learned === undefined ? undefined : (step) => attached.learned?.(step, sampled)
          })
        : FromDataset.make(learning)

    const kept: Keeping.Parts = { seed: options.seed, agent, replay, lanes, acting, normalization }
    const progress = yield* Ref.make(
      from === undefined
        ? yield* Environment.attempt(() => {
            acting.start()
            return Keeping.START
          })
        : yield* ResumeError.attempt(() => Keeping.restore(kept, from))
    )
    const scale = (step: number): number => lanes[0]?.exploration.scale(step) ?? 0
    /** Of all lanes, where they differ. */
    const scales = (step: number): ReadonlyArray<number> | undefined => {
      const all = lanes.map(({ exploration }) => exploration.scale(step))
      return all.every((one) => one === all[0]) ? undefined : all
    }
    const isStopping = yield* Ref.make(false)
    const resting = yield* Ref.make<Effect.Effect<void> | undefined>(undefined)
    const isResting = ({ round, step }: Interaction.Counters): boolean =>
      environment.spec.snapshots === undefined ||
      lanes.length === 0 ||
      (round === 0 && step % lanes.length === 0 && acting.isAtRest())
    const unfinished = yield* Ref.make<Report | undefined>(undefined)
    const isLast = ({ episode, round, step }: Interaction.Counters): boolean =>
      round === 0 && (step >= options.steps || episode >= (options.episodes ?? Number.POSITIVE_INFINITY))

    /** What was done when the slice failed: all of it is there but the counters, which follow from the rest. */
    const failed = (
      { chain, updates }: Keeping.Progress,
      episodes: ReadonlyArray<Acting.Episode>,
      error: TrainError
    ): Report => {
      const at = error instanceof Agent.DivergenceError ? error.step : reached()
      return {
        step: at,
        updates: Math.max(updates, agent.updates()),
        episodes,
        metrics: agent.takeMetrics(),
        // What failed may have been the exploration.
        exploration: Result.getOrElse(
          Result.try(() => scale(Math.max(0, at - 1))),
          () => Number.NaN
        ),
        chain
      }
    }

    /** Steps towards the end of the slice for as long as a turn lasts; at the end, the slice's report. */
    const advance = Effect.fnUntraced(function* (from: Keeping.Progress, sliceEnd: number) {
      const isOver = yield* Turn.begin
      const isAwaited = (yield* Ref.get(resting)) !== undefined
      const isLate = (): boolean => isOver() || (isAwaited && acting.isAtRest())
      const ended: Array<Acting.Episode> = []
      const stepped = attempt(() => run(from, sliceEnd, isLate, (episode) => ended.push(episode))).pipe(
        Effect.mapError((error) => {
          if (error instanceof PartError.PartError) return PartError.atStep(error, reached())
          return error instanceof Environment.EnvironmentError
            ? Environment.atStep(error, reached(), acting.lane())
            : error
        })
      )
      const counters = yield* Effect.tapError(stepped, (error) =>
        Ref.set(unfinished, failed(from, [...from.episodes, ...ended], error))
      )
      const episodes = [...from.episodes, ...ended]
      if (counters.round > 0 || (counters.step < sliceEnd && !isLast(counters))) {
        yield* Ref.set(progress, { ...counters, chain: from.chain, episodes })
        return undefined
      }
      const divergence = agent.divergence()
      if (divergence !== undefined) {
        const error = new Agent.DivergenceError({ step: counters.step, ...divergence })
        yield* Ref.set(unfinished, failed(from, episodes, error))
        return yield* error
      }
      const { exploration, explorations } = yield* Effect.tapError(
        attempt(() => ({ exploration: scale(counters.step - 1), explorations: scales(counters.step - 1) })),
        (error) => Ref.set(unfinished, failed(from, episodes, error))
      )
      const report: Report = {
        step: counters.step,
        updates: counters.updates,
        episodes,
        metrics: agent.takeMetrics(),
        exploration,
        ...(explorations === undefined ? {} : { explorations }),
        chain: link(from.chain, counters, agent.hash())
      }
      yield* Ref.set(progress, { ...counters, chain: report.chain, episodes: [] })
      return report
    }, Effect.uninterruptible)

    /** The next slice's report; `undefined` at the end of the run and when it was told to stop. */
    const slice = Effect.fn("Training.slice")(function* () {
      while (true) {
        // Between steps, before the next one: here signals, timers and interruption get their turn.
        yield* Effect.yieldNow
        const from = yield* Ref.get(progress)
        if (isResting(from)) yield* (yield* Ref.getAndSet(resting, undefined)) ?? Effect.void
        if (isLast(from) || (yield* Ref.get(isStopping))) return undefined
        // The step of a round that is not over belongs to the slice that it may be the last one of.
        const done = from.round > 0 ? from.step - 1 : from.step
        const sliceEnd = Math.min(
          options.steps,
          (Math.floor(done / options.sliceSteps) + 1) * options.sliceSteps
        )
        const report = yield* advance(from, sliceEnd)
        if (report !== undefined) return report
      }
    })

    const stream = Stream.unfold(
      undefined,
      Effect.fnUntraced(function* () {
        const report = yield* slice()
        return report === undefined ? undefined : ([report, undefined] as const)
      })
    )

    const standing = Ref.get(progress)
    const state = Effect.flatMap(standing, (progress) =>
      Environment.attempt(() => Keeping.stateOf(kept, progress))
    )
    const saved = Effect.flatMap(state, (state) => Environment.attempt(() => Keeping.savedOf(kept, state)))

    const { batched, policy } = Best.make(agent, normalization, sizes.observation)
    const isDone = Effect.map(Ref.get(progress), isLast)
    const stop = Ref.set(isStopping, true)

    return {
      agent,
      environment,
      replay,
      policy,
      batched,
      stream,
      isDone,
      stop,
      isAtRest: Effect.map(Ref.get(progress), isResting),
      whenAtRest: (use) => Ref.set(resting, use),
      state,
      saved,
      unfinished: Ref.get(unfinished)
    }
  }) satisfies Compiled["begin"]
  const result: Compiled = { begin }
  return result
})

/**
 * A run of the learner, from the beginning or from a state that an earlier one reached. The scope frees the engine's
 * memory and the environment. What is left out of the options is their defaults; for an on-policy learner, the rhythm of
 * its rollouts.
 */
export const make = Effect.fn("Training.make")(function* <R>(
  learner: Learner.Learner<R>,
  input: Input,
  from?: Saved
): Effect.fn.Return<
  Trainer,
  TrainError,
  R | Replay.Replay | Exploration.Exploration | Engine.Engine | Scope.Scope
> {
  const { begin } = yield* compile(learner, input)
  return yield* begin({}, { from })
})

/** The reports of a run as one stream that owns it. */
export const stream = <R>(learner: Learner.Learner<R>, options: Input, from?: Saved) =>
  Stream.unwrap(Effect.map(make(learner, options, from), (trainer) => trainer.stream))
