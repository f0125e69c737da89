/** `ornstein schema`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Output } from "../terminal/index.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const schema = Reading.make(
  "schema",
  Using.flags,
  Effect.fn(
    function* (_given) {
      const { Current } = yield* Effect.promise(() => import("../experiment/index.ts"))
      const { experiment } = yield* Current
      const document = experiment.jsonSchema("An Ornstein experiment")
      yield* (yield* Output.Output).line(JSON.stringify(document, undefined, 2))
    },
    (self, given) => Using.using(given)(self)
  )
).pipe(
  Command.withDescription("Print the JSON Schema of configuration files, for editors"),
  Command.withExamples([
    {
      command: "ornstein schema > ornstein.schema.json",
      description: `Then begin a configuration with { "$schema": "./ornstein.schema.json" }`
    }
  ])
)
