/**
 * What runs have to say: figures, the numbers that are drawn in them, and a table of scores. One run is shown from
 * inside (return, losses, noise), several are compared by experiment with bootstrap intervals over their seeds.
 */
import * as Key from "@ornstein/core/Key"
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Curves from "./Curves.ts"
import * as Figure from "./Figure.ts"
import * as Numbers from "./Numbers.ts"
import * as Panels from "./Panels.ts"
import * as RunHistory from "./RunHistory.ts"
import * as Statistics from "./Statistics.ts"
import * as Table from "./Table.ts"

// errors

/** There is nothing to report yet, or no place for it. */
export class ReportError extends Schema.TaggedError<ReportError>()("ReportError", {
  target: Schema.String,
  reason: Schema.String,
  fix: Schema.String
}) {
  override get message(): string {
    return `${Printable.inline(this.target)}: ${this.reason}. ${this.fix}`
  }
}

// models

export const statistics = { iqm: Statistics.interquartileMean, mean: Statistics.mean } as const
export type StatisticName = keyof typeof statistics

const STATISTIC: { readonly [name in StatisticName]: string } = { iqm: "IQM", mean: "mean" }

export interface Options {
  readonly statistic: StatisticName
  /** Values that the smoothed lines of a run average over. */
  readonly window: number
  /** What is compared; `undefined`: evaluations if there are enough for a curve. */
  readonly score: Curves.Score | undefined
  /** Of the bootstrap. */
  readonly seed: number
}

/** A figure with its numbers, and a text of lines for people. */
export interface Report {
  readonly name: string
  readonly spec: Figure.Spec
  readonly rows: ReadonlyArray<Panels.Row>
  /** The score of every run under every definition; empty for one run. */
  readonly scores: ReadonlyArray<Panels.Row>
  readonly lines: ReadonlyArray<string>
}

// pure core

/** A run's panels, from return to noise: those of seed 001's figure. */
export const panels = (history: RunHistory.RunHistory, window: number): ReadonlyArray<Panels.Panel> => [
  { title: "Return", series: RunHistory.episodes(history), window },
  { title: "Critic loss", series: RunHistory.metric(history, "criticLoss"), window },
  { title: "Actor loss", series: RunHistory.metric(history, "actorLoss"), window },
  { title: "Noise", series: RunHistory.metric(history, "exploration"), window: 1 }
]

const ofRun = (history: RunHistory.RunHistory, { window }: Options): Report => {
  const shown = panels(history, window)
  const { name, seed } = history.manifest
  const { values } = RunHistory.episodes(history)
  const evaluation = history.evaluations.at(-1)
  return {
    name: "run",
    spec: Panels.run(`${name}, seed ${seed} (thick: mean of the last ${window})`, shown),
    rows: Panels.panelRows(shown),
    scores: [],
    lines: [
      `${name}, seed ${seed}: ${Numbers.integer(values.length)} episodes, ` +
        `the last ${Math.min(window, values.length)} with a mean return of ` +
        Numbers.value(Statistics.mean(values.slice(-window))),
      ...(evaluation === undefined
        ? []
        : [
            `without exploration, at step ${Numbers.integer(evaluation.step)}: return ` +
              `${Numbers.value(evaluation.mean)} over ${evaluation.returns.length} episodes`
          ])
    ]
  }
}

const DEFINITION: { readonly [score in Curves.Score]: string } = {
  evaluation: "mean return of an evaluation without exploration",
  training: `mean return of the last ${Curves.EPISODES} episodes of training, with exploration`
}

const interval = ({ high, low, point }: Statistics.Estimate): string =>
  `${Numbers.value(point)} [${Numbers.value(low)}, ${Numbers.value(high)}]`

/** What must be known of a group whose runs have not come equally far, such as those that end with their episodes. */
const uneven = ({ label, runs }: Curves.Group): ReadonlyArray<string> => {
  const steps = runs.map(({ manifest }) => manifest.step)
  const [first, last] = [Statistics.minimum(steps), Statistics.maximum(steps)]
  return first === last
    ? []
    : [
        `Runs of ${label} have come to steps ${Numbers.integer(first)} to ${Numbers.integer(last)}: ` +
          "what is said of them ends where the shortest one does."
      ]
}

const ofGroups = (groups: ReadonlyArray<Curves.Group>, options: Options): Report => {
  const score = options.score ?? Curves.preferred(groups)
  const key = Key.fold(Key.make(options.seed), "bootstrap")
  const statistic = statistics[options.statistic]
  const curves = groups.map((group) => Curves.curve(group, score, statistic, key))
  const summaries = groups.map((group) => Curves.summaries(group, score))
  const estimate = (values: ReadonlyArray<number>) =>
    interval(Statistics.bootstrap([values], statistic, { key }))
  return {
    name: "curves",
    spec: Panels.curves(curves, `Return (${STATISTIC[options.statistic]}, 95 % bootstrap interval)`),
    rows: Panels.curveRows(curves),
    scores: groups.flatMap((group, i) =>
      group.runs.map(({ manifest }, run) => ({
        group: group.label,
        seed: manifest.seed,
        steps: manifest.step,
        ...summaries[i]?.[run]
      }))
    ),
    lines: [
      ...Table.lines([
        ["group", "runs", "final", "mean of last tenth", "best", "mean of curve"],
        ...groups.map((group, i) => {
          const of = (name: keyof Curves.Summary) => estimate((summaries[i] ?? []).map((one) => one[name]))
          return [
            group.label,
            String(group.runs.length),
            of("final"),
            of("lastTenth"),
            of("best"),
            of("area")
          ]
        })
      ]),
      "",
      `Score: ${DEFINITION[score]}.`,
      `Estimates: ${STATISTIC[options.statistic]} over the runs of a group, with 95 % intervals by the bootstrap ` +
        "(2,000 resamples of the runs).",
      ...groups.flatMap(uneven),
      ...(groups.some(({ runs }) => runs.length < 5) ? ["Fewer than five runs say little: add seeds."] : [])
    ]
  }
}

/** The report of some runs. */
export const make = (runs: ReadonlyArray<RunHistory.RunHistory>, options: Options): Report => {
  const [first, ...others] = runs
  return first !== undefined && others.length === 0
    ? ofRun(first, options)
    : ofGroups(Curves.group(runs), options)
}

// effects

const unwritable = (target: string) => (error: PlatformError.PlatformError) =>
  new ReportError({ target, reason: error.message, fix: "Choose another place with --out" })

/** Reads the runs and writes `<name>.svg`, `.png`, `.vl.json` and `.csv`, and `scores.csv` for several. */
export const write = Effect.fn("Report.write")(function* (
  paths: ReadonlyArray<string>,
  out: string,
  options: Options
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const histories = yield* Effect.forEach(paths, RunHistory.read)
  const empty = histories.find(({ slices }) => slices.length === 0)
  if (empty !== undefined) {
    return yield* new ReportError({
      target: empty.run,
      reason: "this run has not finished a slice yet",
      fix: "Report it later, or leave it out"
    })
  }
  const report = make(histories, options)
  const files = [
    [`${report.name}.csv`, report.rows],
    ["scores.csv", report.scores]
  ] as const
  yield* Effect.gen(function* () {
    yield* fs.makeDirectory(out, { recursive: true })
    yield* Figure.write(out, report.name, report.spec)
    for (const [file, rows] of files) {
      if (rows.length > 0) yield* fs.writeFileString(path.join(out, file), Panels.csv(rows))
    }
  }).pipe(Effect.catchTag("PlatformError", (error) => Effect.fail(unwritable(out)(error))))
  return report
})
