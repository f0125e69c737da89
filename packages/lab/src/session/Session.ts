/**
 * A session: a stretch of a run, from its beginning or a checkpoint to its end or a signal. However often a run is
 * stopped or killed, its sessions together leave the numbers and tables of the run that was never stopped.
 *
 * It says what happens as events (`Event`), to the run's own sinks and to whoever listens besides.
 */
import * as Agent from "@ornstein/core/Agent"
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Engine from "@ornstein/core/Engine"
import * as PartError from "@ornstein/core/PartError"
import * as Printable from "@ornstein/core/Printable"
import * as Training from "@ornstein/core/Training"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "effect/Path"
import { type Event, Event as Events, Hub, Sink, type SinkError, Watched } from "../events/index.ts"
import { Current, Updates } from "../experiment/index.ts"
import { Contained } from "../guards/index.ts"
import { Lock, Rows, RunDirectory, RunRecord, Tables } from "../runs/index.ts"
import { Checkpoints, Record, Tables as TableSink, TensorBoard } from "../sinks/index.ts"
import { Signals } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"
import * as Course from "./Course.ts"
import * as Diverged from "./Diverged.ts"
import * as Next from "./Next.ts"
import * as Opening from "./Opening.ts"
import * as Pace from "./Pace.ts"
import * as Plan from "./Plan.ts"
import { Stopped } from "./Stopped.ts"
import type * as Summary from "./Summary.ts"

// models

/** What is there already of a session: it need not be taken, read or compiled again. */
export interface Ready {
  /** Of the run's lock. */
  readonly guard?: RunDirectory.RunDirectory["guard"]
  /** The checkpoint that the plan goes on from. */
  readonly from?: CheckpointDirectory.Loaded | undefined
  readonly opened?: Opening.Opened
}

// pure core

/** A signal waits this long for the slice in progress to end. */
const PATIENCE = "500 millis"

/** And this long for an episode's end, where nothing else can be gone on from. */
const EPISODE = "10 seconds"

/** What going on means in a world whose snapshots stand at the ends of episodes. */
const resumed = (id: string, { manifest, saved }: CheckpointDirectory.Loaded): string =>
  saved.state.episodeLength === 0
    ? `note: ${id} has no snapshots within episodes; the run goes on with the episode that begins at step ${manifest.step}`
    : `note: ${id} has no snapshots within episodes; that of step ${manifest.step} was cut off there, and a new one begins: ` +
      "a run that was never stopped would have gone on with it"

const reasonOf = (cause: Cause.Cause<unknown>, crash: unknown): string => {
  const isInterrupted = Cause.hasInterruptsOnly(cause)
  if (isInterrupted && crash === undefined) return "interrupted"
  const error = isInterrupted ? crash : Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** Has the run been written down as it stands, or is it not ours to write? */
const isSettled = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return error instanceof Stopped || error instanceof RunDirectory.LostError
}

const started = (
  { config, directory, record }: Plan.Plan,
  { learner, trainer }: Opening.Opened,
  engine: string,
  from: CheckpointDirectory.Loaded | undefined
): Event.Started => {
  const { episodes, lanes, seed, steps } = config.training
  const updatesPerStep = Updates.perStep(config)
  const { description, id } = trainer.environment.spec
  return {
    _tag: "Started",
    format: 1,
    run: directory,
    name: record.name,
    algorithm: learner.name,
    environment: { id, description },
    engine,
    seed,
    steps,
    ...(episodes === undefined ? {} : { episodes }),
    ...(lanes === 1 ? {} : { lanes }),
    ...(updatesPerStep === undefined ? {} : { updatesPerStep }),
    from: from?.manifest.step ?? 0,
    updates: from?.saved.state.updates ?? 0,
    versions: record.versions
  }
}

// the run's own sinks

/** Opens what the run is written down with, and the durable sinks that listen besides. */
const attach = Effect.fnUntraced(function* <E, R>(
  plan: Plan.Plan,
  session: Omit<Sink.Held, "stands">,
  hub: Hub.Hub<E | SinkError | RunDirectory.WriteError | Checkpoints.Fault>,
  sinks: ReadonlyArray<Sink.Durable<E, R>>,
  from: CheckpointDirectory.Loaded | undefined
) {
  const { directory } = session
  // `run.json` first: what it says of a new end also allows the configuration with the former one.
  const record = yield* Record.open(directory, session.record)
  const others = Effect.gen(function* () {
    if (plan.record.replaced !== undefined) {
      yield* directory.write(RunDirectory.files.config, RunDirectory.format(plan.config))
    }
    const tables = yield* Tables.open(directory, plan.kept)
    const evaluations = yield* Tables.rows(directory.path, RunDirectory.files.evaluations, Rows.Evaluated)
    const { stands } = tables
    const held: Sink.Held = { ...session, stands }
    const last = Math.max(stands.slices, stands.evaluations)
    const file = yield* TensorBoard.open(
      directory.path,
      last < 0 ? held.record.step : last + 1,
      directory.guard
    )
    yield* hub.attach(TableSink.hear(tables))
    yield* hub.attach(TensorBoard.hear(file))
    for (const sink of sinks) yield* hub.attach(yield* Watched.open(sink, held, hub.say))
    const checkpoints = yield* Checkpoints.open({ held, tables, from, evaluations })
    yield* hub.attach(checkpoints.hear)
    return { evaluations, checkpoints }
  })
  // It hears last, so that it says nothing that is not so yet; and it hears also if the others could not be opened.
  return yield* Effect.ensuring(others, hub.attach(record))
})

// running

/**
 * Trains to the end, telling the audience what happens. Fails with `Stopped` after a signal; the run directory is
 * complete in every case.
 */
