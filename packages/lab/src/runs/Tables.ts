/**
 * The tables of a run: a line of JSON for every slice and every evaluation. A checkpoint vouches for what had been
 * written when it was made, by length and SHA-256: a run goes on from there only if that is still there, byte for byte.
 * What comes behind is written again.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Manifest from "@ornstein/core/Manifest"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Durable from "@ornstein/core/Durable"
import * as ByteSize from "effect/ByteSize"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash, type Hash } from "node:crypto"
import * as Rows from "./Rows.ts"
import * as RunDirectory from "./RunDirectory.ts"

// errors

/** A table is not what it was when the checkpoint was written that the run would go on from. */
export class TableError
  extends Schema.TaggedError<TableError>()("TableError", { path: Schema.String, ...Fault.fields })
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

/** The hash chain of the metrics is not the checkpoint's. */
export class ForeignError
  extends Schema.TaggedError<ForeignError>()("ForeignError", { path: Schema.String, chain: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.path
  }
  get what(): string {
    return "its metrics are those of another run, or were changed"
  }
  get fix(): string {
    return "Put back the tables that belong to its checkpoints"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** How many bytes of each table are kept. */
export type Kept = { readonly [file: string]: number }

export const NONE: Kept = {}

/** The tables of a run in progress. */
export interface Tables {
  readonly append: RunDirectory.RunDirectory["append"]
  /** What a checkpoint vouches for. */
  readonly written: Effect.Effect<Manifest.Tables>
  /** What the rows speak of that were there at the beginning. */
  readonly stands: Stands
}

/**
 * How far a run is written down for good: the last step with a row of a slice, and with one of an evaluation, that a
 * session keeps; -1 where none is kept. What comes after them happens again.
 */
export interface Stands {
  readonly slices: number
  readonly evaluations: number
}

// pure core

/** What a repetition of the run writes again, byte for byte. */
const REPEATABLE = [RunDirectory.files.metrics, RunDirectory.files.evaluations] as const

const StepOf = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Struct({ step: Schema.Int })))

const ChainOf = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Struct({ chain: Schema.String })))

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const NEWLINE = 10

/** The step that a row speaks of. */
export const stepOf = (line: string): number | undefined => {
  const row = StepOf(line)
  return row._tag === "Success" ? row.success.step : undefined
}

/** The first line that is no row, counted from 1. */
const broken = (lines: ReadonlyArray<string>): number | undefined => {
  const at = lines.findIndex((line) => stepOf(line) === undefined)
  return at === -1 ? undefined : at + 1
}

/** What is wrong with the beginning of a table, if anything. */
const fault = (bytes: Uint8Array, vouched: Manifest.Digest): string | undefined => {
  const beginning = bytes.subarray(0, vouched.bytes)
  if (Manifest.fault(beginning, vouched) === undefined) return undefined
  const lines = Rows.linesOf(decoder.decode(beginning))
  const at = broken(lines)
  if (at !== undefined) return `line ${at} is no row`
  return bytes.length < vouched.bytes
    ? `rows are missing: it has ${bytes.length} bytes and had ${vouched.bytes}`
    : "a row is not what was written"
}

/** The bytes of a table with one row for each of the steps, in their order; `undefined` if a row is missing or damaged. */
const alongside = (text: string, steps: ReadonlyArray<number | undefined>): number | undefined => {
  const lines = Rows.linesOf(text).slice(0, steps.length)
  const isWhole = lines.length === steps.length && lines.every((line, i) => stepOf(line) === steps[i])
  return isWhole ? lines.reduce((bytes, line) => bytes + encoder.encode(line).length + 1, 0) : undefined
}

// reading

/** What is read of a file; nothing where there is none. */
const ifThere = <A, R>(path: string, self: Effect.Effect<A, RegularFile.FileError, R>) =>
  self.pipe(
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.succeed(undefined)
    ),
    Effect.mapError(RunDirectory.platform(path, "reading"))
  )

const readTable = Effect.fnUntraced(function* (run: string, file: string, from = 0) {
  const path = (yield* Path.Path).join(run, file)
  return yield* ifThere(path, RegularFile.read(path, { most: RegularFile.TABLE, from }))
})

const unreadable = (path: string, reason: string) =>
  new RunDirectory.RunDirectoryError({
    path,
    what: reason,
    fix: "It was changed, or written by another version of Ornstein: restore it from a copy, or train again"
  })

/** A table as text; empty where there is none. */
export const read = (run: string, file: string) =>
  Effect.map(readTable(run, file), (bytes) => (bytes === undefined ? "" : decoder.decode(bytes)))

/** The rows of a table, in any state of completion; none are written before the first. */
export const rows = Effect.fnUntraced(function* <A>(
  run: string,
  file: string,
  schema: Schema.Codec<A, unknown>
) {
  return yield* Effect.mapError(
    Effect.fromResult(Rows.decode(schema, yield* read(run, file))),
    ({ line, reason }) => unreadable(`${run}/${file}, line ${line}`, reason)
  )
})

/**
 * The rows of a table as they come, in a run that another process may be at work on; those that are there first. A run
 * that goes on from a checkpoint writes rows again: they are not told twice. It has no end.
 */
