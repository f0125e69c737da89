/**
 * The checkpoints of a run: every so many steps, after the best evaluation so far, and at the end. Training waits for
 * the copy of its state only; that one is on the disk is told later (`Saved`).
 */
import type * as Agent from "@ornstein/core/Agent"
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import type * as CheckpointError from "@ornstein/core/CheckpointError"
import * as CheckpointStore from "@ornstein/core/CheckpointStore"
import * as Config from "@ornstein/core/Config"
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type { Event, Sink } from "../events/index.ts"
import { type Rows, RunDirectory, type Tables } from "../runs/index.ts"

// models

/** What can go wrong with them. */
export type Fault =
  | CheckpointError.CheckpointError
  | Agent.DivergenceError
  | Environment.WorldError
  | RunDirectory.WriteError

export interface Options {
  readonly held: Sink.Held
  /** What checkpoints vouch for. */
  readonly tables: Tables.Tables
  /** The checkpoint that the run goes on from. */
  readonly from: CheckpointDirectory.Loaded | undefined
  /** The evaluations before that. */
  readonly evaluations: ReadonlyArray<Rows.Evaluated>
}

// pure core

/** The best mean return so far; the first evaluation is that of the policy that the run began with. */
const bestOf = ([, ...scored]: ReadonlyArray<Rows.Evaluated>): number =>
  scored.reduce((best, { mean }) => (mean > best ? mean : best), Number.NEGATIVE_INFINITY)

// constructors

/** The checkpoints of a session; `finished` waits for the one that is being written. */
export const open = Effect.fnUntraced(function* ({ evaluations, from, held, tables }: Options) {
  const { config, directory, record, tell, trainer } = held
  const { every, keep } = record.checkpoints
  const context = yield* Effect.context<Scope.Scope>()
  const store = yield* CheckpointStore.make(
    (yield* Path.Path).join(directory.path, RunDirectory.files.checkpoints),
    {
      keep,
      identity: { config, configHash: Config.hash(config), versions: record.versions },
      guard: directory.guard
    },
    from?.manifest
  )
  const begun = from?.manifest.step ?? 0
  const first = evaluations[0]?.step ?? begun
  const saved = yield* Ref.make(from === undefined ? -1 : begun)
  const told = yield* Ref.make(-1)
  const best = yield* Ref.make(bestOf(evaluations))

  /** Waits for the last checkpoint, and tells of it. */
  const finished = Effect.gen(function* () {
    const written = yield* store.finished
    if (written === undefined || written.step === (yield* Ref.getAndSet(told, written.step))) return
    const { score, step } = written
    yield* tell({ _tag: "Saved", step, ...(score === undefined ? {} : { score: score.mean }) })
  })
  const save = Effect.fnUntraced(function* (step: number, score?: Evaluation.Evaluation) {
    // The rows before the checkpoint are not written again: they must be there when it is.
    yield* directory.sync
    yield* finished
    yield* store.save(trainer, score, yield* tables.written)
    yield* Ref.set(saved, step)
    // Its failure is that of whoever waits for it next.
    yield* Effect.forkScoped(Effect.ignore(finished))
  }, Effect.provideContext(context))
  /** The failure of a checkpoint that was made between events. */
  const missed = yield* Ref.make<Effect.Effect<void, Fault>>(Effect.void)
  /** In a world whose snapshots stand at the ends of episodes, at the next one. */
  const saveAtRest = Effect.gen(function* () {
    const exit = yield* Effect.exit(Effect.flatMap(trainer.state, ({ step }) => save(step)))
    if (Exit.isFailure(exit)) yield* Ref.set(missed, Effect.failCause(exit.cause))
  })
  const evaluated = Effect.fnUntraced(function* ({ evaluation, step, when }: Event.Evaluated) {
    // One that stands within an episode could not be gone on with.
    if (when !== "after" && !(yield* trainer.isAtRest)) return
    if (step <= first || !(when === "after" || evaluation.mean > (yield* Ref.get(best)))) return
    yield* Ref.update(best, (mean) => Math.max(mean, evaluation.mean))
    yield* save(step, evaluation)
  })
  const settled = Effect.fnUntraced(function* (step: number) {
    const last = Math.max(0, yield* Ref.get(saved))
    yield* Effect.flatten(Ref.getAndSet(missed, Effect.void))
    if (Math.floor(step / every) === Math.floor(last / every)) return
    yield* (yield* trainer.isAtRest) ? save(step) : trainer.whenAtRest(saveAtRest)
  })
  const ended = Effect.fnUntraced(function* (step: number) {
    yield* Effect.flatten(Ref.getAndSet(missed, Effect.void))
    const last = yield* Ref.get(saved)
    // Where the run was stopped within an episode, it goes on from the last one that stands at an end, if there is any.
    const isToGoOn = !(yield* trainer.isAtRest) && !(yield* trainer.isDone) && last >= 0
    if (last !== step && !isToGoOn) yield* save(step)
    yield* finished
  })
  const hear: Sink.Hear<Fault> = (event) => {
    switch (event._tag) {
      case "Evaluated":
        return evaluated(event)
      case "Settled":
        return settled(event.step)
      case "Stopped":
        return ended(event.step)
      case "Finished":
        return ended(event.outcome.step)
      default:
        return Effect.void
    }
  }
  return { hear, finished }
})
