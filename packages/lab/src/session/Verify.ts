/**
 * Verification: a run is repeated from its configuration, and every row of its tables compared with the record, in
 * order, number and every column: returns, losses, counters and hash chain of each slice, and each evaluation.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Engine from "@ornstein/core/Engine"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Training from "@ornstein/core/Training"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Current, Experiment } from "../experiment/index.ts"
import { type Record, Rows, RunDirectory, RunRecord, Tables } from "../runs/index.ts"
import { Numbers, type Output } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"
import * as Inheritance from "./Inheritance.ts"
import * as Resume from "./Resume.ts"

// errors

/** The repetition differs from the record: the first place that does. */
export class DifferenceError
  extends Schema.TaggedError<DifferenceError>()("DifferenceError", {
    run: Schema.String,
    /** `metrics.jsonl, row 5 (steps 200 to 250)` */
    place: Schema.String,
    /** The first column that differs; nothing where a row is missing or too many. */
    column: Schema.NullOr(Schema.String),
    recorded: Schema.String,
    repeated: Schema.String,
    /** Versions that are not those of the record: `node: 22.23.3 became 24.21.0`. */
    versions: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.run
  }
  get what(): string {
    const versions =
      this.versions.length === 0
        ? "The versions are those of the record: something in the run is not deterministic, or the record was changed"
        : `The versions are not those of the record: ${this.versions.join(", ")}`
    const column = this.column === null ? "" : ` in "${this.column}"`
    return (
      `${this.place} is the first that differs${column}\n` +
      `  recorded ${this.recorded}\n  repeated ${this.repeated}\n${versions}`
    )
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Request {
  readonly run: string
  /** What computes, if not the run's own engine; its bits must be the same. */
  readonly engine?: Resume.Request["engine"]
  /** Repeats the slices up to this step only. */
  readonly steps?: number | undefined
  /** Threads that step the lanes, if not those of the run. */
  readonly workers?: number | undefined
  readonly output: Output.Shape
}

export interface Verified {
  readonly run: string
  readonly slices: number
  readonly evaluations: number
  readonly step: number
}

// pure core

const { evaluations: EVALUATIONS, metrics: METRICS } = RunDirectory.files

/** The lines of a table. What stands behind the last end of a line is none, except in a run that has ended. */
const linesOf = (text: string, { status }: Record.Manifest): ReadonlyArray<string> => {
  const tail = text.slice(text.lastIndexOf("\n") + 1)
  return [...Rows.linesOf(text), ...(tail === "" || status === "running" ? [] : [tail])]
}

const Unfinished = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Struct({ unfinished: Schema.Literal(true) }))
)

/** Is it the row of the slice in which the run failed? */
const isUnfinished = (line: string): boolean => Unfinished(line)._tag === "Success"

/** The ends of the stretches that the run was trained in: those of extended runs, then the last. */
const ends = (
  { extended, status, step, steps }: Record.Manifest,
  lines: ReadonlyArray<string>,
  limit: number | undefined
): ReadonlyArray<number> => {
  const whole = lines.filter((line) => !isUnfinished(line))
  const rows = whole.flatMap((line) => Tables.stepOf(line) ?? []).filter((at) => at <= (limit ?? at))
  const recorded = Math.min(steps, Math.max(0, rows.at(-1) ?? 0))
  const isFailed = whole.length < lines.length && limit === undefined
  const last = isFailed ? steps : status === "finished" && limit === undefined ? step : recorded
  return [...extended.filter((end) => end < last), last]
}

const Columns = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
)

/** Long enough to tell two values apart. */
const shown = (text: string): string => (text.length > 200 ? `${text.slice(0, 197)}...` : text)

/** Where two rows differ first. */
const differing = (recorded: string, repeated: string) => {
  const [was, is] = [Columns(recorded), Columns(repeated)]
  if (was._tag === "Success" && is._tag === "Success") {
    const names = [...new Set([...Object.keys(is.success), ...Object.keys(was.success)])]
    for (const column of names) {
      const [a, b] = [was.success[column], is.success[column]].map(
        (value) => JSON.stringify(value) ?? "nothing"
      )
      if (a !== undefined && b !== undefined && a !== b)
        return { column, recorded: shown(a), repeated: shown(b) }
    }
  }
  return { column: null, recorded: shown(recorded), repeated: shown(repeated) }
}

// running

