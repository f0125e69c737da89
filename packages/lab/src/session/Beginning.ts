/** The beginning of a run on disk: its directory with its configuration and `run.json`, there at once. */
import * as Config from "@ornstein/core/Config"
import * as Engine from "@ornstein/core/Engine"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { Current, type Experiment, Updates } from "../experiment/index.ts"
import { type Record, RunDirectory, RunParts } from "../runs/index.ts"
import * as Version from "../version/Version.ts"

// models

/** What is decided of a new run. */
export interface Request<E = never, R = never> {
  readonly config: Experiment.Settings
  /** The run's name: that of its preset, or its algorithm and environment. */
  readonly name: string
  readonly preset: string | null
  /** The run directory; without it a new one under `runs/`. */
  readonly out: string | undefined
  readonly checkpoints: Record.Manifest["checkpoints"]
  /** Where it branches off, if it does. */
  readonly origin: Record.Origin | null
  /** The user's own parts of the run that it left, as they were and as they are. */
  readonly inherited?: ReadonlyArray<RunParts.Matched>
  /** Puts more into the directory, which has another name until it is complete. */
  readonly prepare?: (directory: string) => Effect.Effect<void, E, R>
}

// running

/** Makes the directory: its absolute path, and its `run.json`. */
export const make = Effect.fnUntraced(function* <E = never, R = never>(request: Request<E, R>) {
  const { checkpoints, config, inherited, name, origin, out, prepare, preset } = request
  const { seed, steps } = config.training
  const updatesPerStep = Updates.perStep(config)
  const { experiment } = yield* Current
  const sources = yield* RunParts.needed(config)
  const record: Record.Manifest = {
    format: 1,
    name,
    preset,
    seed,
    config: Config.hash(config),
    status: "running",
    steps,
    extended: [],
    ...(updatesPerStep === undefined ? {} : { updatesPerStep }),
    checkpoints,
    origin,
    reason: null,
    step: origin?.step ?? 0,
    startedAt: yield* Effect.map(DateTime.now, DateTime.formatIso),
    endedAt: null,
    wallSeconds: 0,
    versions: Version.versions(yield* Engine.Engine, experiment.world(config).spec),
    ...(sources.length === 0 ? {} : { parts: RunParts.recorded(sources, inherited) }),
    hash: null
  }
  const { files, format } = RunDirectory
  const content: RunDirectory.Content<E, R> = {
    texts: { [files.config]: format(config), [files.manifest]: format(record), ...RunParts.copies(sources) },
    ...(prepare === undefined ? {} : { prepare })
  }
  const directory = yield* out === undefined
    ? RunDirectory.create(name, seed, content)
    : RunDirectory.createAt(out, content)
  return { directory, record }
})
