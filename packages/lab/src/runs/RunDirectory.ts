/**
 * The directory of a run: everything that is known of it, in files that explain themselves. What is deterministic (the
 * configuration, metrics, evaluations, checkpoints) is kept apart from what is not (times), so that two runs of one
 * configuration can be compared byte for byte.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Durable from "@ornstein/core/Durable"
import * as FileWords from "@ornstein/core/FileWords"
import * as JsonText from "@ornstein/core/JsonText"
import * as PolicyFile from "@ornstein/core/PolicyFile"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Place from "../place/Place.ts"
import * as Record from "./Record.ts"

// errors

/** The place of a new run is taken. */
export class OccupiedError
  extends Schema.TaggedError<OccupiedError>()("OccupiedError", { path: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  get what(): string {
    return "there is something here already, and a run is never overwritten"
  }
  get fix(): string {
    return "Name another directory with --out, or leave --out away for a new one under runs/"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** There is no run where one was looked for. */
export class NoRunError
  extends Schema.TaggedError<NoRunError>()("NoRunError", { path: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** A run directory that cannot be written or read: where, why, and how to fix it. */
export class RunDirectoryError
  extends Schema.TaggedError<RunDirectoryError>()("RunDirectoryError", {
    path: Schema.String,
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** Another process has taken this run over: nothing more is written here, so that nothing of its is damaged. */
export class LostError
  extends Schema.TaggedError<LostError>()("LostError", { path: Schema.String, reason: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.path
  }
  get what(): string {
    return `${this.reason}, so this process has stopped and writes nothing more`
  }
  get fix(): string {
    return "Only one process may go on with a run: `ornstein runs` says whether one does"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** What can go wrong with writing. */
export type WriteError = RunDirectoryError | LostError

// models

export const files = {
  readme: "README.md",
  config: "config.json",
  manifest: "run.json",
  metrics: "metrics.jsonl",
  evaluations: "evaluations.jsonl",
  timing: "timing.jsonl",
  checkpoints: "checkpoints",
  origin: "origin"
} as const

/** The tables: lines with a `step` each, appended as training goes on. */
export const TABLES: ReadonlyArray<string> = [files.metrics, files.evaluations, files.timing]

const README = `# A run of Ornstein

| file | what it is |
| --- | --- |
| config.json | the whole configuration, defaults included; \`ornstein train --config config.json\` repeats the run |
| run.json | name, seed, versions, how far it came, and the hashes that a repetition must reproduce |
| metrics.jsonl | a line for every slice: returns and lengths of the episodes that ended in it, losses, noise |
| evaluations.jsonl | a line for every evaluation: returns of episodes without exploration |
| events.out.tfevents... | the same for TensorBoard: \`tensorboard --logdir runs\` |
| timing.jsonl | the wall-clock time of every slice; with run.json and the events all that differs between repetitions |
| parts/ | where the run has parts of your own: a copy of their source, to read |
| checkpoints/ | what \`ornstein resume\` goes on from: networks, optimizers, replay, everything; \`ornstein evaluate\` reads the policy from there |
`

// pure core

const decode = Schema.decodeUnknownEffect(Record.Manifest)

/** A value as the text of a file for people. */
export const format = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

const two = (n: number): string => String(n).padStart(2, "0")

/** A row as a line of a table. */
export const line = (row: { readonly [name: string]: unknown }): string => `${JSON.stringify(row)}\n`

/** `20261121-064512`, in UTC. */
export const stamp = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  const day = `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`
  return `${day}-${two(date.getUTCHours())}${two(date.getUTCMinutes())}${two(date.getUTCSeconds())}`
}

/** Has somebody else put something into the directory that was to become ours? */
const isFilled = (error: PlatformError.PlatformError): boolean =>
  ["ENOTEMPTY", "EEXIST"].includes(FileWords.codeOf(error))

// constructors

/** A run directory that exists. Rows are appended, whole files replaced; no link is followed. */
export interface RunDirectory {
  readonly path: string
  /** Fails once the run is another process's. Whatever writes here asks first. */
  readonly guard: Effect.Effect<void, LostError>
  readonly append: (
    file: string,
    row: { readonly [name: string]: unknown }
  ) => Effect.Effect<void, WriteError>
  /** The text of a file; nothing where there is none. */
  readonly read: (file: string) => Effect.Effect<string | undefined, RunDirectoryError>
  /** Written beside and renamed: a reader sees the old file or the new one. */
  readonly write: (file: string, content: string | Uint8Array) => Effect.Effect<void, WriteError>
  readonly writeManifest: (manifest: Record.Manifest) => Effect.Effect<void, WriteError>
  /** Waits until every row is on the disk. */
  readonly sync: Effect.Effect<void, WriteError>
  /** Removes what a killed process left unfinished. */
  readonly sweep: Effect.Effect<void, WriteError>
  /** Gives a file bytes of its own, where it has another name too. */
  readonly detach: (file: string) => Effect.Effect<void, WriteError>
}

/** A fault of a file in our words. */
export const platform = (path: string, doing: string) => (cause: RegularFile.FileError) =>
  cause._tag === "IrregularError"
    ? new RunDirectoryError({ path: cause.path, what: cause.what, fix: cause.fix })
    : new RunDirectoryError({
        path,
        what: `${doing} failed: ${FileWords.said(cause)}`,
        fix: "See to permissions and free space, then go on with `ornstein resume`"
      })

/** The run directory at an absolute path; `guard` is that of the lock, where this process holds it. */
export const at = Effect.fnUntraced(function* (
  path: string,
  guard: Effect.Effect<void, LostError> = Effect.void
) {
  const paths = yield* Path.Path
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const guarded = (
    file: string,
    doing: string,
    self: (target: string) => Effect.Effect<void, RegularFile.FileError, FileSystem.FileSystem | Path.Path>
  ): Effect.Effect<void, WriteError> => {
    const target = paths.join(path, file)
    return Effect.andThen(guard, Effect.mapError(self(target), platform(target, doing))).pipe(
      Effect.provideContext(context)
    )
  }
  const write: RunDirectory["write"] = (file, content) =>
    guarded(file, "writing", (target) =>
      Effect.andThen(
        file.includes("/") ? Durable.ensureParents(target) : Effect.void,
        typeof content === "string" ? Durable.replaceText(target, content) : Durable.replace(target, content)
      )
    )
  const directory: RunDirectory = {
    path,
    guard,
    write,
    read: (file) =>
      read(path, file).pipe(
        Effect.catchTag("NoRunError", () => Effect.succeed(undefined)),
        Effect.provideContext(context)
      ),
    append: (file, row) => {
      const bytes = new TextEncoder().encode(line(row))
      return guarded(file, "appending", (target) => Durable.append(target, bytes))
    },
    writeManifest: (manifest) => write(files.manifest, format(manifest)),
    sync: Effect.forEach(TABLES, (file) => guarded(file, "writing", Durable.sync), {
      concurrency: "unbounded",
      discard: true
    }),
    sweep: guarded("", "looking into it", Durable.sweep),
    // A copy of a run that was made with links shares its tables: what is appended here must not show there.
    detach: (file) => guarded(file, "writing", Durable.detach)
  }
  return directory
})

/** What a run begins with. */
export interface Content<E = never, R = never> {
  /** Texts by file name. */
  readonly texts: { readonly [file: string]: string }
  /** Puts more into the directory, which has another name until it is complete. */
  readonly prepare?: (directory: string) => Effect.Effect<void, E, R>
}

/** A place where no directory can be made. */
const unmakeable = (path: string) => Place.fault(path, "Choose another place with --out")

/**
 * A new directory at `out`; one that exists is refused unless it is empty. It appears with its content at once: a run
 * that is killed at any later moment can be resumed.
 */
export const createAt = Effect.fn("RunDirectory.createAt")(function* <E = never, R = never>(
  out: string,
  { prepare, texts }: Content<E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const path = paths.resolve(out)
  const isTaken = yield* RegularFile.checkDirectory(path).pipe(
    Effect.andThen(fs.readDirectory(path)),
    Effect.map((entries) => entries.length > 0),
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.succeed(false)
    ),
    Effect.mapError(unmakeable(path))
  )
  if (isTaken) return yield* new OccupiedError({ path })
  const parent = paths.dirname(path)
  const beside = yield* Durable.ensureParents(path).pipe(
    Effect.andThen(Durable.makeTemporaryDirectory(parent)),
    Effect.mapError(unmakeable(path))
  )
  yield* Effect.gen(function* () {
    const directory = yield* at(beside)
    for (const [file, text] of Object.entries({ [files.readme]: README, ...texts })) {
      yield* Effect.catchTag(directory.write(file, text), "RunDirectoryError", ({ what }) =>
        Effect.fail(
          new RunDirectoryError({
            path,
            what,
            fix: "See to permissions and free space, or choose another place with --out"
          })
        )
      )
    }
    if (prepare !== undefined) yield* prepare(beside)
    yield* Durable.rename(beside, path).pipe(
      Effect.catchIf(isFilled, () => Effect.fail(new OccupiedError({ path }))),
      Effect.andThen(Durable.syncDirectory(parent)),
      Effect.catchTag("PlatformError", (error) => Effect.fail(unmakeable(path)(error)))
    )
  }).pipe(Effect.onError(() => Effect.ignore(Durable.removeTemporary(beside))))
  return path
})

/** A new directory under `runs/`: `<name>-<date>-seed<k>`, with a number behind it where that is taken. */
export const create = Effect.fn("RunDirectory.create")(function* <E = never, R = never>(
  name: string,
  seed: number,
  content: Content<E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const base = `runs/${name}-${stamp(yield* Clock.currentTimeMillis)}-seed${seed}`
  const isThere = yield* Effect.orElseSucceed(fs.exists("runs"), () => false)
  if (!isThere) yield* Effect.mapError(Durable.ensureDirectory("runs"), unmakeable("runs"))
  // Claimed by making it: of two runs that begin in the same second, one gets the name and the other the next.
  const claim = (n: number): Effect.Effect<string, Place.PlaceError, FileSystem.FileSystem | Path.Path> => {
    const path = n === 1 ? base : `${base}-${n}`
    return Durable.makeDirectory(path).pipe(
      Effect.as(path),
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        () => claim(n + 1)
      ),
      Effect.mapError((cause) => (cause._tag === "PlaceError" ? cause : unmakeable(path)(cause)))
    )
  }
  return yield* createAt(yield* claim(1), content)
})

// reading

const GIVE_RUN = "Give the directory of a run, as `ornstein train` printed it"

/** A policy's file is small beside these. */
const POLICY = RegularFile.TABLE

/** What a file is that was named in place of a run. */
const instead = Effect.fnUntraced(function* (file: string) {
  const paths = yield* Path.Path
  const run = paths.dirname(file)
  const bytes = yield* Effect.option(RegularFile.read(file, { most: POLICY, links: "followed" }))
  if (Option.isSome(bytes) && PolicyFile.isPolicy(bytes.value)) {
    return {
      what: "it is a policy's file, not the directory of a run",
      fix: "`ornstein evaluate` and `ornstein play` take it; for this, give the directory of the run that it came from"
    }
  }
  return {
    what: "it is a file, not the directory of a run",
    fix: (yield* Place.isRun(run)) ? `Give the run that it is of, ${run}` : GIVE_RUN
  }
})

/** Fails unless the directory of a run stands there, and says what does. */
const expectRun = Effect.fnUntraced(function* (run: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  if (yield* Place.isRun(run)) return
  const info = yield* Effect.mapError(
    fs.stat(run),
    (error) => new NoRunError({ path: run, what: FileWords.said(error), fix: GIVE_RUN })
  )
  if (info.type !== "Directory") return yield* new NoRunError({ path: run, ...(yield* instead(run)) })
  const names = yield* Effect.orElseSucceed(fs.readDirectory(run), (): ReadonlyArray<string> => [])
  // A run whose manifest is gone is read further, for what can be said of it.
  if (names.includes(files.config)) return
  const above = paths.dirname(run)
  const inside = yield* Effect.filter(names, (name) => Place.isRun(paths.join(run, name)))
  const first = inside[0]
  return yield* new NoRunError({
    path: run,
    what: `it is no run: there is no ${files.manifest} in it`,
    fix:
      first !== undefined
        ? `Give one of the ${inside.length} runs in it, such as ${paths.join(run, first)}: \`ornstein runs\` lists them`
        : (yield* Place.isRun(above))
          ? `Give the run that it is a part of, ${above}`
          : GIVE_RUN
  })
})

/** A file of an existing run. */
export const read = Effect.fnUntraced(function* (run: string, file: string) {
  const paths = yield* Path.Path
  const path = paths.join(paths.resolve(run), file)
  const most = TABLES.includes(file) ? RegularFile.TABLE : RegularFile.SMALL
  return yield* RegularFile.readText(path, { most }).pipe(
    Effect.mapError((cause) =>
      cause._tag === "PlatformError" && cause.reason._tag === "NotFound"
        ? new NoRunError({ path, what: "there is no such file", fix: GIVE_RUN })
        : platform(path, "reading")(cause)
    )
  )
})

/** `run.json` of an existing run. */
export const readManifest = Effect.fnUntraced(function* (run: string) {
  yield* expectRun(run)
  const text = yield* read(run, files.manifest)
  const refused = (reason: string) =>
    new RunDirectoryError({
      path: `${run}/${files.manifest}`,
      what: reason,
      fix: "It was written by another version of Ornstein, or changed since: restore it from a copy"
    })
  const json = JsonText.parse(text)
  if (Result.isFailure(json)) return yield* refused(json.failure.reason)
  const manifest = yield* Effect.mapError(decode(json.success), ({ message }) => refused(message))
  const reason = Record.contradiction(manifest)
  return reason === undefined ? manifest : yield* refused(reason)
})
