/** `ornstein schema`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Output } from "../terminal/index.ts"

export const schema = Command.make(
  "schema",
  {},
  Effect.fn(function* () {
    const [Config, Experiment] = yield* Effect.promise(() =>
      Promise.all([import("@ornstein/core/Config"), import("../experiment/Experiment.ts")])
    )
    const document = Config.jsonSchema(Experiment.definition, "An Ornstein experiment")
    yield* (yield* Output.Output).line(JSON.stringify(document, undefined, 2))
  })
).pipe(
  Command.withDescription("Print the JSON Schema of configuration files, for editors"),
  Command.withExamples([
    {
      command: "ornstein schema > ornstein.schema.json",
      description: `Then begin a configuration with { "$schema": "./ornstein.schema.json" }`
    }
  ])
)
