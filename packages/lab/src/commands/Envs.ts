/** `ornstein envs` and `ornstein envs check`. */
import * as Fault from "@ornstein/core/Fault"
import type * as Recording from "@ornstein/envs/Recording"
import type * as Registry from "@ornstein/envs/Registry"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output, Table } from "../terminal/index.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

// errors

/** Ours is further from a recording than it may be. */
export class ToleranceError
  extends Schema.TaggedError<ToleranceError>()("ToleranceError", {
    file: Schema.String,
    tolerance: Schema.Finite,
    distance: Schema.Number,
    /** The episodes beyond the tolerance. */
    labels: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.file
  }
  get what(): string {
    const away = Number.isFinite(this.distance)
      ? `${this.distance} away`
      : "different in its flags or lengths"
    return `${away}, where ${this.tolerance} is allowed, in: ${this.labels.join(", ")}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

const listed = ({ id, options, environment: { spec } }: Registry.Entry) => ({
  id,
  description: spec.description,
  observation: spec.observation,
  action: spec.action,
  timeLimit: spec.timeLimit ?? null,
  timeStep: spec.timeStep ?? null,
  rewardThreshold: spec.rewardThreshold ?? null,
  source: spec.source ?? null,
  options
})

const described = (
  { id, configuration, environment: { spec } }: Registry.Entry,
  format: typeof Space.format
): ReadonlyArray<string> => [
  `${id}: ${spec.description}`,
  `    observations ${format(spec.observation)}`,
  `    actions      ${format(spec.action)}`,
  `    ends         ${spec.timeLimit === undefined ? "no limit" : `after ${spec.timeLimit} steps at most`}` +
    (spec.rewardThreshold === undefined ? "" : `; solved at ${spec.rewardThreshold}`),
  `    truth        ${spec.source ?? "this definition"}`,
  `    configure    "environment": ${JSON.stringify(configuration)}`
]

const number = (x: number): string =>
  x === 0 ? "0" : Number.isFinite(x) ? x.toExponential(1) : "other length"

const cells = ({ state, observation, reward, flags }: Recording.Deviation): ReadonlyArray<string> => [
  number(state),
  number(observation),
  number(reward),
  String(flags)
]

const largest = (distances: ReadonlyArray<number>): number => distances.reduce((a, b) => Math.max(a, b), 0)

const COLUMNS = ["state", "observation", "reward", "flags"]

const tableOf = (comparisons: ReadonlyArray<Recording.Comparison>, width: number): ReadonlyArray<string> =>
  Table.fit(
    ["episode", "steps", "compared", ...COLUMNS],
    comparisons.flatMap(({ label, steps, start, stepwise, freeRunning }) => [
      [label, String(steps), "start", ...cells(start)],
      ["", "", "step by step", ...cells(stepwise)],
      ["", "", "free-running", ...cells(freeRunning)]
    ]),
    width
  )

// commands

const check = Reading.make(
  "check",
  {
    file: Flags.pathArgument("file").pipe(Argument.withDescription("A recorded trajectory, JSON")),
    tolerance: Flag.Finite("tolerance").pipe(
      Flag.withDescription("The largest deviation that passes (default: 1e-9)"),
      Flag.withDefault(1e-9)
    ),
    json: Flags.jsonOf("the comparison as one line of JSON")
  },
  Effect.fn(function* ({ file, json, tolerance }) {
    const [Recording, Registry] = yield* Effect.promise(() =>
      Promise.all([import("@ornstein/envs/Recording"), import("@ornstein/envs/Registry")])
    )
    const output = yield* Output.Output
    const recording = yield* Recording.read(file)
    const { recorded } = yield* Registry.find(recording.meta.env)
    if (recorded === undefined) {
      const reason = `${recording.meta.env} cannot be set to recorded states`
      return yield* new Recording.RecordingError({
        file,
        what: reason,
        fix: "`ornstein envs` says what comes from elsewhere"
      })
    }
    const comparisons = yield* Effect.forEach(recording.episodes, (episode) =>
      Recording.compare(recorded, episode)
    )
    if (json) yield* output.line(JSON.stringify(comparisons))
    else for (const line of tableOf(comparisons, output.width)) yield* output.line(line)

    const furthest = (each: Recording.Comparison) =>
      largest([each.start, each.stepwise, each.freeRunning].map(Recording.distance))
    const beyond = comparisons.filter((each) => furthest(each) > tolerance)
    if (beyond.length === 0) return
    const labels = beyond.map(({ label }) => label)
    return yield* new ToleranceError({ file, tolerance, labels, distance: largest(beyond.map(furthest)) })
  }),
  ["envs"]
).pipe(
  Command.withDescription(
    "Replay a recording from its start, step by step from the recorded states, and free-running; fail beyond the tolerance"
  )
)

export const envs = Reading.make(
  "envs",
  { ...Using.flags, json: Flags.jsonOf("a JSON array") },
  Effect.fn(
    function* ({ json }) {
      const [{ Current }, { format }] = yield* Effect.promise(() =>
        Promise.all([import("../experiment/index.ts"), import("@ornstein/core/Space")])
      )
      const { experiment } = yield* Current
      const { entries } = experiment
      const output = yield* Output.Output
      if (json) return yield* output.line(JSON.stringify(entries.map(listed)))
      for (const entry of entries) for (const line of described(entry, format)) yield* output.line(line)
    },
    (self, given) => Using.using(given)(self)
  )
).pipe(Command.withDescription("List the environments"), Command.withSubcommands([check]))