/** Repeats a run. Fails with a `DifferenceError` at the first row that is not the recorded one. */
export const run = Effect.fn("Verify.run")(function* ({
  engine,
  output,
  run: given,
  steps,
  workers
}: Request) {
  const record = yield* RunRecord.open(given)
  const { config, manifest, path: run } = record
  const { experiment } = yield* Current
  const { evaluation, training } = config
  const { spec } = experiment.world(config)
  const others = RunRecord.libraryChanges(manifest.versions, spec)
  if (others.length > 0) {
    return yield* new Resume.RefusedError({
      what: `the world of ${run} was computed by another release: ${others.join(", ")}`,
      fix: "Its bits change from one release to the next: verify with the one that the record names"
    })
  }
  const texts = yield* Effect.all({
    [METRICS]: Tables.read(run, METRICS),
    [EVALUATIONS]: Tables.read(run, EVALUATIONS)
  })
  const recorded = {
    [METRICS]: linesOf(texts[METRICS], manifest),
    [EVALUATIONS]: linesOf(texts[EVALUATIONS], manifest)
  }
  const origin = manifest.origin === null ? undefined : yield* RunRecord.readOrigin(run, manifest.origin)
  const first = origin?.manifest.step ?? 0
  const stops = ends(manifest, recorded[METRICS], steps)
  const last = stops.at(-1) ?? 0
  if (last <= first) {
    return yield* new Resume.RefusedError({
      what: `${run} has recorded no slice${steps === undefined ? "" : ` up to step ${steps}`}`,
      fix: `A slice has ${training.sliceSteps} steps here; verify what the run has done already`
    })
  }

  const differs = Effect.fnUntraced(function* (
    place: string,
    what: { readonly column: string | null; readonly recorded: string; readonly repeated: string }
  ) {
    const versions = Version.versions(yield* Engine.Engine, spec)
    return yield* new DifferenceError({
      run,
      place,
      ...what,
      versions: RunRecord.versionChanges(manifest.versions, versions)
    })
  })

  const compared = { [METRICS]: 0, [EVALUATIONS]: 0 }
  const compare = Effect.fnUntraced(function* (
    file: typeof METRICS | typeof EVALUATIONS,
    span: string,
    row: { readonly [name: string]: unknown }
  ) {
    const line = recorded[file][compared[file]]
    compared[file] += 1
    const repeated = RunDirectory.line(row).trimEnd()
    if (line === repeated) return
    yield* differs(`${file}, row ${compared[file]} (${span}),`, differing(line ?? "nothing", repeated))
  })

  const evaluate = Effect.fnUntraced(function* (trainer: Training.Trainer, at: number) {
    if (evaluation.episodes === 0) return
    // A run that was ended in the middle of an evaluation has none of this step yet.
    const isOpen = at === last && manifest.status !== "finished"
    if (isOpen && compared[EVALUATIONS] >= recorded[EVALUATIONS].length) return
    yield* output.live(`evaluation of step ${Numbers.integer(at)}`)
    const result = yield* Evaluation.run(trainer.environment, trainer.batched, Experiment.episodesOf(config))
    yield* compare(EVALUATIONS, `step ${at}`, Rows.evaluation(at, result))
  })

  let step = first
  /** Had the run itself an end here, and not only this repetition? */
  const isEnd = (end: number): boolean => {
    const isLast = manifest.status === "finished" && step === manifest.step
    return (
      end !== last || isLast || Tables.stepOf(recorded[EVALUATIONS][compared[EVALUATIONS]] ?? "") === step
    )
  }
  const stretch = Effect.fnUntraced(function* (from: Training.Saved | undefined, end: number) {
    const learner = yield* experiment.learner(config)
    const options = { ...training, steps: end, ...(workers === undefined ? {} : { workers }) }
    const trainer = yield* Training.make(learner, options, from).pipe(
      Effect.provideService(Evaluation.IsBatched, true)
    )
    if (step === first) yield* evaluate(trainer, first)
    yield* Stream.runForEach(
      trainer.stream,
      Effect.fnUntraced(function* (report) {
        yield* output.live(`step ${Numbers.integer(report.step)} of ${Numbers.integer(last)}`)
        yield* compare(METRICS, `steps ${step} to ${report.step}`, Rows.slice(report))
        step = report.step
        const isDue = evaluation.every > 0 && step % evaluation.every === 0
        if (isDue || ((yield* trainer.isDone) && isEnd(end))) yield* evaluate(trainer, step)
      })
    ).pipe(
      Effect.catch(
        Effect.fnUntraced(function* (error) {
          const slice = yield* trainer.unfinished
          // It failed in the same place: that is what the record says.
          if (slice === undefined || !isUnfinished(recorded[METRICS][compared[METRICS]] ?? ""))
            return yield* Effect.fail(error)
          yield* compare(METRICS, `steps ${step} to ${slice.step}`, Rows.unfinished(slice))
          step = slice.step
        })
      )
    )
    const saved = yield* trainer.saved
    const hash = { parameters: trainer.agent.hash(), state: Training.hash(saved) }
    if (step === manifest.step && end === last && manifest.hash !== null) {
      const [was, is] = [manifest.hash, hash].map((one) => JSON.stringify(one))
      if (was !== is && was !== undefined && is !== undefined) {
        yield* differs(`the hash in ${RunDirectory.files.manifest}`, differing(was, is))
      }
    }
    return saved
  }, Effect.scoped)

  const computed = yield* Resume.computedBy(config, engine)
  let saved = origin === undefined ? undefined : yield* Inheritance.from(origin, config)
  yield* Effect.gen(function* () {
    for (const end of stops) saved = yield* stretch(saved, end)
    for (const file of [METRICS, EVALUATIONS] as const) {
      const more = recorded[file].slice(compared[file])
      const [line] = more
      if (line === undefined || steps !== undefined) continue
      yield* differs(`${file}, row ${compared[file] + 1}, behind the last`, differing(line, "nothing"))
    }
  }).pipe(Effect.provide(experiment.layer(computed)))
  // The tables are those of the run: so are its checkpoints if they agree with them.
  if (steps === undefined) yield* RunRecord.confirmNewest(record)
  const verified: Verified = {
    run,
    step,
    slices: compared[METRICS],
    evaluations: compared[EVALUATIONS]
  }
  return verified
})
