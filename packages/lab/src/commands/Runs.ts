/** `ornstein runs`. */
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Numbers from "../Numbers.ts"
import * as Output from "../Output.ts"
import * as Table from "../Table.ts"

export const runs = Command.make(
  "runs",
  {
    directory: Argument.String("directory").pipe(
      Argument.withDescription("Where to look (default: runs)"),
      Argument.withDefault("runs")
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print a JSON array"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ directory, json }) {
    const Runs = yield* Effect.promise(() => import("../Runs.ts"))
    const output = yield* Output.Output
    const runs = yield* Runs.list(directory)
    if (json) return yield* output.line(JSON.stringify(runs))
    if (runs.length === 0) return yield* output.line(`there is no run in ${Printable.inline(directory)}`)
    const rows = runs.map(({ path, reason, state, step, steps }) => [
      Printable.inline(path),
      state,
      `${Numbers.integer(step)} of ${Numbers.integer(steps)} steps`,
      Printable.inline(reason?.split("\n")[0] ?? "")
    ])
    for (const line of Table.lines(rows)) yield* output.line(line.trimEnd())
  })
).pipe(Command.withDescription("List runs: running, stopped, finished or damaged"))
