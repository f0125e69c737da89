/** `ornstein algos`. */
import type * as Part from "@ornstein/core/Part"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

const cited = (source: Part.Source): string =>
  typeof source === "string" ? source : `${source.authors}, ${source.year}, ${source.link}`

/** What an algorithm is made of: the catalogues, and where a configuration names one of their parts. */
const sections = [
  ["base", "bases", "Algorithms", `{ "algorithm": { "base": "..." } }`],
  ["variant", "variants", "Variants of them", `{ "algorithm": { "variants": [{ "kind": "..." }] } }`],
  ["network", "networks", "Networks", `{ "algorithm": { "network": { "kind": "..." } } }`],
  ["optimizer", "optimizers", "Optimizers", `{ "algorithm": { "actorOptimizer": { "kind": "..." } } }`],
  ["ramp", "ramps", "Ramps, for numbers that move", `{ "algorithm": { "tau": { "kind": "..." } } }`]
] as const

const listed = (what: string, { departures, description, kind, source }: Part.Any) => ({
  kind: what,
  name: kind,
  description,
  source,
  departures
})

export const algos = Reading.make(
  "algos",
  {
    ...Using.flags,
    json: Flags.jsonOf("a JSON array")
  },
  Effect.fn(
    function* ({ json }) {
      const { Current } = yield* Effect.promise(() => import("../experiment/index.ts"))
      const { experiment } = yield* Current
      const output = yield* Output.Output
      if (json) {
        const all = sections.flatMap(([what, catalogue]) =>
          experiment.catalogues[catalogue].parts.map((part) => listed(what, part))
        )
        return yield* output.line(JSON.stringify(all))
      }
      for (const [, catalogue, title, where] of sections) {
        const { parts } = experiment.catalogues[catalogue]
        yield* output.line(`${title}, in a configuration ${where}:`)
        const rows = parts.map(({ description, kind, source }) => [`  ${kind}`, description, cited(source)])
        for (const line of Table.lines(rows)) yield* output.line(line.trimEnd())
        yield* output.line("")
      }
    },
    (self, given) => Using.using(given)(self)
  )
).pipe(
  Command.withDescription("List algorithms, their variants, networks, optimizers and ramps, with papers")
)
