/**
 * A policy that was saved, with the world that it acts in: what a run has left behind at one of its checkpoints, or a
 * file that `ornstein export` has written. Neither a replay nor an update is made for it, and a run that was trained on a
 * GPU is acted on without one.
 *
 * ```ts
 * const { batched, environment } = yield* SavedPolicy.open({ from: "runs/a", at: "best" })
 * const { mean } = yield* Evaluation.run(environment, batched, { episodes: 100 })
 * ```
 */
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Mistake from "@ornstein/core/Mistake"
import * as Policy from "@ornstein/core/Policy"
import * as PolicyError from "@ornstein/core/PolicyError"
import * as PolicyFile from "@ornstein/core/PolicyFile"
import * as Printable from "@ornstein/core/Printable"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Environments from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { Current, Experiment } from "../experiment/index.ts"
import * as Place from "../place/Place.ts"
import { RunRecord } from "../runs/index.ts"
import { Output, Signals } from "../terminal/index.ts"
import * as Version from "../version/Version.ts"

// models

export interface Request {
  /** The directory of a run, or a file. */
  readonly from: string
  /** Of a run: which checkpoint; the last one if not given. */
  readonly at?: CheckpointDirectory.Which | undefined
  /** The id of another world with the same spaces. */
  readonly environment?: string | undefined
  /** What acts; the run's own engine if not given, or `auto` where that needs a GPU. */
  readonly engine?: Experiment.Settings["engine"] | undefined
}

export interface SavedPolicy {
  readonly value: Policy.Policy
  /** With actions in its own units. */
  readonly environment: Environment.Environment
  /** How the run evaluates, or the defaults. */
  readonly evaluation: Evaluation.Options
  /** What acts. */
  readonly engine: Experiment.Settings["engine"]
  /** What a run was trained on, and made by. */
  readonly origin?: {
    readonly engine: Experiment.Settings["engine"]
    readonly versions: { readonly [name: string]: string }
  }
}

export interface Opened extends SavedPolicy {
  /** What acts: `wasm`, `tfjs:cpu`, ... */
  readonly actor: string
  /** Without exploration. */
  readonly policy: Evaluation.Policy
  /** The same on several observations in one call. */
  readonly batched: Evaluation.Batched
}

// pure core

/** `auto`, `wasm`, `tfjs:webgpu`, `tensorflow:gpu`; one of your own by its kind. */
const nameOf = (engine: Experiment.Settings["engine"]): string => {
  const variant = JsonPath.child(engine, "backend") ?? JsonPath.child(engine, "device")
  if (typeof variant === "string") return `${engine.kind}:${variant}`
  const otherBits = ["fused", "relaxed"].filter((name) => JsonPath.child(engine, name) === true)
  return [engine.kind, ...otherBits].join(":")
}

const AUTO = Engine.Options.make({ kind: "auto" })

/** Does it need a device that another machine may lack? */
const needsDevice = (engine: Experiment.Settings["engine"]): boolean =>
  ["tfjs:webgpu", "tensorflow:gpu"].includes(nameOf(engine))

/** What a description of a world names that is in no catalogue: `the wrapper "slippery"`. */
const unknownOf = (configuration: unknown, { catalogues }: Experiment.Experiment): string | undefined => {
  const around = JsonPath.child(configuration, "wrappers")
  const named = [
    ["world", catalogues.worlds, configuration] as const,
    ...(Array.isArray(around) ? around : []).map(
      (wrapper: unknown) => ["wrapper", catalogues.wrappers, wrapper] as const
    )
  ]
  for (const [what, { parts }, options] of named) {
    const kind = JsonPath.child(options, "kind")
    if (!parts.some((part) => part.kind === kind))
      return `the ${what} ${Printable.inline(JSON.stringify(kind) ?? "")}`
  }
  return undefined
}

// reading

/** The world of a file: the one that was asked for, else the one that the file describes. */
const worldOf = Effect.fnUntraced(function* ({ environment, from }: Request, { spec }: Policy.Policy) {
  const { experiment } = yield* Current
  const find = (id: string) => Environments.find(id, experiment.entries)
  const refused = (what: string, fix: string) =>
    new PolicyError.PolicyError({
      policy: from,
      what: `the world ${Printable.inline(spec.id)} that it describes ${what}`,
      fix: `${fix}, or name another world with --env`
    })
  const foreign = (what: string) => refused(what, "Give the module that it comes from as --with FILE")
  if (environment !== undefined) return (yield* find(environment)).environment
  const { configuration } = spec
  if (configuration === undefined) {
    return (yield* Effect.mapError(find(spec.id), () => foreign("is none of those that are known here")))
      .environment
  }
  const unknown = unknownOf(configuration, experiment)
  if (unknown !== undefined) {
    return yield* foreign(`is made with ${unknown}, which none of the parts that are known here is`)
  }
  const world = experiment.worldFrom(configuration)
  if (Result.isSuccess(world)) return world.success
  return yield* refused(
    `cannot be made here: ${world.failure.mistakes.map((mistake) => Mistake.line(mistake)).join("; ")}`,
    "Use the version of Ornstein, or of your own parts, that wrote it"
  )
})

