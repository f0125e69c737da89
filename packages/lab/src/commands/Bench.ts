/** `ornstein bench update`: how long one DDPG update of some size takes on this machine. */
import type * as Engine from "@ornstein/core/Engine"
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Output, Table } from "../terminal/index.ts"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"

// models

/** The most of each size. */
const MOST = 1_000_000

/** What is measured. */
const sizesWith = (engine: typeof Engine.Options) =>
  Schema.Struct({
    batch: Field.intBetween(1, MOST),
    hidden: Schema.NonEmptyArray(Field.intBetween(1, MOST)).check(Schema.isMaxLength(100)),
    observation: Field.intBetween(1, MOST),
    action: Field.intBetween(1, MOST),
    engine
  })

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
    ? `takes about ${((4 * numbers) / 2 ** 30).toFixed(0)} GiB with this batch, and ${(4 * NUMBERS) / 2 ** 30} GiB fit; ` +
        "choose narrower layers or a smaller batch"
    : undefined
}

// commands

const size = (name: string, description: string, value: number) =>
  Flag.Int(name).pipe(Flag.withDescription(`${description} (default ${value})`), Flag.withDefault(value))

const update = Command.make(
  "update",
  {
    batch: size("batch", "Transitions per update", 64),
    hidden: Flag.String("hidden").pipe(
      Flag.withDescription("Widths of the hidden layers, joined by commas (default 256,256)"),
      Flag.withDefault("256,256")
    ),
    observation: size("observation", "Numbers in an observation", 3),
    action: size("action", "Numbers in an action", 1),
    threads: Flag.Int("threads").pipe(
      Flag.withDescription("Threads of the engine (default: wasm 1, tensorflow one for every core)"),
      Flag.optional
    ),
    engine: Flag.String("engine").pipe(
      Flag.withDescription(
        "wasm, wasm:relaxed, tfjs:cpu, tfjs:webgpu, tfjs:webgpu:any (also in software), tensorflow:cpu or " +
          "tensorflow:gpu, tensorflow:gpu:tf32 (default wasm)"
      ),
      Flag.withDefault("wasm")
    ),
    json: Flags.jsonOf("the result as one line of JSON")
  },
  Effect.fn(function* ({ engine, hidden, json, threads, ...rest }) {
    const [Config, Engine, UpdateBench] = yield* Effect.promise(() =>
      Promise.all([
        import("@ornstein/core/Config"),
        import("@ornstein/core/Engine"),
        import("../doctor/UpdateBench.ts")
      ])
    )
    const sizes = yield* Effect.fromResult(
      Config.decode(
        {
          schema: sizesWith(Engine.Options),
          rules: [{ path: "hidden", reads: ["batch", "observation", "action"], check: tooLarge }],
          example: {}
        },
        { ...rest, hidden: hidden.split(",").map(Number), engine: Engines.options(engine, threads) }
      )
    )
    const result = yield* Engine.open(sizes.engine).pipe(
      Effect.flatMap((engine) => Engine.attempt(() => UpdateBench.measure({ ...sizes, engine }))),
      Effect.scoped
    )
    const output = yield* Output.Output
    if (json) return yield* output.line(JSON.stringify(result))
    const rows = [
      ["update", `${result.milliseconds.toFixed(3)} ms`],
      ["products", `${result.gflops.toFixed(1)} Gflop/s`],
      ["of the plain product", result.peakFraction.toFixed(2)],
      ["acting", `${result.actingMilliseconds.toFixed(4)} ms`],
      ["trace and compile", `${result.compileMilliseconds.toFixed(0)} ms`],
      ["allocated", `${result.allocatedBytesPerCall} bytes a call`]
    ]
    for (const line of Table.lines(rows)) yield* output.line(line)
  })
).pipe(Command.withDescription("Time a whole DDPG update: losses, gradients, Adam, target updates"))

export const bench = Command.make("bench").pipe(
  Command.withDescription("Measure this machine"),
  Command.withSubcommands([update])
)
