/** What the five examples share: a command line, runs over some seeds, figures, films and CSV files. */
import * as Durable from "@ornstein/core/Durable"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Film from "@ornstein/lab/Film"
import * as Output from "@ornstein/lab/Output"
import * as Report from "@ornstein/lab/Report"
import type * as RunDirectory from "@ornstein/lab/RunDirectory"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as SavedPolicy from "@ornstein/lab/SavedPolicy"
import * as Signals from "@ornstein/lab/Signals"
import type * as Sink from "@ornstein/lab/Sink"
import * as Columns from "@ornstein/lab/Table"
import * as Terminal from "@ornstein/lab/Terminal"
import * as Train from "@ornstein/lab/Train"
import { Console, Effect, type FileSystem, Option, Path } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"

// the command line

export interface Arguments {
  /** Which of the example's configurations. */
  readonly configuration: string
  /** Runs, each with a seed of its own from 0. */
  readonly runs: number
  /** Environment steps, in place of the configuration's. */
  readonly steps: number | undefined
  /** The directory of all runs. */
  readonly out: string
}

/** An example as a program: `node examples/notebooks/<name>.ts --configuration tuned --runs 5`. */
export const main = <E>(
  name: string,
  configurations: { readonly [configuration: string]: Experiment.Input },
  runs: number,
  body: (
    config: Experiment.Options,
    args: Arguments
  ) => Effect.Effect<void, E, FileSystem.FileSystem | Path.Path>
): void => {
  const flags = {
    configuration: Flag.Literals("configuration", Object.keys(configurations)).pipe(
      Flag.withDefault(Object.keys(configurations)[0] ?? "")
    ),
    runs: Flag.Int("runs").pipe(Flag.withDefault(runs)),
    steps: Flag.Int("steps").pipe(Flag.optional),
    out: Flag.String("out").pipe(Flag.optional)
  }
  const command = Command.make(
    name,
    flags,
    Effect.fn(function* ({ configuration, out, runs, steps }) {
      const input = configurations[configuration]
      const config = yield* Effect.fromResult(Experiment.decode(input))
      const number = Option.getOrElse(steps, () => config.training.steps)
      yield* body(
        { ...config, training: { ...config.training, steps: number } },
        {
          configuration,
          runs,
          steps: Option.getOrUndefined(steps),
          out: Option.getOrElse(out, () => `runs/notebook-${name}-${configuration}`)
        }
      )
    })
  )
  Signals.runMain(
    Command.runWith(command, { version: "1" })(process.argv.slice(2)).pipe(
      Effect.tapError((error) => Console.error(error instanceof Error ? error.message : String(error))),
      Effect.provide(NodeServices.layer)
    ),
    () => 1
  )
}

// runs

/** Trains run number `seed` in `<out>/run<seed>`, and reads what it left. */
export const train = Effect.fnUntraced(function* (
  name: string,
  config: Experiment.Options,
  seed: number,
  out: string,
  ...sinks: ReadonlyArray<Sink.Sink<RunDirectory.WriteError>>
) {
  const directory = `${out}/run${seed}`
  const seeded = { ...config, training: { ...config.training, seed } }
  yield* Train.run(
    {
      config: seeded,
      name,
      out: directory,
      checkpoints: { every: config.training.steps, keep: 1 }
    },
    { sinks: [Terminal.make(yield* Output.Output), ...sinks] }
  ).pipe(Effect.provide(Experiment.layer(seeded)))
  return yield* RunHistory.read(directory)
})

/** Loads the policy that a run has saved and tests it in whole episodes. */
export const test = Effect.fnUntraced(function* (run: string, episodes: number) {
  const { environment, policy } = yield* SavedPolicy.open({ from: run })
  return yield* Evaluation.run(environment, policy, { episodes, seed: 1 })
}, Effect.scoped)

/** Films an episode of a run's policy. */
export const film = Effect.fnUntraced(function* (run: string, file: string) {
  const { environment, policy } = yield* SavedPolicy.open({ from: run })
  const { gif, summary } = yield* Film.record(environment, policy, {
    seed: 0,
    steps: 999,
    width: 240
  })
  yield* Durable.replace(file, gif)
  yield* Console.log(`${file}: an episode with return ${summary.return.toFixed(1)}`)
}, Effect.scoped)

/** Draws the figure of each run, and of all runs together. */
export const report = Effect.fnUntraced(function* (out: string, runs: ReadonlyArray<RunHistory.RunHistory>) {
  const options = { statistic: "iqm", window: undefined, score: undefined, seed: 0 } as const
  for (const { run } of runs) yield* Report.write([run], `${run}/report`, options)
  if (runs.length > 1) {
    const { lines, table } = yield* Report.write(
      runs.map(({ run }) => run),
      `${out}/report`,
      options
    )
    yield* Effect.forEach([...Columns.lines(table), "", ...lines], (line) => Console.log(line))
  }
  yield* Console.log(`figures: ${runs.map(({ run }) => `${run}/report`).join(", ")}`)
})
