/** `ornstein verify`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Numbers, Output } from "../terminal/index.ts"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const verify = Reading.make(
  "verify",
  {
    run: Flags.pathArgument("run").pipe(Argument.withDescription("The directory of a run, in any state")),
    steps: Flag.Int("steps").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Repeat the first so many steps only (default: all that is recorded)"),
      Flag.optional
    ),
    engine: Engines.instead,
    workers: Flags.workers,
    ...Using.ofRuns,
    json: Flags.json
  },
  Effect.fn(function* ({ acceptChangedParts, engine, json, parts, run, steps, workers }) {
    const Verify = yield* Effect.promise(() => import("../session/Verify.ts"))
    const output = yield* json ? Output.Aside : Output.Output
    const verified = yield* Verify.run({
      run,
      engine: yield* Engines.decoded(engine),
      workers: Option.getOrUndefined(workers),
      steps: Option.getOrUndefined(steps),
      output
    }).pipe(Using.using({ parts, acceptChangedParts }))
    yield* output.line(
      `${verified.run}: repeated up to step ${Numbers.integer(verified.step)}, ` +
        `all ${verified.slices} slices and ${verified.evaluations} evaluations are as recorded, in every column`
    )
    if (json) yield* (yield* Output.Output).line(JSON.stringify(verified))
  })
).pipe(
  Command.withDescription("Repeat a run and compare it with its record, slice by slice"),
  Command.withExamples([
    {
      command: "ornstein verify runs/pendulum-20261121-064512-seed0 --steps 2000",
      description: "Are the first 2,000 steps the same here?"
    }
  ])
)
