/** `ornstein report`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const report = Reading.make(
  "report",
  {
    runs: Flags.pathArgument("run").pipe(
      Argument.withDescription("The directories of runs"),
      Argument.variadic({ min: 1 })
    ),
    out: Flags.path("out").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("DIR"),
      Flag.withDescription(
        "Where files are written (default: the run's own `report`, or `report` for several)"
      ),
      Flag.optional
    ),
    statistic: Flag.Literals("statistic", ["iqm", "mean"]).pipe(
      Flag.withDescription("What is estimated over seeds: interquartile mean or mean (default: iqm)"),
      Flag.withDefault("iqm")
    ),
    score: Flag.Literals("score", ["evaluation", "training"]).pipe(
      Flag.withDescription(
        "Compare returns of evaluations or of training (default: what there is enough of)"
      ),
      Flag.optional
    ),
    window: Flag.Int("window").pipe(
      Flag.withSchema(Field.intBetween(1, Number.MAX_SAFE_INTEGER)),
      Flag.withMetavar("STEPS"),
      Flag.withDescription(
        "Environment steps that the thick lines of a run are smoothed over (default: a tenth of it)"
      ),
      Flag.optional
    ),
    ...Using.ofRuns,
    json: Flags.jsonOf("the scores as one line of JSON")
  },
  Effect.fn(function* ({ acceptChangedParts, json, out, parts, runs, score, statistic, window }) {
    const Report = yield* Effect.promise(() => import("../compare/Report.ts"))
    const output = yield* Output.Output
    const options = {
      statistic,
      window: Option.getOrUndefined(window),
      score: Option.getOrUndefined(score),
      seed: 0
    }
    // Tables need no parts: only those that were named here are run, and held against the runs.
    const written = yield* Report.write(runs, Option.getOrUndefined(out), options).pipe(
      Using.named({ parts, acceptChangedParts })
    )
    const { directory, leftOut, lines, name, scores, table } = written
    if (json) return yield* output.line(JSON.stringify({ directory, figure: name, scores, leftOut }))
    const [header, ...rows] = table
    const shown = header === undefined ? [] : [...Table.fit(header, rows, output.width), ""]
    for (const line of shown) yield* output.line(line)
    for (const line of lines) yield* output.line(line)
    yield* output.line("")
    yield* output.line(`Written to ${directory}: ${name}.svg, ${name}.png, ${name}.csv, ${name}.vl.json`)
  })
).pipe(
  Command.withDescription("Figures and statistics of runs"),
  Command.withExamples([
    { command: "ornstein report runs/pendulum-20261121-064512-seed0", description: "One run, from inside" },
    { command: "ornstein report runs/ddpg-* runs/td3-*", description: "Two experiments, over their seeds" }
  ])
)
