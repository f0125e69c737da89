/** `ornstein runs`. */
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import type { Runs } from "../runs/index.ts"
import { Numbers, Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"

/** `-150.2, best -148.1 at step 4,000`, or what training says before there was an evaluation of it. */
const returnOf = ({ best, evaluation, training }: Runs.Run): string => {
  if (best !== null && evaluation !== null) {
    const at = best.step === evaluation.step ? "" : ` at step ${Numbers.integer(best.step)}`
    return `return ${Numbers.value(evaluation.mean)}, best ${Numbers.value(best.mean)}${at}`
  }
  if (training !== null) return `return ${Numbers.value(training.mean)} in training`
  return evaluation === null ? "" : `return ${Numbers.value(evaluation.mean)} before training`
}

export const runs = Reading.make(
  "runs",
  {
    directory: Flags.pathArgument("directory").pipe(
      Argument.withDescription("Where to look (default: runs)"),
      Argument.optional
    ),
    json: Flags.jsonOf("a JSON array")
  },
  Effect.fn(function* ({ directory: given, json }) {
    const Runs = yield* Effect.promise(() => import("../runs/Runs.ts"))
    const output = yield* Output.Output
    const directory = Option.getOrElse(given, () => "runs")
    // Before the first run there is no such directory, which is no mistake of who did not name it.
    const runs = yield* Effect.catchTag(Runs.list(directory), "NoRunsError", (error) =>
      Option.isSome(given) ? Effect.fail(error) : Effect.succeed([])
    )
    if (json) return yield* output.line(JSON.stringify(runs))
    if (runs.length === 0) return yield* output.line(`there is no run in ${Printable.inline(directory)}`)
    const rows = runs.map((run) => [
      Printable.inline(run.path),
      run.state,
      `${Numbers.integer(run.step)} of ${Numbers.integer(run.steps)} steps`,
      returnOf(run),
      Printable.inline(run.reason?.split("\n")[0] ?? "")
    ])
    for (const line of Table.lines(rows)) yield* output.line(line.trimEnd())
  })
).pipe(Command.withDescription("List runs: running, stopped, finished or damaged"))
