/** `ornstein dataset describe`. */
import type { Description } from "../datasets/index.ts"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Numbers, Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"

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

export const dataset = Command.make("dataset").pipe(
  Command.withDescription("Datasets that are learned from offline"),
  Command.withSubcommands([describe])
)
