/** Engines by name, as commands take them: `auto`, `native:fused`, `wasm`, `tfjs:cpu`, `tensorflow:gpu`. */
import * as Fault from "@ornstein/core/Fault"
import * as Printable from "@ornstein/core/Printable"
import * as Suggestion from "@ornstein/core/Suggestion"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

// errors

/** No engine has this name. */
export class EngineNameError
  extends Schema.TaggedError<EngineNameError>()("EngineNameError", {
    engine: Schema.String,
    names: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  readonly where = "--engine"
  get what(): string {
    return `no engine is called "${Printable.inline(this.engine)}"`
  }
  get fix(): string {
    const nearest = Suggestion.nearest(this.engine, this.names)
    return `${nearest === undefined ? "" : `Did you mean ${nearest}? `}There are: ${this.names.join(", ")}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// names

/** Ours, in every form. */
const OURS: ReadonlyArray<string> = [
  "auto",
  "native",
  "native:fused",
  "native:avx512",
  "native:avx2",
  "native:fused:avx512",
  "native:fused:avx2",
  "wasm",
  "wasm:relaxed",
  "tfjs:cpu",
  "tfjs:webgpu",
  "tfjs:webgpu:any",
  "tensorflow:cpu",
  "tensorflow:gpu",
  "tensorflow:gpu:tf32"
]

/** A flag that names an engine: refused by it unless modules of the user's own may bring more. */
const known = (flag: Flag.Flag<string>): Flag.Flag<string> =>
  Reading.readBy(flag, (args) =>
    Effect.gen(function* () {
      const read = yield* flag.parse(args)
      const [, value] = read
      if (OURS.includes(value) || (yield* Using.mayBring(args.flags))) return read
      const nearest = Suggestion.nearest(value, OURS)
      return yield* new CliError.InvalidValue({
        option: "engine",
        value,
        kind: "flag",
        expected: `${nearest === undefined ? "" : `perhaps ${nearest}, `}one of ${OURS.join(", ")}`
      })
    })
  )

/** What acts. */
export const acting = Flag.String("engine").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription(
    "What acts: auto, native, wasm, tfjs:cpu, tfjs:webgpu, tensorflow:cpu, tensorflow:gpu (default: the run's own, " +
      "auto where that is a GPU)"
  ),
  known,
  Flag.optional
)

/** What computes instead of a run's own engine. */
export const instead = Flag.String("engine").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription(
    "What computes: auto, native or wasm, whose bits are the same (default: the run's own)"
  ),
  known,
  Flag.optional
)

/** What is measured. */
export const measured = Flag.String("engine").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription(
    "auto, native, native:fused, native:avx2, wasm, wasm:relaxed, tfjs:cpu, tfjs:webgpu, tfjs:webgpu:any (also in " +
      "software), tensorflow:cpu, tensorflow:gpu or tensorflow:gpu:tf32 (default auto)"
  ),
  known,
  Flag.withDefault("auto")
)

/** The engine of this name, as the configuration of an experiment has it. */
export const options = (name: string, threads: Option.Option<number> = Option.none()): unknown => {
  const [kind, variant, adapter, ...more] = name.split(":")
  if (more.length > 0) return { kind: name }
  const given = Option.match(threads, { onNone: () => ({}), onSome: (threads) => ({ threads }) })
  if (kind === "tfjs") {
    return { kind, backend: variant, ...(adapter === undefined ? {} : { adapter }), ...given }
  }
  if (kind === "tensorflow") {
    return { kind, device: variant ?? "cpu", ...given, ...(adapter === "tf32" ? { tf32: true } : {}) }
  }
  if (kind === "native") {
    const fused = variant === "fused"
    const level = fused ? adapter : variant
    if (!fused && adapter !== undefined) return { kind: name }
    return { kind, ...given, fused, ...(level === undefined ? {} : { level }) }
  }
  return kind === "wasm" && adapter === undefined && (variant === undefined || variant === "relaxed")
    ? { kind, ...given, relaxed: variant === "relaxed" }
    : { kind: name, ...given }
}

/** The engine that was named, decoded. */
export const named = Effect.fnUntraced(function* (name: string, threads?: Option.Option<number>) {
  const { Current } = yield* Effect.promise(() => import("../experiment/index.ts"))
  const { experiment } = yield* Current
  const others = experiment.catalogues.engines.parts
    .map(({ kind }) => kind)
    .filter((kind) => !OURS.some((ours) => ours.split(":")[0] === kind))
  const names = [...OURS, ...others]
  return yield* Effect.mapError(Effect.fromResult(experiment.engineFrom(options(name, threads))), (error) =>
    names.includes(name) ? error : new EngineNameError({ engine: name, names })
  )
})

/** The same; nothing where none was. */
export const decoded = Effect.fnUntraced(function* (name: Option.Option<string>) {
  return Option.isNone(name) ? undefined : yield* named(name.value)
})
