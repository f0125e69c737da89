/**
 * `npm run results`: makes the runs of the studies and writes what they reached to `docs/results/` and `docs/results.md`.
 * A finished run is not made again and a stopped one is resumed, so this can be stopped at any time and goes on.
 *
 * ```sh
 * npm run results                                            # every study
 * npm run results -- mujoco-100k --only td3 --seeds 0-2      # a part of one
 * npm run results -- --runs DIR --minutes 60                 # where runs are kept; begin none after an hour
 * ```
 */
import * as Key from "@ornstein/core/Key"
import * as Statistics from "@ornstein/lab/Statistics"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Markdown from "./Markdown.ts"
import * as Seeds from "./Seeds.ts"
import * as Studies from "./Studies.ts"

// models

/** A run that has come to its end. */
interface Finished {
  readonly preset: string
  readonly seed: number
  readonly steps: number
  /** The mean return of the last evaluation. */
  readonly mean: number
  readonly configuration: string
  readonly parameters: string
  readonly engine: string
}

/** An evaluation of a run. */
interface Point {
  readonly preset: string
  readonly seed: number
  readonly step: number
  readonly mean: number
}

// pure core

const RUNS = "preset,seed,steps,mean,configuration,parameters,engine"
const POINTS = "preset,seed,step,mean"

const runLine = ({ configuration, engine, mean, parameters, preset, seed, steps }: Finished): string =>
  [preset, seed, steps, mean.toFixed(3), configuration, parameters, engine].join(",")

const pointLine = ({ mean, preset, seed, step }: Point): string =>
  [preset, seed, step, mean.toFixed(3)].join(",")

const cells = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(","))

const runsOf = (text: string): ReadonlyArray<Finished> =>
  cells(text).map(([preset = "", seed, steps, mean, configuration = "", parameters = "", engine = ""]) => ({
    preset,
    seed: Number(seed),
    steps: Number(steps),
    mean: Number(mean),
    configuration,
    parameters,
    engine
  }))

const pointsOf = (text: string): ReadonlyArray<Point> =>
  cells(text).map(([preset = "", seed, step, mean]) => ({
    preset,
    seed: Number(seed),
    step: Number(step),
    mean: Number(mean)
  }))

interface Row {
  readonly trial: Studies.Trial
  readonly means: ReadonlyArray<number>
}

/** Small returns differ behind the point. */
const shown = (mean: number): string => mean.toFixed(Math.abs(mean) < 20 ? 1 : 0)

const estimate = (means: ReadonlyArray<number>): string => {
  const { high, low, point } = Statistics.bootstrap([means], Statistics.interquartileMean, {
    key: Key.make(0)
  })
  return `${shown(point)} [${shown(low)}, ${shown(high)}]`
}

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["preset", ({ trial }) => `\`${trial.preset}\``],
  ["steps", ({ trial }) => trial.steps.toLocaleString("en")],
  ["seeds", ({ means }) => String(means.length)],
  ["IQM [95 %]", ({ means }) => estimate(means)],
  ["mean", ({ means }) => shown(Statistics.mean(means))],
  ["deviation", ({ means }) => shown(Statistics.standardDeviation(means))],
  ["lowest to highest", ({ means }) => `${shown(Math.min(...means))} to ${shown(Math.max(...means))}`],
  ["published mean", ({ trial }) => (trial.published === undefined ? "" : shown(trial.published.mean))]
]

/** What the page says of a study: the table, how it was made, and what is missing. */
const section = (study: Studies.Study, runs: ReadonlyArray<Finished>): string => {
  const rows = study.trials.map((trial) => ({
    trial,
    means: runs.filter(({ preset }) => preset === trial.preset).map(({ mean }) => mean)
  }))
  const missing = rows.flatMap(({ means, trial }) =>
    means.length < study.seeds.length
      ? [`\`${trial.preset}\` has ${means.length} of ${study.seeds.length} seeds`]
      : []
  )
  const sources = [...new Set(study.trials.flatMap(({ published }) => published?.source ?? []))]
  const [first] = study.trials
  return [
    `**${study.title}.** Evaluated every ${study.every.toLocaleString("en")} steps; the score of a run is its last evaluation.`,
    Markdown.table(
      columns,
      rows.filter(({ means }) => means.length > 0)
    ),
    ...(first === undefined
      ? []
      : [`A run of it: \`ornstein ${Studies.command(study, first, study.seeds[0] ?? 0).join(" ")}\``]),
    ...(sources.length === 0 ? [] : [`Published: ${sources.join("; ")}.`]),
    ...(missing.length === 0 ? [] : [`Not finished: ${missing.join(", ")}.`])
  ].join("\n\n")
}