export const follow = <A extends { readonly step: number }>(
  run: string,
  file: string,
  schema: Schema.Codec<A, unknown>,
  pause: Duration.Input = "200 millis"
) =>
  Stream.paginate(
    { at: 0, step: Number.NEGATIVE_INFINITY, isFirst: true },
    Effect.fnUntraced(function* ({ at, isFirst, step }) {
      if (!isFirst) yield* Effect.sleep(pause)
      const path = (yield* Path.Path).join(run, file)
      const info = yield* ifThere(path, RegularFile.check(path))
      // Cut at a checkpoint: from its beginning again.
      const begun = info === undefined || ByteSize.toBigInt(info.size) < BigInt(at) ? 0 : at
      const bytes = (yield* readTable(run, file, begun)) ?? new Uint8Array(0)
      const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
      const all = yield* Effect.mapError(
        Effect.fromResult(Rows.decode(schema, decoder.decode(whole))),
        ({ line, reason }) => unreadable(`${run}/${file}, line ${line} behind byte ${begun}`, reason)
      )
      const rows = all.filter((row) => row.step > step)
      const next = { at: begun + whole.length, step: rows.at(-1)?.step ?? step, isFirst: false }
      return [rows, Option.some(next)] as const
    })
  )

const damaged = Effect.fnUntraced(function* (run: string, file: string, step: number, reason: string) {
  const path = (yield* Path.Path).join(run, file)
  return yield* new TableError({
    path,
    what: `${reason} (up to step ${step}, for which a checkpoint vouches)`,
    fix:
      "Restore it from a copy. Without one, train the run's config.json again (a branch: branch again) into another " +
      "directory: that writes the same rows"
  })
})

/**
 * How much of each table was there when a checkpoint was written. Fails with a `TableError` if that is not there as it
 * was, and with a `ForeignError` if it is, but of another run. `begun` is the hash chain that the run began with.
 */
export const check = Effect.fn("Tables.check")(function* (
  run: string,
  { chain, step }: Manifest.Manifest,
  tables: Manifest.Tables,
  begun: string
) {
  const kept: { [file: string]: number } = {}
  let steps: ReadonlyArray<number | undefined> = []
  for (const file of REPEATABLE) {
    const found = yield* readTable(run, file)
    const bytes = found ?? new Uint8Array(0)
    const vouched = tables[file] ?? Manifest.digest(new Uint8Array(0))
    const reason = fault(bytes, vouched)
    if (file === RunDirectory.files.metrics) {
      const all = Rows.linesOf(decoder.decode(bytes))
      const rows = reason === undefined ? Rows.linesOf(decoder.decode(bytes.subarray(0, vouched.bytes))) : all
      steps = rows.map(stepOf)
      const last = rows[steps.findLastIndex((at = 0) => at <= step)]
      const row = last === undefined ? undefined : ChainOf(last)
      const own = row?._tag === "Success" ? row.success.chain : begun
      const isForeign = own !== chain && (reason === undefined || broken(all) === undefined)
      if (isForeign && all.length > 0) return yield* new ForeignError({ path: run, chain: own })
    }
    if (reason !== undefined) {
      return yield* damaged(run, file, step, found === undefined ? "it is not there" : reason)
    }
    kept[file] = vouched.bytes
  }
  const timing = yield* readTable(run, RunDirectory.files.timing)
  const bytes = alongside(timing === undefined ? "" : decoder.decode(timing), steps)
  if (bytes === undefined) {
    return yield* damaged(
      run,
      RunDirectory.files.timing,
      step,
      timing === undefined
        ? "it is not there"
        : `it does not have a row for each row of ${RunDirectory.files.metrics}`
    )
  }
  const all: Kept = { ...kept, [RunDirectory.files.timing]: bytes }
  return all
})

/** Keeps a copy of a damaged file under a name that says its content, and gives that name; nothing if it is gone. */
export const keepAside = Effect.fn("Tables.keepAside")(function* (path: string) {
  const bytes = yield* Effect.option(RegularFile.read(path, { most: RegularFile.TABLE }))
  if (bytes._tag === "None") return undefined
  const aside = `${path}.damaged-${Manifest.digest(bytes.value).sha256.slice(0, 8)}`
  yield* Durable.write(aside, bytes.value).pipe(
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "AlreadyExists",
      () => Effect.void
    ),
    Effect.mapError(RunDirectory.platform(aside, "writing"))
  )
  return aside
})

// writing

/** Opens the tables of a run, cut to what is kept. */
export const open = Effect.fn("Tables.open")(function* (directory: RunDirectory.RunDirectory, kept: Kept) {
  const hashes = new Map<string, { readonly hash: Hash; bytes: number }>()
  const last = new Map<string, number>()
  for (const file of RunDirectory.TABLES) {
    const bytes = (yield* readTable(directory.path, file)) ?? new Uint8Array(0)
    const beginning = bytes.subarray(0, kept[file] ?? 0)
    if (beginning.length < bytes.length) yield* directory.write(file, decoder.decode(beginning))
    yield* directory.detach(file)
    hashes.set(file, { hash: createHash("sha256").update(beginning), bytes: beginning.length })
    const line = Rows.linesOf(decoder.decode(beginning)).at(-1)
    if (line !== undefined) last.set(file, stepOf(line) ?? 0)
  }
  const tables: Tables = {
    append: (file, row) =>
      Effect.tap(directory.append(file, row), () =>
        Effect.sync(() => {
          const table = hashes.get(file)
          if (table === undefined) return
          const line = encoder.encode(RunDirectory.line(row))
          table.hash.update(line)
          table.bytes += line.length
        })
      ),
    written: Effect.sync(() =>
      Object.fromEntries(
        REPEATABLE.flatMap((file) => {
          const table = hashes.get(file)
          return table === undefined
            ? []
            : [[file, { bytes: table.bytes, sha256: table.hash.copy().digest("hex") }] as const]
        })
      )
    ),
    stands: {
      slices: last.get(RunDirectory.files.metrics) ?? -1,
      evaluations: last.get(RunDirectory.files.evaluations) ?? -1
    }
  }
  return tables
})
