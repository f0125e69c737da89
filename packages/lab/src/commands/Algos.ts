/** `ornstein algos`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output, Table } from "../terminal/index.ts"

export const algos = Command.make(
  "algos",
  {
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print a JSON array"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ json }) {
    const { entries } = yield* Effect.promise(() => import("@ornstein/algos/Registry"))
    const output = yield* Output.Output
    if (json) return yield* output.line(JSON.stringify(entries))
    for (const [kind, title, where] of [
      ["base", "Algorithms", `{ "algorithm": { "base": "..." } }`],
      ["variant", "Variants of them", `{ "algorithm": { "variants": [{ "kind": "..." }] } }`]
    ] as const) {
      yield* output.line(`${title}, in a configuration ${where}:`)
      const rows = entries
        .filter((entry) => entry.kind === kind)
        .map(({ description, name, paper }) => [
          `  ${name}`,
          description,
          paper === undefined ? "" : `${paper.authors}, ${paper.year}, ${paper.link}`
        ])
      for (const line of Table.lines(rows)) yield* output.line(line.trimEnd())
      yield* output.line("")
    }
  })
).pipe(Command.withDescription("List algorithms and variants, with their papers"))
