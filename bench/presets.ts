/**
 * `npm run presets`: trains presets with many seeds and writes what they reached to `docs/presets/scores.csv` and
 * `docs/presets.md`. What is in the table for the same configuration is not trained again, so it can be stopped and goes on.
 *
 * ```sh
 * npm run presets                                # the presets of Pendulum, seeds 0 to 29
 * npm run presets -- --seeds 7101-7115 pendulum-td3
 * ```
 */
import * as Config from "@ornstein/core/Config"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Training from "@ornstein/core/Training"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Presets from "@ornstein/lab/Presets"
import { Effect, Result, Stream } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Markdown from "./Markdown.ts"
import * as Seeds from "./Seeds.ts"

// models

interface Score {
  readonly preset: string
  readonly seed: number
  /** The mean return over 100 episodes from fixed start states, without exploration. */
  readonly mean: number
  /** The beginnings of the hashes of the configuration and of the parameters. */
  readonly configuration: string
  readonly parameters: string
}

// pure core

const PENDULUM = ["pendulum", "pendulum-td3", "pendulum-sac", "pendulum-d4pg", "pendulum-tqc"]

const HEADER = "preset,seed,mean,configuration,parameters"

const line = ({ configuration, mean, parameters, preset, seed }: Score): string =>
  [preset, seed, mean.toFixed(3), configuration, parameters].join(",")

const parsed = (text: string): ReadonlyArray<Score> =>
  text
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => {
      const [preset = "", seed, mean, configuration = "", parameters = ""] = row.split(",")
      return { preset, seed: Number(seed), mean: Number(mean), configuration, parameters }
    })

const median = (sorted: ReadonlyArray<number>): number => {
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

interface Row {
  readonly preset: string
  readonly sorted: ReadonlyArray<number>
}

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["preset", ({ preset }) => `\`${preset}\``],
  ["seeds", ({ sorted }) => String(sorted.length)],
  ["worst", ({ sorted }) => sorted[0]!.toFixed(1)],
  ["median", ({ sorted }) => median(sorted).toFixed(1)],
  ["best", ({ sorted }) => sorted.at(-1)!.toFixed(1)]
]

const table = (scores: ReadonlyArray<Score>): string =>
  Markdown.table(
    columns,
    [...new Set(scores.map(({ preset }) => preset))].map((preset) => ({
      preset,
      sorted: scores
        .filter((score) => score.preset === preset)
        .map(({ mean }) => mean)
        .sort((a, b) => a - b)
    }))
  )

// measuring

const configOf = (preset: string, seed: number): Experiment.Options => {
  const found = Presets.presets[preset]
  if (found === undefined) throw new RangeError(`there is no preset "${preset}": ${Presets.names.join(", ")}`)
  return Result.getOrThrow(
    Experiment.decode({ ...found.config, training: { ...found.config.training, seed } })
  )
}

const measured = (preset: string, config: Experiment.Options): Effect.Effect<Score, unknown> =>
  Effect.gen(function* () {
    const learner = yield* Experiment.learner(config)
    const trainer = yield* Training.make(learner, config.training)
    yield* Stream.runDrain(trainer.stream)
    const { mean } = yield* Evaluation.run(trainer.environment, trainer.policy, { episodes: 100, seed: 0 })
    return {
      preset,
      seed: config.training.seed,
      mean,
      configuration: Config.hash(config).slice(0, 12),
      parameters: trainer.agent.hash().slice(0, 12)
    }
  }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config)))

const CSV = new URL("../docs/presets/scores.csv", import.meta.url)
const PAGE = new URL("../docs/presets.md", import.meta.url)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "0-29" } }
})
const presets = positionals.length === 0 ? PENDULUM : positionals
const wanted = presets.flatMap((preset) =>
  Seeds.parse(values.seeds).map((seed) => ({ preset, config: configOf(preset, seed) }))
)
let scores = existsSync(CSV) ? parsed(readFileSync(CSV, "utf8")) : []
for (const { config, preset } of wanted) {
  const { seed } = config.training
  const isSame = (score: Score): boolean => score.preset === preset && score.seed === seed
  const known = scores.find(isSame)
  if (known?.configuration === Config.hash(config).slice(0, 12)) continue
  const score = await Effect.runPromise(measured(preset, config))
  scores = [...scores.filter((other) => !isSame(other)), score].sort(
    (a, b) => Presets.names.indexOf(a.preset) - Presets.names.indexOf(b.preset) || a.seed - b.seed
  )
  console.log(line(score))
  writeFileSync(CSV, `${[HEADER, ...scores.map(line)].join("\n")}\n`)
}
const page = readFileSync(PAGE, "utf8")
writeFileSync(PAGE, Markdown.withSection(page, "presets", table(scores), "presets"))
console.log(`\n${table(scores)}`)