// making runs

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const MAIN = join(ROOT, "packages/lab/bin/ornstein.js")
const DOCS = join(ROOT, "docs/results")
const PAGE = join(ROOT, "docs/results.md")

const ornstein = (...args: ReadonlyArray<string>): boolean =>
  spawnSync(process.execPath, [MAIN, ...args], { stdio: "inherit" }).status === 0

const manifestOf = (run: string) => {
  const file = join(run, "run.json")
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined
}

/** Makes the run or what is missing of it. */
const complete = (study: Studies.Study, trial: Studies.Trial, seed: number, run: string): boolean => {
  const manifest = manifestOf(run)
  if (manifest?.status === "finished") return true
  return manifest === undefined
    ? ornstein(...Studies.command(study, trial, seed), "--out", run)
    : ornstein("resume", run)
}

const evaluationsOf = (preset: string, seed: number, run: string): ReadonlyArray<Point> =>
  readFileSync(join(run, "evaluations.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ mean, step }) => ({ preset, seed, step, mean }))

const finishedOf = (preset: string, seed: number, run: string, mean: number): Finished => {
  const { config, hash, steps, versions } = manifestOf(run)
  return {
    preset,
    seed,
    steps,
    mean,
    configuration: config.slice(0, 12),
    parameters: hash.parameters.slice(0, 12),
    engine: versions.engine
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    seeds: { type: "string" },
    runs: { type: "string", default: join(ROOT, "runs/results") },
    minutes: { type: "string", default: "Infinity" }
  }
})
const names = positionals.length === 0 ? Object.keys(Studies.studies) : positionals
const deadline = performance.now() + Number(values.minutes) * 60_000

mkdirSync(DOCS, { recursive: true })
for (const name of names) {
  const study = Studies.studies[name]
  if (study === undefined) {
    console.error(`There is no study "${name}". There are: ${Object.keys(Studies.studies).join(", ")}`)
    process.exit(2)
  }
  const [runsFile, pointsFile] = [join(DOCS, `${name}.csv`), join(DOCS, `${name}-curves.csv`)]
  let runs = existsSync(runsFile) ? runsOf(readFileSync(runsFile, "utf8")) : []
  let points = existsSync(pointsFile) ? pointsOf(readFileSync(pointsFile, "utf8")) : []
  const orderOf = (preset: string): number => study.trials.findIndex((trial) => trial.preset === preset)
  const seeds = values.seeds === undefined ? study.seeds : Seeds.parse(values.seeds)
  for (const seed of seeds) {
    for (const trial of study.trials) {
      const { preset } = trial
      const isSame = (one: { readonly preset: string; readonly seed: number }): boolean =>
        one.preset === preset && one.seed === seed
      if (!preset.includes(values.only) || runs.some(isSame)) continue
      if (performance.now() > deadline) continue
      const run = join(values.runs, name, `${preset}-seed${seed}`)
      if (!complete(study, trial, seed, run)) process.exit(1)
      const curve = evaluationsOf(preset, seed, run)
      const sorted = <A extends Pick<Point, "preset" | "seed">>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
        all.toSorted((a, b) => orderOf(a.preset) - orderOf(b.preset) || a.seed - b.seed)
      runs = sorted([...runs, finishedOf(preset, seed, run, curve.at(-1)?.mean ?? Number.NaN)])
      points = sorted([...points.filter((point) => !isSame(point)), ...curve])
      writeFileSync(runsFile, `${[RUNS, ...runs.map(runLine)].join("\n")}\n`)
      writeFileSync(pointsFile, `${[POINTS, ...points.map(pointLine)].join("\n")}\n`)
      writeFileSync(
        PAGE,
        Markdown.withSection(readFileSync(PAGE, "utf8"), name, section(study, runs), "results")
      )
    }
  }
}
