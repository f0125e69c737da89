/**
 * What runs have to say: figures, the numbers that are drawn in them, and a table of scores. One run is shown from
 * inside (returns, evaluations, losses, values, noise), several are compared by experiment with bootstrap intervals over
 * their seeds. A run that diverged, failed or is not finished is named and counted, and keeps nobody else from a report.
 */
import * as Config from "@ornstein/core/Config"
import * as Durable from "@ornstein/core/Durable"
import * as Fault from "@ornstein/core/Fault"
import * as Key from "@ornstein/core/Key"
import * as Printable from "@ornstein/core/Printable"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Current, Experiment } from "../experiment/index.ts"
import * as Place from "../place/Place.ts"
import { RunHistory } from "../runs/index.ts"
import { Numbers } from "../terminal/index.ts"
import * as Curves from "./Curves.ts"
import * as Figure from "./Figure.ts"
import * as Panels from "./Panels.ts"
import * as Standing from "./Standing.ts"
import * as Statistics from "./Statistics.ts"

// errors

/** There is nothing to report yet, or no place for it. */
export class ReportError
  extends Schema.TaggedError<ReportError>()("ReportError", { target: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.target
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export const statistics = { iqm: Statistics.interquartileMean, mean: Statistics.mean } as const
export type StatisticName = keyof typeof statistics

const STATISTIC: { readonly [name in StatisticName]: string } = { iqm: "IQM", mean: "mean" }

export interface Options {
  readonly statistic: StatisticName
  /** Environment steps that the thick lines of a run are smoothed over; `undefined`: a tenth of the run. */
  readonly window: number | undefined
  /** What is compared; `undefined`: evaluations if there are enough for a curve. */
  readonly score: Curves.Score | undefined
  /** Of the bootstrap. */
  readonly seed: number
}

/** A run that is named and not counted, and why. */
export interface LeftOut {
  readonly run: string
  readonly reason: string
}

/** A figure with its numbers, and a text of lines for people. */
export interface Report {
  readonly name: string
  readonly spec: Figure.Spec
  readonly rows: ReadonlyArray<Panels.Row>
  /** The score of every run under every definition; empty for one run. */
  readonly scores: ReadonlyArray<Panels.Row>
  readonly leftOut: ReadonlyArray<LeftOut>
  /** The table of scores, its header first; empty for one run. */
  readonly table: ReadonlyArray<ReadonlyArray<string>>
  readonly lines: ReadonlyArray<string>
}

// pure core: one run

/** Columns of a slice that are no metric of updates. */
const OWN = new Set([
  "step",
  "updates",
  "episodes",
  "return",
  "length",
  "exploration",
  "returns",
  "lengths",
  "chain"
])

/** `Critic loss` of `criticLoss`. */
const titleOf = (metric: string): string => {
  const words = metric.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** The metrics of updates in the order of a figure: losses and values first, then the others as they come. */
const metricsOf = ({ slices }: RunHistory.RunHistory): ReadonlyArray<string> => {
  const names = new Set(slices.flatMap((slice) => Object.keys(slice)).filter((name) => !OWN.has(name)))
  const first = ["criticLoss", "actorLoss", "value"].filter((name) => names.has(name))
  return [...new Set([...first, ...names])]
}

/** A run's panels: returns with evaluations, losses, values, whatever else it logs, noise. */
export const panels = (
  history: RunHistory.RunHistory,
  window: number | undefined,
  experiment: Experiment.Experiment = Experiment.ours
): ReadonlyArray<Panels.Panel> => {
  const { config, evaluations, manifest } = history
  const smoothed = window ?? manifest.step / 10
  const value = experiment.isDiscrete(config) ? "Value" : "Q value"
  const noise = RunHistory.metric(history, "exploration")
  return [
    {
      title: "Return",
      series: RunHistory.episodes(history),
      window: smoothed,
      dots: {
        title: "Evaluation",
        series: {
          steps: evaluations.map(({ step }) => step),
          values: evaluations.map(({ mean }) => mean)
        }
      }
    },
    ...metricsOf(history).map((name) => ({
      title: name === "value" ? value : titleOf(name),
      series: RunHistory.metric(history, name),
      window: smoothed
    })),
    ...(noise.values.some((scale) => scale !== 0) ? [{ title: "Noise", series: noise, window: 0 }] : [])
  ]
}

const ofRun = (
  history: RunHistory.RunHistory,
  { window }: Options,
  experiment: Experiment.Experiment
): Report => {
  const { aside } = Standing.divide([history])
  const shown = panels(history, window, experiment)
  const { name, seed, step } = history.manifest
  const { values } = RunHistory.episodes(history)
  const last = Math.min(Curves.EPISODES, values.length)
  const evaluation = history.evaluations.at(-1)
  const over = Numbers.integer(Math.max(1, window ?? step / 10))
  return {
    name: "run",
    spec: Panels.run(
      {
        title: `${name}, seed ${seed}`,
        subtitle: `thick: smoothed over ${over} steps; dots: evaluations without exploration`
      },
      shown
    ),
    rows: Panels.panelRows(shown),
    scores: [],
    leftOut: [],
    table: [],
    lines: [
      values.length === 0
        ? `${name}, seed ${seed}: no episode has ended yet`
        : `${name}, seed ${seed}: ${Numbers.integer(values.length)} ${values.length === 1 ? "episode" : "episodes"}, the last ${last} with a mean return ` +
          `of ${Numbers.value(Statistics.mean(values.slice(-last)))}`,
      ...(evaluation === undefined
        ? []
        : [
            `without exploration, at step ${Numbers.integer(evaluation.step)}: return ` +
              `${Numbers.value(evaluation.mean)} over ${evaluation.returns.length} episodes`
          ]),
      ...aside.map(({ standing }) => `This run ${Standing.describe(standing)}.`)
    ]
  }
}

// pure core: several runs

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
  return first === last || runs.length === 0
    ? []
    : [
        `Runs of ${label} have come to steps ${Numbers.integer(first)} to ${Numbers.integer(last)}: ` +
          "what is said of them ends where the shortest one does."
      ]
}

/** `4`, or `3 of 4` where one is left out. */
const numberOf = ({ aside, runs }: Curves.Group): string =>
  aside.length === 0 ? String(runs.length) : `${runs.length} of ${runs.length + aside.length}`

/** `ddpg: 3 of 4; 1 diverged at step 100 (runs/a).` */
const partial = (group: Curves.Group): ReadonlyArray<string> =>
  group.aside.length === 0 ? [] : [`${group.label}: ${numberOf(group)}; ${Standing.summary(group.aside)}.`]

/** The scores of the runs that count, and the names of those that do not. */
const scoreRows = (
  group: Curves.Group,
  score: Curves.Score,
  scored: Curves.Scored | undefined
): ReadonlyArray<Panels.Row> => {
  const row = (
    { manifest, run }: RunHistory.RunHistory,
    status: string,
    one?: Curves.Summary
  ): Panels.Row => ({
    group: group.label,
    seed: manifest.seed,
    run,
    status,
    steps: manifest.step,
    score,
    step: one === undefined ? null : (scored?.step ?? null),
    final: one?.final ?? null,
    lastTenth: one?.lastTenth ?? null,
    best: one?.best ?? null,
    area: one?.area ?? null
  })
  return [
    ...group.runs.map((run, i) => row(run, "counted", scored?.summaries[i])),
    ...group.aside.map(({ run, standing }) => row(run, Standing.describe(standing)))
  ]
}

const ofGroups = (groups: ReadonlyArray<Curves.Group>, options: Options): Report => {
  const score = options.score ?? Curves.preferred(groups)
  const key = Key.fold(Key.make(options.seed), "bootstrap")
  const statistic = statistics[options.statistic]
  const curves = groups.map((group) => Curves.curve(group, score, statistic, key))
  const scored = groups.map((group) => Curves.scored(group, score))
  const estimate = (values: ReadonlyArray<number>) =>
    interval(Statistics.bootstrap([values], statistic, { key }))
  const tableRow = (group: Curves.Group, i: number): ReadonlyArray<string> => {
    const { step, summaries } = scored[i] ?? { step: undefined, summaries: [] }
    const of = (name: keyof Curves.Summary) =>
      step === undefined ? "none yet" : estimate(summaries.map((one) => one[name]))
    return [
      group.label,
      numberOf(group),
      step === undefined ? "" : Numbers.integer(step),
      of("final"),
      of("lastTenth"),
      of("best"),
      of("area")
    ]
  }
  const table = [
    ["group", "runs", "step", "final", "mean of last tenth", "best", "mean of curve"],
    ...groups.map(tableRow)
  ]
  return {
    name: "curves",
    spec: Panels.curves(curves, {
      title:
        score === "evaluation" ? "Return of evaluations without exploration" : "Return of training episodes",
      subtitle: `${STATISTIC[options.statistic]} over n runs, band: 95 % bootstrap interval`
    }),
    rows: Panels.curveRows(curves),
    scores: groups.flatMap((group, i) => scoreRows(group, score, scored[i])),
    leftOut: groups.flatMap(({ aside }) =>
      aside.map(({ run, standing }) => ({ run: run.run, reason: Standing.describe(standing) }))
    ),
    table,
    lines: [
      ...groups.flatMap(partial),
      `Score: ${DEFINITION[score]}; final: at the step in the table.`,
      `Estimates: ${STATISTIC[options.statistic]} over the runs of a group, with 95 % intervals by the bootstrap ` +
        "(2,000 resamples of the runs).",
      ...groups.flatMap(uneven),
      ...(groups.some(({ runs }) => runs.length < 5) ? ["Fewer than five runs say little: add seeds."] : [])
    ]
  }
}

/** The report of some runs. */
export const make = (
  runs: ReadonlyArray<RunHistory.RunHistory>,
  options: Options,
  experiment: Experiment.Experiment = Experiment.ours
): Report => {
  const [first, ...others] = runs
  return first !== undefined && others.length === 0
    ? ofRun(first, options, experiment)
    : ofGroups(Curves.group(runs), options)
}

// effects

/** What determines the numbers of a run: two directories of one seed and configuration hold the same run. */
const identityOf = ({ config, manifest }: RunHistory.RunHistory): string =>
  [Config.hash(config), manifest.origin?.config ?? "", manifest.origin?.step ?? ""].join(" ")

/** Each run once, by the longest record of it; and of the others which run they repeat. */
const once = (
  histories: ReadonlyArray<RunHistory.RunHistory>
): { readonly runs: ReadonlyArray<RunHistory.RunHistory>; readonly repeated: ReadonlyArray<LeftOut> } => {
  const same = [...Map.groupBy(histories, identityOf).values()].map((records) => {
    const [first, ...others] = records.toSorted((a, b) => b.manifest.step - a.manifest.step)
    return { first, others }
  })
  return {
    runs: same.flatMap(({ first }) => first ?? []),
    repeated: same.flatMap(({ first, others }) =>
      others.map(({ run }) => ({ run, reason: `the same run as ${first?.run ?? ""}, counted once` }))
    )
  }
}

/** Why there is nothing to show of these runs. */
const nothing = (
  runs: ReadonlyArray<RunHistory.RunHistory>,
  damaged: ReadonlyArray<LeftOut>
): ReportError | undefined => {
  if (runs.some(({ slices }) => slices.length > 0)) return undefined
  const [first] = runs
  const fix = "Report it later, or leave it out"
  if (first === undefined) {
    const [{ reason, run } = { reason: "there is no run", run: "" }] = damaged
    return new ReportError({ target: run, what: reason, fix })
  }
  const { aside } = Standing.divide(runs)
  const reason =
    runs.length > 1
      ? `none of these ${runs.length} runs has come to its first row: ${Standing.summary(aside)}`
      : first.manifest.status === "failed"
        ? `this run ${aside.map(({ standing }) => Standing.describe(standing)).join("")}, before its first row`
        : "this run has not finished a slice yet"
  return new ReportError({ target: first.run, what: reason, fix })
}

/**
 * Reads the runs and writes `<name>.svg`, `.png`, `.vl.json` and `.csv`, and `scores.csv` for several, to the directory
 * `out`: if not given, `report` in the one run that there is, or here for several.
 */
export const write = Effect.fn("Report.write")(function* (
  paths: ReadonlyArray<string>,
  out: string | undefined,
  options: Options
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const real = yield* Effect.forEach(paths, (run) =>
    Effect.map(
      Effect.orElseSucceed(fs.realPath(run), () => run),
      (place) => ({ run, place })
    )
  )
  const named = [...Map.groupBy(real, ({ place }) => place).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ run: first.run, times: 1 + others.length }]
  )
  const read = yield* Effect.forEach(named, ({ run }) =>
    RunHistory.read(run).pipe(
      Effect.map(Result.succeed),
      // A directory that is no run is a mistake; a run that cannot be read is left out by name.
      Effect.catchIf(
        (error) => error._tag !== "NoRunError" && named.length > 1,
        (error) => Effect.succeed(Result.fail({ run, reason: error.message }))
      )
    )
  )
  const [histories, damaged] = Array.separate(read)
  const { repeated, runs } = once(histories)
  const none = nothing(runs, damaged)
  if (none !== undefined) return yield* none
  const twice = named
    .filter(({ times }) => times > 1)
    .map(({ run, times }) => `${Printable.inline(run)}: named ${times} times, counted once.`)
  const { experiment } = yield* Current
  const made = make(runs, options, experiment)
  const left = [...damaged, ...repeated]
  const report: Report = {
    ...made,
    leftOut: [...made.leftOut, ...left],
    lines: [
      ...made.lines,
      ...twice,
      ...left.map(({ reason, run }) => `Left out: ${Printable.inline(run)}: ${Printable.inline(reason)}.`)
    ]
  }
  const [only] = runs.length + damaged.length === 1 ? runs : []
  const directory = out ?? (only === undefined ? "report" : path.join(only.run, "report"))
  const files = [
    [`${report.name}.csv`, report.rows],
    ["scores.csv", report.scores]
  ] as const
  yield* Effect.gen(function* () {
    yield* Durable.ensureDirectory(directory)
    yield* Figure.write(directory, report.name, report.spec)
    for (const [file, rows] of files) {
      if (rows.length > 0) yield* Durable.replaceText(path.join(directory, file), Panels.csv(rows))
    }
  }).pipe(
    Effect.mapError((error) =>
      error._tag === "FigureError" ? error : Place.fault(directory, "Choose another place with --out")(error)
    )
  )
  return { ...report, directory }
})