export const run = Effect.fn("Session.run")(function* <E = never, R = never>(
  plan: Plan.Plan,
  { note = () => Effect.void, sinks = [] }: Partial<Sink.Audience<E, R>> = {},
  ready: Ready = {}
) {
  const { config } = plan
  const { experiment } = yield* Current
  const began = yield* Clock.monotonicTimeNanos
  const guard = ready.guard ?? (yield* Lock.hold(plan.directory, note))
  const directory = yield* RunDirectory.at(plan.directory, guard)
  yield* directory.sweep
  const from = ready.from ?? (yield* Plan.load(plan))
  const opened = ready.opened ?? (yield* Opening.resume(plan, from))
  const { learner, trainer } = opened
  const engine = yield* Engine.Engine
  const versions = Version.versions(engine, experiment.world(config).spec)
  const start = from?.manifest.step ?? 0
  const record: RunRecord.Written["manifest"] = { ...plan.record, versions, step: start }
  const wallSeconds = Effect.map(
    Clock.monotonicTimeNanos,
    (time) => plan.record.wallSeconds + Number(time - began) / 1e9
  )
  const hub = yield* Hub.make<E | SinkError | RunDirectory.WriteError | Checkpoints.Fault, R>(
    sinks.filter((sink) => sink._tag === "Listener")
  )
  const held = { directory, config, record, trainer, tell: hub.tell }
  const pace = yield* Pace.make({ step: start, updates: from?.saved.state.updates ?? 0 })

  const hashes = Effect.map(trainer.saved, (state) => ({
    parameters: trainer.agent.hash(),
    state: Training.hash(state)
  }))

  const work = Effect.gen(function* () {
    const durable = sinks.filter((sink) => sink._tag === "Durable")
    const { checkpoints, evaluations } = yield* attach(plan, held, hub, durable, from)
    const stop = yield* (yield* Signals.Signals).caught
    const isEpisodic = trainer.environment.spec.snapshots === "episodes"
    yield* Deferred.await(stop).pipe(
      Effect.andThen(isEpisodic ? trainer.whenAtRest(trainer.stop) : Effect.void),
      Effect.andThen(Effect.sleep(isEpisodic ? EPISODE : PATIENCE)),
      Effect.andThen(trainer.stop),
      Effect.forkScoped
    )
    const differing = RunRecord.versionChanges(plan.record.versions, versions)
    if (from !== undefined && differing.length > 0) {
      const list = differing.map(Printable.inline).join("; ")
      yield* hub.tell(Events.note(`note: the run was made with other versions (${list})`))
    }
    yield* hub.emit(started(plan, opened, engine.name, from))
    if (from !== undefined && isEpisodic) {
      yield* hub.emit(Events.note(resumed(trainer.environment.spec.id, from)))
    }
    if (trainer.replay.note !== undefined) yield* hub.emit(Events.note(trainer.replay.note))
    const course = Course.train({
      run: directory.path,
      config,
      trainer,
      hub,
      stop,
      from,
      evaluations,
      pace
    })
    const { after, before } = yield* Effect.catchIf(
      course,
      (error) => error instanceof Agent.DivergenceError,
      (error) =>
        Effect.flatMap(
          Effect.andThen(checkpoints.finished, Diverged.of(directory.path, error, plan.findNan)),
          Effect.fail
        )
    )
    const { stepsPerSecond } = yield* pace.current
    const { description, id, rewardThreshold } = trainer.environment.spec
    const threshold = plan.threshold ?? rewardThreshold
    const outcome: Event.Outcome = {
      run: directory.path,
      ...(record.origin === null ? {} : { origin: record.origin.step }),
      algorithm: learner.name,
      environment: { id, description },
      ...(threshold === undefined ? {} : { threshold }),
      step: yield* pace.step,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      hash: yield* hashes,
      wallSeconds: yield* wallSeconds,
      stepsPerSecond
    }
    yield* hub.emit({ _tag: "Finished", outcome })
    const summary: Summary.Outcome = {
      ...outcome,
      shortRun: (yield* Path.Path).relative("", directory.path),
      next: Next.of(config, record.preset, experiment),
      ...(record.parts === undefined ? {} : { parts: record.parts.map(({ path }) => path) })
    }
    return summary
  })

  const stopped = Effect.fnUntraced(function* (error: Stopped) {
    yield* hub.emit({
      _tag: "Stopped",
      step: error.step,
      signal: error.signal,
      reason: error.message,
      hash: yield* hashes,
      wallSeconds: yield* wallSeconds
    })
  })
  /** Everything that is known goes first: a failed slice has left the state in between, which is not saved. */
  const failed = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
    const error = Cause.squash(cause)
    const slice = yield* trainer.unfinished
    const crash = yield* Contained.Crash
    yield* hub.emit({
      _tag: "Failed",
      step: slice?.step ?? (yield* pace.step),
      reason: reasonOf(cause, crash.error),
      ...(slice === undefined ? {} : { unfinished: { slice, pace: yield* pace.current } }),
      ...(error instanceof Diverged.Diverged ? { divergence: error.divergence } : {}),
      wallSeconds: yield* wallSeconds
    })
  })
  return yield* PartError.caught(work).pipe(
    Effect.mapError((error) => (error instanceof PartError.PartError ? PartError.atWork(error) : error)),
    Effect.tapError((error) => (error instanceof Stopped ? stopped(error) : Effect.void)),
    Effect.onExit((exit) =>
      Exit.isSuccess(exit) || isSettled(exit.cause) ? Effect.void : failed(exit.cause)
    )
  )
}, Effect.scoped)
