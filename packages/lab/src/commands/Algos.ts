/** `ornstein algos`. */
import type * as Part from "@ornstein/core/Part"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Using from "./Using.ts"

const cited = (source: Part.Source): string =>
  typeof source === "string" ? source : `${source.authors}, ${source.year}, ${source.link}`

const listed = ({ departures, description, kind, source, tag }: Part.Any) => ({
  kind: tag === "base" ? "base" : "variant",
  name: kind,
  description,
  source,
  departures
})

export const algos = Command.make(
  "algos",
  {
    ...Using.flags,
    json: Flags.jsonOf("a JSON array")
  },
  Effect.fn(
    function* ({ json }) {
      const { Current } = yield* Effect.promise(() => import("../experiment/index.ts"))
      const { experiment } = yield* Current
      const { bases, variants } = experiment.catalogues
      const output = yield* Output.Output
      if (json) return yield* output.line(JSON.stringify([...bases.parts, ...variants.parts].map(listed)))
      for (const [parts, title, where] of [
        [bases.parts, "Algorithms", `{ "algorithm": { "base": "..." } }`],
        [variants.parts, "Variants of them", `{ "algorithm": { "variants": [{ "kind": "..." }] } }`]
      ] as const) {
        yield* output.line(`${title}, in a configuration ${where}:`)
        const rows = parts.map(({ description, kind, source }) => [`  ${kind}`, description, cited(source)])
        for (const line of Table.lines(rows)) yield* output.line(line.trimEnd())
        yield* output.line("")
      }
    },
    (self, given) => Using.using(given)(self)
  )
).pipe(Command.withDescription("List algorithms and variants, with their papers"))
