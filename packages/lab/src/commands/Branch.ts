/** `ornstein branch`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Flags from "./Flags.ts"
import * as Listeners from "./Listeners.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const branch = Reading.make(
  "branch",
  {
    run: Flags.pathArgument("run").pipe(Argument.withDescription("The directory of the run to branch off")),
    at: Flag.Int("at").pipe(
      Flag.withSchema(Field.nonNegativeInt),
      Flag.withMetavar("STEP"),
      Flag.withDescription("The step of the checkpoint to begin with (default: the newest)"),
      Flag.optional
    ),
    set: Flags.set("What is different in the branch"),
    steps: Flag.Int("steps").pipe(
      Flag.withDescription("Environment steps in all, those before the branch included: training.steps"),
      Flag.optional
    ),
    out: Flags.path("out").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("DIR"),
      Flag.withDescription("The branch's run directory, new or empty (default: a new one under runs/)"),
      Flag.optional
    ),
    every: Flags.every.pipe(Flag.withDefault(5000)),
    keep: Flags.keep.pipe(Flag.withDefault(3)),
    findNan: Flags.findNan,
    ...Using.ofRuns,
    ...Flags.listeners
  },
  Effect.fn(function* ({
    acceptChangedParts,
    at,
    every,
    findNan,
    keep,
    out,
    parts,
    run,
    set,
    steps,
    ...listeners
  }) {
    const Branch = yield* Effect.promise(() => import("../session/Branch.ts"))
    const request = {
      run,
      at: Option.getOrUndefined(at),
      overrides: [
        ...set,
        ...Option.match(steps, { onNone: () => [], onSome: (n) => [`training.steps=${n}`] })
      ],
      out: Option.getOrUndefined(out),
      checkpoints: { every, keep },
      findNan
    }
    yield* Listeners.hearing(listeners, (audience) => Branch.run(request, audience)).pipe(
      Using.using({ parts, acceptChangedParts })
    )
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
