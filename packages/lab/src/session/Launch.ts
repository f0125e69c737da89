/** From what a command line names (preset, file, overrides) to a run and its summary. */
import * as Fault from "@ornstein/core/Fault"
import * as Suggestion from "@ornstein/core/Suggestion"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Worldless } from "../datasets/index.ts"
import type { Sink } from "../events/index.ts"
import { ConfigFile, Current, type Experiment, Updates } from "../experiment/index.ts"
import * as Presets from "../presets/Presets.ts"
import type { Record } from "../runs/index.ts"
import * as Train from "./Train.ts"

// errors

/** No preset has this name, or an experiment was named twice or not at all. */
export class SourceError
  extends Schema.TaggedError<SourceError>()("SourceError", Fault.fields)
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Request {
  readonly preset?: string | undefined
  /** Path of a file. */
  readonly config?: string | undefined
  /** `path=value` */
  readonly overrides?: ReadonlyArray<string>
  readonly out?: string | undefined
  readonly checkpoints: Record.Manifest["checkpoints"]
  readonly findNan?: boolean
}

// pure core

const presetNamed = (name: string): Effect.Effect<Presets.Preset, SourceError> => {
  const found = Object.hasOwn(Presets.presets, name) ? Presets.presets[name] : undefined
  if (found !== undefined) return Effect.succeed(found)
  const nearest = Suggestion.nearest(name, Presets.names)
  const question = nearest === undefined ? "" : `Did you mean "${nearest}"? `
  const isFile = /[/\\]|\.(json|ya?ml|toml)$/i.test(name)
  return Effect.fail(
    new SourceError({
      what: `no preset is called "${name}"`,
      fix: isFile ? "Give a file with --config" : `${question}There are: ${Presets.names.join(", ")}`
    })
  )
}

/** The name of a run without a preset: `ddpg-pendulum`. */
const nameOf = ({ algorithm, environment }: Experiment.Settings): string =>
  `${algorithm.base}-${environment.kind}`

// running

/** The experiment that a request describes, and the preset it began with. */
export const resolve = Effect.fn("Launch.resolve")(function* ({
  config: file,
  overrides = [],
  preset
}: Request) {
  if (file === undefined && preset === undefined) {
    return yield* new SourceError({
      what: "no experiment is named",
      fix: `Give --preset (${Presets.names.join(", ")}) or --config FILE`
    })
  }
  if (file !== undefined && preset !== undefined) {
    return yield* new SourceError({
      what: "--preset and --config both name an experiment",
      fix: "Give one of them, and change its fields with --set"
    })
  }
  const begun = preset === undefined ? undefined : yield* presetNamed(preset)
  const named = file === undefined ? begun?.config : yield* ConfigFile.read(file, "followed")
  const input = yield* Worldless.completed(named, overrides)
  const { experiment } = yield* Current
  const config = yield* Effect.fromResult(experiment.decodeWith(input, overrides))
  return { config, preset: begun, warning: Updates.warning(input, overrides, config) }
})

/** Trains what the request describes. */
export const launch = Effect.fn("Launch.launch")(function* <E = never, R = never>(
  request: Request,
  audience: Partial<Sink.Audience<E, R>> = {}
) {
  const { experiment } = yield* Current
  const { config, preset, warning } = yield* resolve(request)
  if (warning !== undefined) yield* audience.note?.(`warning: ${warning}`) ?? Effect.void
  return yield* Train.run(
    {
      config,
      name: request.preset ?? nameOf(config),
      preset: request.preset,
      threshold: preset?.threshold,
      out: request.out,
      checkpoints: request.checkpoints,
      findNan: request.findNan ?? false
    },
    audience
  ).pipe(Effect.provide(experiment.layer(config)))
})
