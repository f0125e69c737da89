/** `ornstein train`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Presets from "../presets/Presets.ts"
import * as Flags from "./Flags.ts"
import * as Listeners from "./Listeners.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

export const train = Reading.make(
  "train",
  {
    preset: Flag.String("preset").pipe(
      Flag.withAlias("p"),
      Flag.withMetavar("NAME"),
      Flag.withDescription(`An experiment by name: ${Presets.names.join(", ")}`),
      Flag.optional
    ),
    config: Flags.path("config").pipe(
      Flag.withAlias("c"),
      Flag.withMetavar("FILE"),
      Flag.withDescription("An experiment from a JSON, YAML or TOML file (see `ornstein schema`)"),
      Flag.optional
    ),
    set: Flags.set("Override a field"),
    seed: Flag.Int("seed").pipe(
      Flag.withAlias("s"),
      Flag.withDescription("Everything random follows from it: training.seed (default 0)"),
      Flag.optional
    ),
    steps: Flag.Int("steps").pipe(Flag.withDescription("Environment steps: training.steps"), Flag.optional),
    workers: Flags.workers,
    out: Flags.path("out").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("DIR"),
      Flag.withDescription("The run directory, new or empty (default: runs/<name>-<date>-seed<k>)"),
      Flag.optional
    ),
    every: Flags.every.pipe(Flag.withDefault(5000)),
    keep: Flags.keep.pipe(Flag.withDefault(3)),
    findNan: Flags.findNan,
    ...Using.flags,
    ...Flags.listeners
  },
  Effect.fn(function* ({
    config,
    every,
    findNan,
    keep,
    out,
    parts,
    preset,
    seed,
    set,
    steps,
    workers,
    ...listeners
  }) {
    // TensorFlow.js takes long to load: only commands that compute load it.
    const { launch } = yield* Effect.promise(() => import("../session/Launch.ts"))
    const request = {
      preset: Option.getOrUndefined(preset),
      config: Option.getOrUndefined(config),
      overrides: [
        ...set,
        ...Option.match(seed, { onNone: () => [], onSome: (k) => [`training.seed=${k}`] }),
        ...Option.match(steps, { onNone: () => [], onSome: (n) => [`training.steps=${n}`] }),
        ...Option.match(workers, { onNone: () => [], onSome: (k) => [`training.workers=${k}`] })
      ],
      out: Option.getOrUndefined(out),
      checkpoints: { every, keep },
      findNan
    }
    yield* Listeners.hearing(listeners, (audience) => launch(request, audience)).pipe(Using.using({ parts }))
  })
).pipe(
  Command.withDescription("Train a learner and leave a run directory"),
  Command.withExamples([
    { command: "ornstein train --preset pendulum", description: "DDPG swings a pendulum up" },
    {
      command: "ornstein train --config my.yaml --set training.batchSize=128 --seed 3",
      description: "Your own experiment, with changes"
    },
    {
      command: "ornstein train --with parts.ts --config mine.yaml",
      description: "The same with variants, environments, ... of your own, which parts.ts exports"
    }
  ])
)
