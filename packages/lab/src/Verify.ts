/** Verification: a run is repeated from its configuration, and its hash chain compared with the recorded one. */
import * as Engine from "@ornstein/core/Engine"
import * as Training from "@ornstein/core/Training"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Experiment from "./Experiment.ts"
import * as Numbers from "./Numbers.ts"
import type * as Output from "./Output.ts"
import * as Resume from "./Resume.ts"
import * as Rows from "./Rows.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as Version from "./Version.ts"

// errors

/** The repetition differs from the record: the first slice that does. */
export class DifferenceError extends Schema.TaggedError<DifferenceError>()("DifferenceError", {
  run: Schema.String,
  /** The slice's first and last step. */
  from: Schema.Int,
  to: Schema.Int,
  recorded: Schema.String,
  repeated: Schema.String,
  /** Versions that are not those of the record: `node: 22.23.3 became 24.21.0`. */
  versions: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const versions =
      this.versions.length === 0
        ? "The versions are those of the record: something in the run is not deterministic, or the record was changed"
        : `The versions are not those of the record: ${this.versions.join(", ")}`
    return (
      `${this.run}: the slice of steps ${this.from} to ${this.to} is the first that differs\n` +
      `  recorded ${this.recorded}\n  repeated ${this.repeated}\n${versions}`
    )
  }
}

// models

export interface Request {
  readonly run: string
  /** Repeats the slices up to this step only. */
  readonly steps: number | undefined
  readonly output: Output.Shape
}

export interface Verified {
  readonly run: string
  readonly slices: number
  readonly step: number
}

// pure core

/** The ends of the stretches that the run was trained in: those of extended runs, then the last. */
const ends = (
  { extended }: RunDirectory.Manifest,
  links: ReadonlyArray<Rows.Link>,
  steps: number | undefined
): ReadonlyArray<number> => {
  const last = links.findLast(({ step }) => step <= (steps ?? step))?.step ?? 0
  return [...extended.filter((end) => end < last), last]
}

// running

/** Repeats a run. Fails with a `DifferenceError` at the first slice whose hash is not the recorded one. */
export const verify = Effect.fn("Verify.verify")(function* ({ output, run: given, steps }: Request) {
  const path = yield* Path.Path
  const run = path.resolve(given)
  const manifest = yield* RunDirectory.readManifest(run)
  const config = yield* Resume.readConfig(run, manifest)
  const directory = yield* RunDirectory.at(run)
  const links = yield* directory.rows(RunDirectory.files.metrics, Rows.Link)
  const origin = manifest.origin === null ? undefined : yield* Resume.readOrigin(run)
  const stops = ends(manifest, links, steps)
  const last = stops.at(-1) ?? 0
  if (last <= (origin?.manifest.step ?? 0)) {
    return yield* new Resume.RefusedError({
      reason: `${run} has recorded no slice${steps === undefined ? "" : ` up to step ${steps}`}`,
      fix: `A slice has ${config.training.sliceSteps} steps here; verify what the run has done already`
    })
  }

  const compare = Effect.fnUntraced(function* ({ chain, step }: Training.Report) {
    const i = links.findIndex((link) => link.step === step)
    const recorded = links[i]?.chain ?? "nothing"
    yield* output.live(`step ${Numbers.integer(step)} of ${Numbers.integer(last)}`)
    if (recorded === chain) return
    const versions = Version.versions(yield* Engine.Engine)
    return yield* new DifferenceError({
      run,
      from: links[i - 1]?.step ?? origin?.manifest.step ?? 0,
      to: step,
      recorded,
      repeated: chain,
      versions: Resume.differences(manifest.versions, versions)
    })
  })
  const stretch = Effect.fnUntraced(function* (from: Training.Saved | undefined, steps: number) {
    const learner = yield* Experiment.learner(config)
    const trainer = yield* Training.make(learner, { ...config.training, steps }, from)
    yield* Stream.runForEach(trainer.stream, compare)
    return yield* trainer.saved
  }, Effect.scoped)

  let saved: Training.Saved | undefined = origin?.saved
  for (const end of stops) saved = yield* stretch(saved, end).pipe(Effect.provide(Experiment.layer(config)))
  const verified: Verified = {
    run,
    step: last,
    slices: links.filter(({ step }) => step <= last).length
  }
  return verified
})
