/** `ornstein resume`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output } from "../terminal/index.ts"
import * as Checkpoints from "./Checkpoints.ts"

export const resume = Command.make(
  "resume",
  {
    run: Argument.String("run").pipe(Argument.withDescription("The directory of a run")),
    steps: Flag.Int("steps").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Environment steps in all, to extend a run or to end it earlier"),
      Flag.optional
    ),
    every: Flag.optional(Checkpoints.every),
    keep: Flag.optional(Checkpoints.keep),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription(
        "Take the run over from a process that holds its lock; that one stops, if it is there"
      ),
      Flag.withDefault(false)
    ),
    json: Checkpoints.json
  },
  Effect.fn(function* ({ every, force, json, keep, run, steps }) {
    const [{ resume }, Summary] = yield* Effect.promise(() =>
      Promise.all([import("../session/Resume.ts"), import("../session/Summary.ts")])
    )
    const output = yield* json ? Output.Aside : Output.Output
    const outcome = yield* resume({
      run,
      steps: Option.getOrUndefined(steps),
      every: Option.getOrUndefined(every),
      keep: Option.getOrUndefined(keep),
      force,
      output
    })
    for (const line of Summary.lines(outcome)) yield* output.line(line)
    if (json) yield* (yield* Output.Output).line(Summary.json(outcome))
  })
).pipe(
  Command.withDescription("Go on with a run that was stopped or killed, or extend a finished one"),
  Command.withExamples([
    {
      command: "ornstein resume runs/pendulum-20261121-064512-seed0",
      description: "As if it had never stopped"
    },
    {
      command: "ornstein resume runs/pendulum-20261121-064512-seed0 --steps 20000",
      description: "Train longer than planned"
    }
  ])
)
