/**
 * A training run from configuration to run directory: evaluation before, slices with their rows, evaluation after. A
 * signal ends it after the current slice, with what was done so far written.
 */
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Snapshot from "@ornstein/core/Snapshot"
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
import * as Experiment from "./Experiment.ts"
import * as Numbers from "./Numbers.ts"
import type * as Output from "./Output.ts"
import * as Progress from "./Progress.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as Signals from "./Signals.ts"
import type * as Summary from "./Summary.ts"
import * as TensorBoard from "./TensorBoard.ts"
import * as Version from "./Version.ts"

// errors

/** A signal ended the run before its last step. */
export class Stopped extends Schema.TaggedError<Stopped>()("Stopped", {
  signal: Signals.Signal,
  run: Schema.String,
  step: Schema.Int
}) {
  override readonly [Runtime.errorExitCode] = Signals.exitCode[this.signal]
  override get message(): string {
    return `stopped by ${this.signal} at step ${this.step}; what was done so far is in ${this.run}`
  }
}

// models

export interface Plan {
  readonly config: Experiment.Options
  /** The run's name: that of its preset, or its algorithm and environment. */
  readonly name: string
  readonly preset: string | undefined
  /** The mean return from which the task counts as solved. */
  readonly threshold: number | undefined
  /** The run directory; without it a new one under `runs/`. */
  readonly out: string | undefined
  /** Where progress is shown. */
  readonly output: Output.Shape
}

// pure core

const mean = (numbers: ReadonlyArray<number>): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, x) => sum + x, 0) / numbers.length

/** A line of `metrics.jsonl`: nothing in it depends on the clock. */
const metricsRow = ({ episodes, exploration, metrics, step, updates }: Training.Report) => ({
  step,
  updates,
  episodes: episodes.length,
  return: mean(episodes.map((episode) => episode.return)),
  length: mean(episodes.map((episode) => episode.length)),
  exploration,
  ...metrics,
  returns: episodes.map((episode) => episode.return),
  lengths: episodes.map((episode) => episode.length)
})

/** The same for TensorBoard. */
const sliceScalars = ({ episodes, exploration, metrics, step }: Training.Report) => [
  ...episodes.flatMap((episode) => [
    { tag: "episode/return", step: episode.step, value: episode.return },
    { tag: "episode/length", step: episode.step, value: episode.length }
  ]),
  ...Object.entries(metrics).map(([name, value]) => ({ tag: `update/${name}`, step, value })),
  { tag: "exploration/scale", step, value: exploration }
]

const evaluationRow = (step: number, { episodes, lengths, mean, returns, std }: Evaluation.Evaluation) => ({
  step,
  mean,
  std,
  episodes,
  returns,
  lengths
})

const reasonOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

// running

const now = Effect.map(DateTime.now, DateTime.formatIso)

