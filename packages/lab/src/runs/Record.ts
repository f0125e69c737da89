/** What `run.json` says of a run: what made it, how far it came, and where it began. */
import * as Schema from "effect/Schema"
import * as RunParts from "./RunParts.ts"

// models

export const Status = Schema.Literals(["running", "finished", "stopped", "failed"])
export type Status = typeof Status.Type

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** A part of a path: a branch is named like the run that it left, which may have come from anywhere. */
const Name = Schema.String.check(Schema.isPattern(/^(?!\.)[^/\\\p{Cc}]{1,100}$/u))

/** Where a branch began. */
export const Origin = Schema.Struct({
  run: Schema.String,
  step: Count,
  /** The configuration of that run when it wrote the checkpoint, and what was changed: `path=value`. */
  config: Schema.String,
  changes: Schema.Array(Schema.String)
})
export type Origin = typeof Origin.Type

/** `run.json`: what made this run, and how far it came. */
export const Manifest = Schema.Struct({
  format: Schema.Literal(1),
  name: Name,
  preset: Schema.NullOr(Schema.String),
  seed: Schema.Int,
  /** SHA-256 of the configuration. */
  config: Schema.String,
  status: Status,
  /** Environment steps in all: `training.steps` of the configuration. */
  steps: Positive,
  /** What they were before `resume --steps` gave the run another end; `config.json` may say so for a moment. */
  replaced: Schema.optionalKey(Positive),
  /** Earlier ends of a run that was extended. */
  extended: Schema.Array(Positive),
  /** Updates per environment step once learning has started; left out where each rollout is learned from once. */
  updatesPerStep: Schema.optionalKey(Schema.Finite),
  /** Steps from one checkpoint to the next, and how many of the newest stay. */
  checkpoints: Schema.Struct({ every: Positive, keep: Positive }),
  origin: Schema.NullOr(Origin),
  /** What ended it, if it failed or was stopped. */
  reason: Schema.NullOr(Schema.String),
  step: Count,
  startedAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String),
  wallSeconds: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
  versions: Schema.Record(Schema.String, Schema.String),
  /** Modules of the user's own whose parts the run has. */
  parts: Schema.optionalKey(Schema.Array(RunParts.Recorded)),
  /** SHA-256 of the learner's numbers, and of everything that the run's future depends on. */
  hash: Schema.NullOr(Schema.Struct({ parameters: Schema.String, state: Schema.String }))
})
export type Manifest = typeof Manifest.Type

// pure core

/** Where the parts of a manifest contradict each other, if they do. */
export const contradiction = ({ extended, origin, step, steps }: Manifest): string | undefined => {
  if (step > steps) return `it says step ${step} of ${steps}`
  if (origin !== null && origin.step > steps) return `it began at step ${origin.step} of ${steps}`
  const isRising = extended.every((end, i) => end >= (extended[i - 1] ?? 0) && end <= steps)
  return isRising ? undefined : `it was extended to ${extended.join(", ")} and then to ${steps} steps`
}
