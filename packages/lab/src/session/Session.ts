/**
 * A session: a stretch of a run, from its beginning or a checkpoint to its end or a signal. However often a run is
 * stopped or killed, its sessions together leave the numbers and tables of the run that was never stopped.
 */
import * as Fault from "@ornstein/core/Fault"
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as CheckpointError from "@ornstein/core/CheckpointError"
import * as CheckpointStore from "@ornstein/core/CheckpointStore"
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Printable from "@ornstein/core/Printable"
import type * as Learner from "@ornstein/core/Learner"
import * as Training from "@ornstein/core/Training"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Experiment, Memory } from "../experiment/index.ts"
import { Rows, RunDirectory, RunRecord, Tables } from "../runs/index.ts"
import { Progress, TensorBoard } from "../sinks/index.ts"
import { Numbers, type Output, Shell, Signals } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"
import * as Inheritance from "./Inheritance.ts"
import * as Next from "./Next.ts"
import type * as Summary from "./Summary.ts"

// errors

/** A signal ended the run before its last step. */
export class Stopped
  extends Schema.TaggedError<Stopped>()("Stopped", {
    signal: Signals.Signal,
    run: Schema.String,
    step: Schema.Int
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Signals.exitCode[this.signal]
  get what(): string {
    return (
      `stopped by ${this.signal} at step ${this.step}; what was done so far is in ${Printable.inline(this.run)}\n` +
      `npx ornstein resume ${Shell.quote(this.run)} goes on from there`
    )
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** A run that could not begin; nothing was written. */
export class StartError
  extends Schema.TaggedError<StartError>()("StartError", { what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** What a session trains, compiled. */
export interface Opened {
  readonly learner: Learner.Learner<never>
  readonly trainer: Training.Trainer
}

export interface Job {
  readonly directory: RunDirectory.RunDirectory
  readonly config: Experiment.Options
  /** `run.json` as it stands when the session begins. */
  readonly manifest: RunDirectory.Manifest
  /** The checkpoint to go on from; without one the run begins. */
  readonly from: CheckpointDirectory.Loaded | undefined
  /** What it trains, if that is there already. */
  readonly opened?: Opened | undefined
  /** How much of the tables is of the time before that, and stays. */
  readonly kept: Tables.Kept
  /** The mean return from which the task counts as solved. */
  readonly threshold: number | undefined
  /** Where progress is shown. */
  readonly output: Output.Shape
  readonly watch?: Watch | undefined
}

/** What else happens after every evaluation: given its step, the run as it stands, and the run's directory. */
export type Watch = (
  step: number,
  trainer: Training.Trainer,
  directory: RunDirectory.RunDirectory
) => Effect.Effect<void, Environment.EnvironmentError | RunDirectory.WriteError>

// pure core

/** A signal waits this long for the slice in progress to end. */
const PATIENCE = "500 millis"

/** `10,000 steps`, or `200 episodes, at most 10,000 steps`. */
const lengthOf = ({ episodes, steps }: Training.Options): string =>
  episodes === undefined
    ? `${Numbers.integer(steps)} steps`
    : `${Numbers.integer(episodes)} episodes, at most ${Numbers.integer(steps)} steps`

const reasonOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** A checkpoint whose state does not fit the run. */
const unfit = ({ directory, from }: Job, reason: string, fix: string) =>
  new CheckpointError.CheckpointError({
    kind: "config",
    path: from === undefined ? directory.path : `${directory.path}, checkpoint ${from.name}`,
    what: reason,
    fix
  })

// running

export const now = Effect.map(DateTime.now, DateTime.formatIso)

/** Compiles what a configuration trains. Fails with a `MemoryError` where this machine is too small for it. */
export const open = Effect.fn("Session.open")(function* (config: Experiment.Options, from?: Training.Saved) {
  yield* Memory.check(config)
  const learner = yield* Experiment.learner(config)
  const opened: Opened = { learner, trainer: yield* Training.make(learner, config.training, from) }
  return opened
})

/** The same for a new run: all that can be known before anything is written. */
export const begin = (config: Experiment.Options) =>
  open(config).pipe(
    Effect.catchTags({
      EngineError: ({ message }) => Effect.fail(new StartError({ what: message })),
      ReplayError: ({ message }) => Effect.fail(new StartError({ what: message }))
    })
  )

/** Trains to the end. Fails with `Stopped` after a signal; the run directory is complete in every case. */
export const run = Effect.fn("Session.run")(function* (job: Job) {
  const { config, directory, from, output } = job
  const { evaluation } = config
  const { checkpoints, preset } = job.manifest
  const { training } = config
  const paths = yield* Path.Path
  const began = yield* Clock.monotonicTimeNanos
  const engine = yield* Engine.Engine
  const versions = Version.versions(engine)
  const start = from?.manifest.step ?? 0
  const step = yield* Ref.make(start)
  const wallSeconds = Effect.map(
    Clock.monotonicTimeNanos,
    (time) => job.manifest.wallSeconds + Number(time - began) / 1e9
  )
  const note = Effect.fnUntraced(function* (
    status: RunDirectory.Status,
    reason: string | null,
    hash: RunDirectory.Manifest["hash"]
  ) {
    yield* directory.writeManifest({
      ...job.manifest,
      status,
      reason,
      step: yield* Ref.get(step),
      endedAt: status === "running" ? null : yield* now,
      wallSeconds: yield* wallSeconds,
      versions,
      hash
    })
  })
  yield* directory.sweep
  const differing = RunRecord.differences(job.manifest.versions, versions)
  if (from !== undefined && differing.length > 0) {
    yield* output.line(
      `note: the run was made with other versions (${differing.map(Printable.inline).join("; ")})`
    )
  }
  yield* note("running", null, null)
  // `run.json` first: what it says of a new end also allows the configuration with the former one.
  if (job.manifest.replaced !== undefined) {
    yield* directory.write(RunDirectory.files.config, RunDirectory.format(config))
  }
  const tables = yield* Tables.open(directory, job.kept)
  const events = yield* TensorBoard.open(
    directory.path,
    tables.last === undefined ? start : tables.last + 1,
    directory.guard
  )

  const work = Effect.gen(function* () {
    const stop = yield* (yield* Signals.Signals).caught
    const inherited = from === undefined ? Effect.undefined : Inheritance.from(from, config)
    const opened = Effect.flatMap(inherited, (saved) => open(config, saved)).pipe(
      Effect.catchTag("ResumeError", ({ fix, what: reason }) => Effect.fail(unfit(job, reason, fix)))
    )
    const { learner, trainer } = job.opened ?? (yield* opened)
    const store = yield* CheckpointStore.make(
      paths.join(directory.path, RunDirectory.files.checkpoints),
      {
        keep: checkpoints.keep,
        identity: { config: config, configHash: Config.hash(config), versions },
        guard: directory.guard
      },
      from?.manifest
    )
    const spec: Environment.Spec = trainer.environment.spec
    yield* output.line(
      `${learner.name} learns ${spec.id}: ${spec.description.toLowerCase()} ` +
        `(seed ${training.seed}, ${lengthOf(training)}, engine ${engine.name})`
    )
    yield* output.line(`in ${directory.path}`)
    if (trainer.replay.note !== undefined) yield* output.line(trainer.replay.note)
    if (start > 0) yield* output.line(`from the checkpoint of step ${Numbers.integer(start)}`)
    yield* Deferred.await(stop).pipe(
      Effect.andThen(Effect.sleep(PATIENCE)),
      Effect.andThen(trainer.stop),
      Effect.forkScoped
    )

    const stopped = Effect.gen(function* () {
      const signal = yield* Deferred.await(stop)
      yield* Ref.set(step, (yield* trainer.state).step)
      return yield* new Stopped({ signal, run: directory.path, step: yield* Ref.get(step) })
    })

    const saved = yield* Ref.make(from === undefined ? -1 : start)
    const save = Effect.fnUntraced(function* (step: number, score?: Evaluation.Evaluation) {
      // The rows before the checkpoint are not written again: they must be there when it is.
      yield* directory.sync
      yield* store.save(trainer, score, yield* tables.written)
      yield* Ref.set(saved, step)
    })

    const done = yield* directory.rows(RunDirectory.files.evaluations, Rows.Evaluated)
    const first = done[0]?.step ?? start
    const scored = done.filter(({ step }) => step > first)
    const best = yield* Ref.make(
      scored.reduce((best, { mean }) => Math.max(best, mean), Number.NEGATIVE_INFINITY)
    )
    const evaluate = Effect.fnUntraced(function* (at: number, label: string) {
      const before = done.find(({ step }) => step === at)
      if (before !== undefined) return { ...before, truncated: before.truncated ?? 0 }
      yield* output.live(`${label}: ${evaluation.episodes} episodes without exploration ...`)
      const result = yield* Evaluation.run(
        trainer.environment,
        trainer.policy,
        Experiment.episodesOf(config)
      ).pipe(Effect.raceFirst(stopped))
      yield* tables.append(RunDirectory.files.evaluations, Rows.evaluation(at, result))
      yield* events.append([{ tag: "evaluation/return", step: at, value: result.mean }])
      yield* output.line(
        `${label}: return ${Numbers.spread(result)} over ${result.episodes} episodes${Evaluation.remark(result)}`
      )
      if (job.watch !== undefined) yield* job.watch(at, trainer, directory)
      if (at > first && ((yield* trainer.isDone) || result.mean > (yield* Ref.get(best)))) {
        yield* Ref.update(best, (mean) => Math.max(mean, result.mean))
        yield* save(at, result)
      }
      return result
    })

    /** What is due at the end of a slice besides its rows. */
    const attend = Effect.fnUntraced(function* (at: number) {
      const isEnd = yield* trainer.isDone
      if (at > first && !isEnd && evaluation.every > 0 && at % evaluation.every === 0) {
        yield* evaluate(at, `at step ${Numbers.integer(at)}`)
      }
      const last = Math.max(0, yield* Ref.get(saved))
      if (Math.floor(at / checkpoints.every) > Math.floor(last / checkpoints.every)) yield* save(at)
    })

    const learned = Effect.gen(function* () {
      const before = yield* evaluate(first, "before training")
      // In the middle of a round of updates the slice is not over, although its last step is taken.
      const isBetween = start % training.sliceSteps === 0 && from?.saved.state.round === undefined
      if (isBetween) yield* attend(start)
      const progress = yield* Progress.make(output, training.steps, {
        step: start,
        updates: from?.saved.state.updates ?? 0
      })
      yield* Stream.runForEachWhile(
        trainer.stream,
        Effect.fnUntraced(function* (report) {
          yield* Ref.set(step, report.step)
          yield* progress.slice(report)
          yield* progress.aside(
            Effect.gen(function* () {
              const { seconds } = yield* progress.pace
              yield* tables.append(RunDirectory.files.metrics, Rows.metrics(report))
              yield* tables.append(RunDirectory.files.timing, { step: report.step, seconds })
              yield* events.append(TensorBoard.scalars(report))
              yield* attend(report.step)
            })
          )
          return !(yield* Deferred.isDone(stop))
        })
      )
      if (!(yield* trainer.isDone)) return yield* stopped
      const after = yield* evaluate(yield* Ref.get(step), "after training")
      return { before, after, pace: yield* progress.pace }
    })

    const finish = Effect.gen(function* () {
      const at = yield* Ref.get(step)
      if ((yield* Ref.get(saved)) !== at) yield* save(at)
      yield* store.finished
      const state = yield* trainer.saved
      return { parameters: trainer.agent.hash(), state: Training.hash(state) }
    })

    // A failed slice has left the state in between: then there is nothing to save.
    const { after, before, pace } = yield* learned.pipe(
      Effect.tapErrorTag("Stopped", (error) =>
        Effect.flatMap(finish, (hash) => note("stopped", error.message, hash))
      )
    )
    const hash = yield* finish
    yield* note("finished", null, hash)
    const outcome: Summary.Outcome = {
      run: directory.path,
      shortRun: paths.relative("", directory.path),
      next: Next.of(config, preset),
      origin: job.manifest.origin?.step,
      algorithm: learner.name,
      environment: spec,
      threshold: job.threshold ?? spec.rewardThreshold,
      step: yield* Ref.get(step),
      before,
      after,
      hash,
      wallSeconds: yield* wallSeconds,
      stepsPerSecond: pace.stepsPerSecond
    }
    return outcome
  })

  return yield* work.pipe(
    Effect.onExit((exit) => {
      if (Exit.isSuccess(exit)) return Effect.void
      const error = Cause.squash(exit.cause)
      if (error instanceof Stopped || error instanceof RunDirectory.LostError) return Effect.void
      return note("failed", reasonOf(exit.cause), null)
    })
  )
}, Effect.scoped)
