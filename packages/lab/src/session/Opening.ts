/** What a session trains, compiled: for a run that begins, or that goes on from a checkpoint. */
import * as Agent from "@ornstein/core/Agent"
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as CheckpointError from "@ornstein/core/CheckpointError"
import * as Engine from "@ornstein/core/Engine"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Fault from "@ornstein/core/Fault"
import type * as Learner from "@ornstein/core/Learner"
import * as PartError from "@ornstein/core/PartError"
import * as Replay from "@ornstein/core/Replay"
import * as Training from "@ornstein/core/Training"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Current, type Experiment, Memory } from "../experiment/index.ts"
import * as Inheritance from "./Inheritance.ts"
import type { Plan } from "./Plan.ts"

// errors

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

export interface Opened {
  readonly learner: Learner.Learner<never>
  readonly trainer: Training.Trainer
}

// opening

/** Compiles what a configuration trains. Fails with a `MemoryError` where this machine is too small for it. */
export const open = Effect.fn("Opening.open")(function* (
  config: Experiment.Settings,
  {
    findNan,
    from,
    workers
  }: {
    readonly findNan: boolean
    readonly from?: Training.Saved | undefined
    readonly workers?: number | undefined
  }
) {
  const { experiment } = yield* Current
  yield* Memory.check(experiment.replayBytes(config))
  const learner = yield* experiment.learner(config)
  const training = { ...config.training, ...(workers === undefined ? {} : { workers }) }
  const trainer = yield* Training.make(learner, training, from).pipe(
    Effect.provideService(Agent.IsWatched, findNan),
    Effect.provideService(Evaluation.IsBatched, true)
  )
  const opened: Opened = { learner, trainer }
  return opened
}, PartError.caught)

/** For a new run: what fails before anything is written is a matter of what was asked for. */
export const orRefuse = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.mapError(self, (error) =>
    error instanceof Engine.EngineError ||
    error instanceof Replay.ReplayError ||
    error instanceof PartError.PartError
      ? new StartError({ what: error.message })
      : error
  )

/** The same for a run that goes on from a checkpoint, which must fit it. */
export const resume = Effect.fnUntraced(function* (
  { config, directory, findNan, workers }: Plan,
  from: CheckpointDirectory.Loaded | undefined
) {
  const saved = from === undefined ? undefined : yield* Inheritance.from(from, config)
  return yield* open(config, { findNan, from: saved, workers }).pipe(
    Effect.catchTag("ResumeError", ({ fix, what }) =>
      Effect.fail(
        new CheckpointError.CheckpointError({
          kind: "config",
          path: from === undefined ? directory : `${directory}, checkpoint ${from.name}`,
          what,
          fix
        })
      )
    )
  )
})
