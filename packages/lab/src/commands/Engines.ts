/** Engines by name, as commands take them: `wasm`, `tfjs:cpu`, `tensorflow:gpu`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"

/** What acts. */
export const acting = Flag.String("engine").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription(
    "What acts: wasm, tfjs:cpu, tfjs:webgpu, tensorflow:cpu, tensorflow:gpu (default: the run's own, wasm where that is a GPU)"
  ),
  Flag.optional
)

/** The engine of this name, as the configuration of an experiment has it. */
export const options = (name: string, threads: Option.Option<number> = Option.none()): unknown => {
  const [kind, variant, adapter] = name.split(":")
  const given = Option.match(threads, { onNone: () => ({}), onSome: (threads) => ({ threads }) })
  if (kind === "tfjs") return { kind, backend: variant, ...(adapter === undefined ? {} : { adapter }) }
  if (kind === "tensorflow") {
    return { kind, device: variant ?? "cpu", ...given, ...(adapter === "tf32" ? { tf32: true } : {}) }
  }
  return kind === "wasm" && (variant === undefined || variant === "relaxed")
    ? { kind, ...given, relaxed: variant === "relaxed" }
    : { kind: name, ...given }
}

/** The engine that was named, decoded; nothing where none was. */
export const decoded = Effect.fnUntraced(function* (name: Option.Option<string>) {
  if (Option.isNone(name)) return undefined
  const { Current } = yield* Effect.promise(() => import("../experiment/index.ts"))
  const { experiment } = yield* Current
  return yield* Effect.fromResult(experiment.engineFrom(options(name.value)))
})
