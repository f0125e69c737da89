/**
 * The course of a session between its first event and its last: slices, and at their ends what is due there. An
 * evaluation comes before the checkpoint of its step, which vouches for it.
 */
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Evaluation from "@ornstein/core/Evaluation"
import type * as Training from "@ornstein/core/Training"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Event, Hub } from "../events/index.ts"
import { Experiment } from "../experiment/index.ts"
import type { Rows } from "../runs/index.ts"
import type { Signals } from "../terminal/index.ts"
import * as Pace from "./Pace.ts"
import { Stopped } from "./Stopped.ts"

// models

export interface Options<E> {
  readonly run: string
  readonly config: Experiment.Settings
  readonly trainer: Training.Trainer
  readonly hub: Hub.Hub<E>
  /** Completed by a signal. */
  readonly stop: Deferred.Deferred<Signals.Signal>
  /** The checkpoint that the session goes on from. */
  readonly from: CheckpointDirectory.Loaded | undefined
  /** The evaluations before that: they are not made again. */
  readonly evaluations: ReadonlyArray<Rows.Evaluated>
  readonly pace: Pace.Pace
}

// running

/** Trains to the end: the evaluations before and after, where there are any. Fails with `Stopped` after a signal. */
export const train = Effect.fnUntraced(function* <E>(options: Options<E>) {
  const { config, evaluations, from, hub, pace, run, stop, trainer } = options
  const { evaluation, training } = config
  const start = from?.manifest.step ?? 0
  const first = evaluations[0]?.step ?? start

  const stopped = Effect.gen(function* () {
    const signal = yield* Deferred.await(stop)
    return yield* new Stopped({ signal, run, step: (yield* trainer.state).step })
  })
  const evaluate = Effect.fnUntraced(function* (step: number, when: Event.When) {
    if (evaluation.episodes === 0) return undefined
    const before = evaluations.find((row) => row.step === step)
    if (before !== undefined) return { ...before, truncated: before.truncated ?? 0 }
    yield* hub.emit({ _tag: "Evaluating", step, when, episodes: evaluation.episodes })
    const result = yield* Evaluation.run(
      trainer.environment,
      trainer.batched,
      Experiment.episodesOf(config)
    ).pipe(Effect.raceFirst(stopped))
    yield* hub.emit({ _tag: "Evaluated", step, when, evaluation: result })
    return result
  })
  /** What is due at the end of a slice besides its report. */
  const attend = Effect.fnUntraced(function* (step: number) {
    const isDue = step > first && evaluation.every > 0 && step % evaluation.every === 0
    if (isDue && !(yield* trainer.isDone)) yield* evaluate(step, "during")
    yield* hub.emit({ _tag: "Settled", step })
  })
  const slice = Effect.fnUntraced(function* (report: Training.Report) {
    const current = yield* pace.slice(report)
    yield* pace.aside(
      Effect.andThen(hub.emit({ _tag: "SliceEnded", slice: report, pace: current }), attend(report.step))
    )
    // Where only the end of an episode can be gone on from, it is waited for.
    return !(yield* Deferred.isDone(stop)) || !(yield* trainer.isAtRest)
  })

  const before = yield* evaluate(first, "before")
  // In the middle of a round of updates the slice is not over, although its last step is taken.
  const isBetween = start % training.sliceSteps === 0 && from?.saved.state.round === undefined
  if (isBetween) yield* attend(start)
  yield* pace.begin
  yield* Stream.runForEachWhile(trainer.stream, slice)
  if (!(yield* trainer.isDone)) return yield* stopped
  const after = yield* evaluate((yield* trainer.state).step, "after")
  return { before, after }
})