/** Runs the plan. Fails with `Stopped` after a signal; the run directory is complete in every case. */
export const run = Effect.fn("Train.run")(function* (plan: Plan) {
  const { config, name, output, preset } = plan
  const { evaluation, training } = config
  const paths = yield* Path.Path
  const began = yield* Clock.monotonicTimeNanos
  const directory = yield* plan.out === undefined
    ? RunDirectory.create(name, training.seed)
    : RunDirectory.createAt(plan.out)
  yield* directory.write(RunDirectory.files.config, `${JSON.stringify(config, undefined, 2)}\n`)

  const engine = yield* Engine.Engine
  const events = yield* TensorBoard.open(directory.path)
  const step = yield* Ref.make(0)
  const startedAt = yield* now
  const wallSeconds = Effect.map(Clock.monotonicTimeNanos, (time) => Number(time - began) / 1e9)
  const manifest = Effect.fnUntraced(function* (
    status: RunDirectory.Status,
    reason: string | null,
    hash: RunDirectory.Manifest["hash"]
  ) {
    yield* directory.writeManifest({
      format: 1,
      name,
      preset: preset ?? null,
      seed: training.seed,
      config: Config.hash(config),
      status,
      reason,
      step: yield* Ref.get(step),
      steps: training.steps,
      startedAt,
      endedAt: status === "running" ? null : yield* now,
      wallSeconds: yield* wallSeconds,
      versions: Version.versions(engine.name),
      hash
    })
  })
  yield* manifest("running", null, null)

  const work = Effect.gen(function* () {
    const stop = yield* (yield* Signals.Signals).caught
    const learner = yield* Experiment.learner(config)
    const trainer = yield* Training.make(learner, training)
    const spec: Environment.Spec = trainer.environment.spec
    yield* output.line(
      `${learner.name} learns ${spec.id}: ${spec.description.toLowerCase()} ` +
        `(seed ${training.seed}, ${Numbers.integer(training.steps)} steps, engine ${engine.name})`
    )
    yield* output.line(`in ${directory.path}`)

    const stopped = Effect.flatMap(Effect.all([Deferred.await(stop), Ref.get(step)]), ([signal, step]) =>
      Effect.fail(new Stopped({ signal, run: directory.path, step }))
    )
    const evaluate = Effect.fnUntraced(function* (at: number, label: string) {
      yield* output.live(`${label}: ${evaluation.episodes} episodes without exploration ...`)
      const result = yield* Evaluation.run(trainer.environment, trainer.policy, evaluation).pipe(
        Effect.raceFirst(stopped)
      )
      yield* directory.append(RunDirectory.files.evaluations, evaluationRow(at, result))
      yield* events.append([{ tag: "evaluation/return", step: at, value: result.mean }])
      yield* output.line(`${label}: return ${Numbers.spread(result)} over ${result.episodes} episodes`)
      return result
    })
    const finish = Effect.gen(function* () {
      const saved = yield* trainer.saved
      yield* directory.write(RunDirectory.files.state, Snapshot.stringify(saved.state))
      return { parameters: trainer.agent.hash(), state: Training.hash(saved) }
    })

    const learned = Effect.gen(function* () {
      const before = yield* evaluate(0, "before training")
      const progress = yield* Progress.make(output, training.steps)
      yield* Stream.runForEachWhile(
        trainer.stream,
        Effect.fnUntraced(function* (report) {
          yield* Ref.set(step, report.step)
          yield* progress.slice(report)
          yield* progress.aside(
            Effect.gen(function* () {
              const { seconds } = yield* progress.pace
              yield* directory.append(RunDirectory.files.metrics, metricsRow(report))
              yield* directory.append(RunDirectory.files.timing, { step: report.step, seconds })
              yield* events.append(sliceScalars(report))
              const isDue = evaluation.every > 0 && report.step % evaluation.every === 0
              if (isDue && report.step < training.steps) {
                yield* evaluate(report.step, `at step ${Numbers.integer(report.step)}`)
              }
            })
          )
          return !(yield* Deferred.isDone(stop))
        })
      )
      if (yield* Deferred.isDone(stop)) return yield* stopped
      const after = yield* evaluate(training.steps, "after training")
      return { before, after, pace: yield* progress.pace }
    })

    // A failed slice has left the state in between: then there is nothing to save.
    const { after, before, pace } = yield* learned.pipe(
      Effect.tapErrorTag("Stopped", (error) =>
        Effect.flatMap(finish, (hash) => manifest("stopped", error.message, hash))
      )
    )
    const hash = yield* finish
    yield* manifest("finished", null, hash)
    const outcome: Summary.Outcome = {
      run: directory.path,
      shortRun: paths.relative("", directory.path),
      preset,
      algorithm: learner.name,
      environment: spec,
      threshold: plan.threshold ?? spec.rewardThreshold,
      seed: training.seed,
      step: training.steps,
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
      if (error instanceof Stopped) return Effect.void
      return manifest("failed", reasonOf(exit.cause), null)
    })
  )
}, Effect.scoped)
