/**
 * The plan of a session: everything that it takes to train a stretch of a run, as data that can be stored, sent and
 * compared. Who listens is no part of it.
 */
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { Settings } from "../experiment/index.ts"
import { Record, RunDirectory } from "../runs/index.ts"

// models

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const Plan = Schema.Struct({
  /** The run's directory, which is there with its configuration and `run.json`. */
  directory: Schema.String,
  config: Settings.Whole,
  /** `run.json` as it is to stand when the session begins. */
  record: Record.Manifest,
  /** The checkpoint to go on from: one of the run's own, or the one that a branch begins with. Without, the run begins. */
  from: Schema.NullOr(Schema.Struct({ place: Schema.Literals(["checkpoints", "origin"]), step: Count })),
  /** How many bytes of each table are of the time before that, and stay. */
  kept: Schema.Record(Schema.String, Count),
  /** The mean return from which the task counts as solved. */
  threshold: Schema.optionalKey(Schema.Finite),
  /** Threads that step the lanes, if not those of the configuration. */
  workers: Schema.optionalKey(Count),
  /** Is the first operation looked for whose result is not finite, if numbers stop being so? That takes time. */
  findNan: Schema.Boolean
})
export type Plan = typeof Plan.Type

// reading

/** The checkpoint that a plan goes on from. */
export const load = Effect.fnUntraced(function* ({ directory, from }: Plan) {
  if (from === null) return undefined
  const path = yield* Path.Path
  return yield* CheckpointDirectory.at(path.join(directory, RunDirectory.files[from.place]), from.step)
})
