/** `ornstein bench update`: how long one DDPG update of some size takes on this machine. */
import * as Fault from "@ornstein/core/Fault"
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output, Signals, Table } from "../terminal/index.ts"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"

// errors

/** A network that no engine holds. */
export class SizesError
  extends Schema.TaggedError<SizesError>()("SizesError", { what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  readonly where = "--hidden"
  readonly fix = "Choose narrower layers or a smaller batch"
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** The most of each size. */
const MOST = 1_000_000

/** The most hidden layers. */
const LAYERS = 100

/** The most numbers that parameters with their targets and moments, or a minibatch on its way through them, may be. */
const NUMBERS = 2 ** 29

/** Why sizes are refused that no engine holds: asked before anything is made. */
const tooLarge = (sizes: {
  readonly batch: number
  readonly hidden: ReadonlyArray<number>
  readonly observation: number
  readonly action: number
}): string | undefined => {
  const { action, batch, hidden, observation } = sizes
  const widths = [observation + action, ...hidden]
  const weights = hidden.reduce((sum, width, layer) => sum + width * (widths[layer] ?? 1), 0)
  const numbers = 8 * weights + 8 * batch * widths.reduce((sum, width) => sum + width, 0)
  return numbers > NUMBERS
    ? `takes about ${((4 * numbers) / 2 ** 30).toFixed(0)} GiB with this batch, and ${(4 * NUMBERS) / 2 ** 30} GiB fit`
    : undefined
}

// commands

const size = (name: string, description: string, value: number) =>
  Flag.Int(name).pipe(
    Flag.withSchema(Field.intBetween(1, MOST)),
    Flag.withDescription(`${description} (default ${value})`),
    Flag.withDefault(value)
  )

const widthsOf = (text: string): Option.Option<readonly [number, ...ReadonlyArray<number>]> => {
  const [first = 0, ...others] = text.split(",").map(Number)
  const widths: readonly [number, ...ReadonlyArray<number>] = [first, ...others]
  const isWidth = (width: number): boolean => Number.isInteger(width) && width >= 1 && width <= MOST
  return widths.length <= LAYERS && widths.every(isWidth) ? Option.some(widths) : Option.none()
}

const update = Reading.make(
  "update",
  {
    batch: size("batch", "Transitions per update", 64),
    hidden: Flag.String("hidden").pipe(
      Flag.filterMap(widthsOf, () => `widths from 1 to ${MOST}, joined by commas, ${LAYERS} at most`),
      Flag.withDescription("Widths of the hidden layers, joined by commas (default 256,256)"),
      Flag.withDefault([256, 256])
    ),
    observation: size("observation", "Numbers in an observation", 3),
    action: size("action", "Numbers in an action", 1),
    threads: Flag.Int("threads").pipe(
      Flag.withSchema(Field.intBetween(1, 64)),
      Flag.withDescription("Threads of the engine (default: 1, tensorflow one for every core)"),
      Flag.optional
    ),
    engine: Engines.measured,
    json: Flags.jsonOf("the result as one line of JSON")
  },
  Effect.fn(function* ({ engine, hidden, json, threads, ...rest }) {
    const [Engine, UpdateBench, { Current }] = yield* Effect.promise(() =>
      Promise.all([
        import("@ornstein/core/Engine"),
        import("../doctor/UpdateBench.ts"),
        import("../experiment/index.ts")
      ])
    )
    const what = tooLarge({ ...rest, hidden })
    if (what !== undefined) return yield* new SizesError({ what })
    const { experiment } = yield* Current
    const result = yield* experiment.engine(yield* Engines.named(engine, threads)).pipe(
      Effect.flatMap((engine) =>
        Signals.deadly(
          Engine.attempt(() =>
            UpdateBench.measure({ ...rest, hidden, threads: Option.getOrElse(threads, () => 1), engine })
          )
        )
      ),
      Effect.scoped
    )
    const output = yield* Output.Output
    if (json) return yield* output.line(JSON.stringify(result))
    const rows = [
      ["update", `${result.milliseconds.toFixed(3)} ms`],
      ["products", `${result.gflops.toFixed(1)} Gflop/s`],
      ["of the peak", result.peakFraction.toFixed(2)],
      ["acting", `${result.actingMilliseconds.toFixed(4)} ms`],
      ["trace and compile", `${result.compileMilliseconds.toFixed(0)} ms`],
      ["allocated", `${result.allocatedBytesPerCall} bytes a call`]
    ]
    for (const line of Table.lines(rows)) yield* output.line(line)
  }),
  ["bench"]
).pipe(Command.withDescription("Time a whole DDPG update: losses, gradients, Adam, target updates"))

export const bench = Command.make("bench").pipe(
  Command.withDescription("Measure this machine"),
  Command.withSubcommands([update])
)
