/**
 * The table of docs/notebooks.md: every policy that the given directories hold is loaded and tested in 100 episodes of the
 * same start states.
 *
 * ```sh
 * node --conditions=@ornstein/source examples/notebooks/scores.ts runs/notebook-*
 * ```
 */
import * as Durable from "@ornstein/core/Durable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Key from "@ornstein/core/Key"
import * as Panels from "@ornstein/lab/Panels"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import * as Statistics from "@ornstein/lab/Statistics"
import { Console, Effect, FileSystem } from "effect"
import * as Notebook from "./Notebook.ts"

const EPISODES = 100
const CSV = "docs/notebooks/scores.csv"
const PAGE = "docs/notebooks.md"

interface Score {
  readonly [column: string]: number | string
  readonly experiment: string
  readonly run: number
  readonly steps: number
  readonly mean: number
  readonly std: number
  readonly parameters: string
}

const score = Effect.fnUntraced(function* (path: string) {
  const { hash, name, seed, step } = yield* RunDirectory.readManifest(path)
  const { mean, std } = yield* Notebook.test(path, EPISODES)
  const row: Score = {
    experiment: name,
    run: seed,
    steps: step,
    mean,
    std,
    parameters: hash?.parameters.slice(0, 16) ?? ""
  }
  yield* Console.log(`${name}, run ${seed}: ${mean.toFixed(2)} ± ${std.toFixed(2)}`)
  return row
})

/** `10,000`, or `27,334 to 29,882` where runs end with their episodes. */
const stepsOf = (rows: ReadonlyArray<Score>): string => {
  const steps = rows.map((row) => row.steps)
  const ends = [...new Set([Math.min(...steps), Math.max(...steps)])]
  return ends.map((end) => end.toLocaleString("en-US")).join(" to ")
}

/** A row of the page's table. */
const line = (experiment: string, rows: ReadonlyArray<Score>): string => {
  const means = rows.map(({ mean }) => mean)
  const key = Key.fold(Key.make(0), "scores")
  const { high, low, point } = Statistics.bootstrap([means], Statistics.interquartileMean, { key })
  const shown = (x: number): string => x.toFixed(Math.abs(x) < 10 ? 2 : 1)
  return (
    `| ${experiment} | ${stepsOf(rows)} | ${rows.length} | ` +
    `${shown(Statistics.mean(means))} ± ${shown(Statistics.standardDeviation(means))} | ` +
    `${shown(point)} [${shown(low)}, ${shown(high)}] | ${shown(Math.min(...means))} | ${shown(Math.max(...means))} |`
  )
}

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const runs = yield* Effect.forEach(process.argv.slice(2), (directory) =>
    Effect.map(fs.readDirectory(directory), (entries) =>
      entries.filter((entry) => /^run\d+$/.test(entry)).map((entry) => `${directory}/${entry}`)
    )
  )
  const scores = yield* Effect.forEach(runs.flat(), score)
  yield* Durable.ensureDirectory("docs/notebooks")
  yield* Durable.replaceText(CSV, Panels.csv(scores))
  const table = [
    "| experiment | steps | runs | mean ± deviation over runs | IQM [95 % interval] | worst | best |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...[...Map.groupBy(scores, ({ experiment }) => experiment)].map(([name, rows]) => line(name, rows))
  ].join("\n")
  const page = yield* fs.readFileString(PAGE)
  const [begin, end] = ["<!-- scores -->", "<!-- /scores -->"]
  const [before = "", rest = ""] = page.split(begin)
  yield* Durable.replaceText(PAGE, `${before}${begin}\n\n${table}\n\n${end}${rest.split(end)[1] ?? ""}`)
})

NodeRuntime.runMain(Effect.provide(program, NodeServices.layer))
