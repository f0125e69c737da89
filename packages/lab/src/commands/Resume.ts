/** `ornstein resume`. */
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"
import * as Listeners from "./Listeners.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const resume = Reading.make(
  "resume",
  {
    run: Flags.pathArgument("run").pipe(Argument.withDescription("The directory of a run")),
    steps: Flag.Int("steps").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Environment steps in all, to extend a run or to end it earlier"),
      Flag.optional
    ),
    every: Flag.optional(Flags.every),
    keep: Flag.optional(Flags.keep),
    force: Flag.Boolean("force").pipe(
      Flag.withDescription(
        "Take the run over from a process that holds its lock; that one stops, if it is there"
      ),
      Flag.withDefault(false)
    ),
    engine: Engines.instead,
    workers: Flags.workers,
    findNan: Flags.findNan,
    ...Using.ofRuns,
    ...Flags.listeners
  },
  Effect.fn(function* ({
    acceptChangedParts,
    engine,
    every,
    findNan,
    force,
    keep,
    parts,
    run,
    steps,
    workers,
    ...listeners
  }) {
    const Resume = yield* Effect.promise(() => import("../session/Resume.ts"))
    const request = {
      run,
      engine: yield* Engines.decoded(engine),
      workers: Option.getOrUndefined(workers),
      steps: Option.getOrUndefined(steps),
      every: Option.getOrUndefined(every),
      keep: Option.getOrUndefined(keep),
      force,
      findNan
    }
    yield* Listeners.hearing(listeners, (audience) => Resume.run(request, audience)).pipe(
      Using.using({ parts, acceptChangedParts })
    )
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
