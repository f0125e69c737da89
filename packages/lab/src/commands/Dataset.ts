/** `ornstein dataset describe`. */
import type { Description } from "../datasets/index.ts"
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Numbers, Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

// pure core

const several = (count: number, one: string): string =>
  `${Numbers.integer(count)} ${one}${count === 1 ? "" : "s"}`

const rounded = (x: number): string => String(Number(x.toPrecision(4)))

const sideLine = ({ names, size, space }: Description.Side): string => {
  const parts = Object.entries(names).map(([name, width]) => `${name} ${width}`)
  const list = parts.length === 0 ? "" : ` (${parts.join(", ")})`
  return `${space ?? several(size, "number")}${list}`
}

const spreadLine = ({ max, mean, min, std }: Description.Spread): string =>
  `${rounded(mean)} ± ${rounded(std)}, from ${rounded(min)} to ${rounded(max)}`

/** A description for people. */
export const lines = (name: string, of: Description.Description): ReadonlyArray<string> => {
  const { lengths, reference } = of
  const from = lengths.shortest === lengths.longest ? "" : `${Numbers.integer(lengths.shortest)} to `
  const open = of.open === 0 ? "" : ", the last one open"
  const left = of.leftOut === 0 ? "" : `, ${of.leftOut} rows left out, whose next observation is not known`
  return [
    `${name}: ${of.format} (${of.storage})${of.id === null ? "" : `, ${of.id}`}`,
    ...Table.lines([
      ["  world", of.environment ?? "not said"],
      ["  episodes", `${Numbers.integer(of.episodes)}, of ${from}${several(lengths.longest, "step")}${open}`],
      [
        "  steps",
        `${Numbers.integer(of.steps)}: ${several(of.terminals, "terminal")}, ${several(of.timeouts, "timeout")}`
      ],
      ["  observation", sideLine(of.observation)],
      ["  action", sideLine(of.action)],
      ["  reward", `${spreadLine(of.rewards)}; the sum ${rounded(of.rewards.sum)}`],
      ["  return", spreadLine(of.return)],
      ...(reference === null
        ? []
        : [
            [
              "  normalised",
              `${reference.normalized.toFixed(1)}: 0 is a return of ${reference.minimum}, 100 of ${reference.maximum} (${reference.source})`
            ]
          ]),
      [
        "  learned from",
        of.problem === null ? `${several(of.transitions, "transition")}${left}` : `nothing: ${of.problem}`
      ],
      ...of.inferred.map((what) => ["  inferred", what]),
      ["  data", of.hash]
    ])
  ]
}

// the command

const describe = Reading.make(
  "describe",
  {
    file: Flags.pathArgument("file").pipe(
      Argument.withDescription(
        "A dataset: a file of safetensors, the folder of a dataset of Minari or its main_data.hdf5, or a file of D4RL"
      )
    ),
    reference: Flag.Literals("reference", ["halfcheetah-v2", "hopper-v2", "walker2d-v2", "ant-v2"]).pipe(
      Flag.withDescription("Also show the mean return between D4RL's scores for this world: 0 and 100"),
      Flag.optional
    ),
    json: Flags.jsonOf("the description as one line of JSON")
  },
  Effect.fn(function* ({ file, json, reference }) {
    const { Datasets, Description, Reference } = yield* Effect.promise(() => import("../datasets/index.ts"))
    const recorded = yield* Datasets.read(file)
    const described = Description.make(
      recorded,
      Option.getOrUndefined(Option.map(reference, Reference.named))
    )
    const output = yield* Output.Output
    if (json) return yield* output.line(JSON.stringify(described))
    for (const line of lines(file, described)) yield* output.line(line)
  }),
  ["dataset"]
).pipe(
  Command.withDescription("Say what is in a dataset, what was inferred, and what of it is learned from"),
  Command.withExamples([
    {
      command: "ornstein dataset describe pendulum/expert-v0 --json",
      description: "A dataset of Minari, for a program"
    }
  ])
)

const make = Reading.make(
  "make",
  {
    out: Flags.pathArgument("out").pipe(
      Argument.withDescription("The folder of the dataset, which is not there yet")
    ),
    from: Flag.String("from").pipe(
      Flag.withMetavar("SOURCE"),
      Flag.withDescription(
        "Who acts: random, or the directory of a run or an exported policy, with @STEP, @best, @last, @medium (a third of the way to its best, of the checkpoints that are there) or @expert (best), and :SHARE of the episodes; may be repeated"
      ),
      Flag.atLeast(1)
    ),
    env: Flags.environment,
    episodes: Flag.Int("episodes").pipe(
      Flag.withSchema(Field.intBetween(1, 1_000_000)),
      Flag.withDescription("Episodes in all (default: 100)"),
      Flag.withDefault(100)
    ),
    noise: Flag.Finite("noise").pipe(
      Flag.withSchema(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(10))),
      Flag.withDescription(
        "The deviation of gaussian noise on learned actions, where their bounds are -1 and 1 (default: 0.1)"
      ),
      Flag.withDefault(0.1)
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withAlias("s"),
      Flag.withDescription("Everything random follows from it (default: 0)"),
      Flag.withDefault(0)
    ),
    id: Flag.String("id").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("What Minari calls it: pendulum/mixed-v0 (default: the name of the folder)"),
      Flag.optional
    ),
    ...Using.ofRuns,
    json: Flags.jsonOf("what was made as one line of JSON")
  },
  Effect.fn(
    function* ({ env, episodes, from, id, json, noise, out, seed }) {
      const { make } = yield* Effect.promise(() => import("../gather/Gather.ts"))
      const made = yield* make({
        out,
        sources: from,
        environment: Option.getOrUndefined(env),
        episodes,
        noise,
        seed,
        id: Option.getOrUndefined(id)
      })
      const output = yield* Output.Output
      if (json) return yield* output.line(JSON.stringify(made))
      yield* output.line(
        `${out}: ${several(made.episodes, "episode")} of ${several(made.steps, "step")} in all, mean return ${rounded(made.return.mean)}`
      )
      for (const source of made.sources) {
        const mean = source.episodes === 0 ? "" : `, mean return ${rounded(source.return.mean)}`
        yield* output.line(`  ${source.from}: ${several(source.episodes, "episode")}${mean}`)
      }
    },
    Effect.scoped,
    (self, given) => Using.using(given)(self)
  ),
  ["dataset"]
).pipe(
  Command.withDescription("Make a dataset of episodes that policies play, in the layout of Minari"),
  Command.withExamples([
    {
      command: "ornstein dataset make pendulum-v0 --env Pendulum-v1 --from random:1 --from runs/a@best:1",
      description: "Half at random, half by what a run has learned"
    }
  ])
)

export const dataset = Command.make("dataset").pipe(
  Command.withDescription("Datasets that are learned from offline"),
  Command.withSubcommands([describe, make])
)
