/** `ornstein branch`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output } from "../terminal/index.ts"
import * as Checkpoints from "./Checkpoints.ts"

export const branch = Command.make(
  "branch",
  {
    run: Argument.String("run").pipe(Argument.withDescription("The directory of the run to branch off")),
    at: Flag.Int("at").pipe(
      Flag.withSchema(Field.nonNegativeInt),
      Flag.withMetavar("STEP"),
      Flag.withDescription("The step of the checkpoint to begin with (default: the newest)"),
      Flag.optional
    ),
    set: Flag.String("set").pipe(
      Flag.withMetavar("path=value"),
      Flag.withDescription("What is different in the branch, as in algorithm.tau=0.005; may be repeated"),
      Flag.atLeast(0)
    ),
    out: Flag.String("out").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("DIR"),
      Flag.withDescription("The branch's run directory, new or empty (default: a new one under runs/)"),
      Flag.optional
    ),
    every: Checkpoints.every.pipe(Flag.withDefault(5000)),
    keep: Checkpoints.keep.pipe(Flag.withDefault(3)),
    json: Checkpoints.json
  },
  Effect.fn(function* ({ at, every, json, keep, out, run, set }) {
    const [{ branch }, Summary] = yield* Effect.promise(() =>
      Promise.all([import("../session/Branch.ts"), import("../session/Summary.ts")])
    )
    const output = yield* json ? Output.Aside : Output.Output
    const outcome = yield* branch({
      run,
      at: Option.getOrUndefined(at),
      overrides: set,
      out: Option.getOrUndefined(out),
      checkpoints: { every, keep },
      output
    })
    for (const line of Summary.lines(outcome)) yield* output.line(line)
    if (json) yield* (yield* Output.Output).line(Summary.json(outcome))
  })
).pipe(
  Command.withDescription("Start a new run from a checkpoint of another, with changed hyper-parameters"),
  Command.withExamples([
    {
      command: "ornstein branch runs/pendulum-20261121-064512-seed0 --at 5000 --set algorithm.tau=0.005",
      description: "What if the targets had moved faster from step 5,000 on?"
    }
  ])
)