const ofFile = Effect.fnUntraced(function* (request: Request) {
  const { from } = request
  const bytes = yield* Effect.mapError(
    RegularFile.read(from, { most: RegularFile.LARGE, links: "followed" }),
    Place.fault(from, "Give the directory of a run, or a file that `ornstein export` has written")
  )
  const decoded = PolicyFile.decode(from, bytes)
  const run = (yield* Path.Path).dirname(from)
  if (Result.isFailure(decoded) && (yield* Place.isRun(run))) {
    return yield* Place.wrong(from, decoded.failure.what, `Give the run that it is of, ${run}`)
  }
  const value = yield* Effect.fromResult(decoded)
  if (request.at !== undefined) {
    return yield* new PolicyError.PolicyError({
      policy: from,
      what: "a file holds one policy, and --at chooses among those of a run",
      fix: "Leave --at out"
    })
  }
  const saved: SavedPolicy = {
    value,
    environment: yield* worldOf(request, value),
    evaluation: Evaluation.Options.make({}),
    engine: request.engine ?? AUTO
  }
  return saved
})

const ofRun = Effect.fnUntraced(function* ({ at = "last", engine, environment, from }: Request) {
  const record = yield* RunRecord.open(from)
  const { config, manifest } = record
  const { found, passedOver } = yield* RunRecord.stateAt(record, at)
  const aside = yield* Output.Aside
  for (const error of passedOver) yield* aside.line(`warning: ${error.message}`)
  const { experiment } = yield* Current
  const own = experiment.world(config)
  const { action, id, observation } = own.spec
  const value = yield* Policy.ofState({
    learner: yield* experiment.learner(config),
    spec: { id, observation, action, configuration: Experiment.worldInput(config) },
    state: found.state,
    normalize: config.training.normalize
  })
  const saved: SavedPolicy = {
    value,
    environment:
      environment === undefined
        ? own
        : (yield* Environments.find(environment, experiment.entries)).environment,
    evaluation: Experiment.episodesOf(config),
    engine: engine ?? (needsDevice(config.engine) ? AUTO : config.engine),
    origin: { engine: config.engine, versions: manifest.versions }
  }
  return saved
})

/** Reads a policy, from a run in any state of completion or from a file; nothing is compiled. */
export const read = Effect.fn("SavedPolicy.read")(function* (request: Request) {
  const type = yield* Place.typeAt(request.from)
  const saved = yield* type !== undefined && type !== "Directory" ? ofFile(request) : ofRun(request)
  yield* Effect.fromResult(Policy.fits(saved.value, saved.environment.spec))
  return saved
})

/** Says where the versions of a run are not those of now; what belongs to an engine is another on another one. */
const compareVersions = Effect.fnUntraced(function* (
  was: { readonly [name: string]: string },
  { spec }: Environment.Environment
) {
  const now = Version.versions(yield* Engine.Engine, spec)
  const names = Object.keys(was).filter((name) => Object.hasOwn(now, name) && name !== "engine")
  const shared = (of: { readonly [name: string]: string }) =>
    Object.fromEntries(names.map((name) => [name, of[name]]))
  const differing =
    was["engine"] === now["engine"]
      ? RunRecord.differences(was, now)
      : RunRecord.differences(shared(was), shared(now))
  if (differing.length === 0) return
  yield* (yield* Output.Aside).line(
    `note: the run was made with other versions (${differing.map(Printable.inline).join("; ")})`
  )
})

/** Says that a run was trained on a device which its policy does without. */
const tellEngine = Effect.fnUntraced(function* (own: Experiment.Settings["engine"]) {
  const aside = yield* Output.Aside
  yield* aside.line(
    `note: the run was trained on ${nameOf(own)}; its policy acts on the processor (--engine ${nameOf(own)} chooses its own)`
  )
})

/** Reads a policy and compiles what acts; the scope frees its engine. */
export const open = Effect.fn("SavedPolicy.open")(function* (request: Request) {
  const saved = yield* read(request)
  const { origin } = saved
  if (origin !== undefined && request.engine === undefined && needsDevice(origin.engine)) {
    yield* tellEngine(origin.engine)
  }
  const { experiment } = yield* Current
  const engine = yield* experiment.engine(saved.engine)
  return yield* Effect.gen(function* () {
    if (origin !== undefined) yield* compareVersions(origin.versions, saved.environment)
    const { act, engine: actor } = yield* Signals.deadly(Policy.open(saved.value))
    const batched = yield* Signals.deadly(Policy.batched(saved.value))
    const opened: Opened = { ...saved, actor, policy: act, batched }
    return opened
  }).pipe(Effect.provideService(Engine.Engine, engine))
})
