/**
 * The manifest of a checkpoint: what it was made by, and the length and SHA-256 of every file that belongs to it. The
 * file `manifest.sha256` beside it vouches for the manifest itself, in the format of the command `sha256sum`.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { JsonPath, JsonText } from "../config/index.ts"
import { RegularFile } from "../files/index.ts"
import { Digest as Sha } from "../host/index.ts"
import * as CheckpointError from "./CheckpointError.ts"

// models

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A name without directories. */
const FileName = Schema.String.check(Schema.isPattern(/^[\w-][\w.-]*$/))

/** What identifies the bytes of a file. */
export const Digest = Schema.Struct({
  bytes: Count.check(Schema.isLessThanOrEqualTo(RegularFile.LARGE)),
  sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
})
export type Digest = typeof Digest.Type

/** An immutable file with the transitions `first`, ..., `last - 1` of the run. Checkpoints share it. */
export const Segment = Schema.Struct({ file: FileName, first: Count, last: Count, ...Digest.fields })
export type Segment = typeof Segment.Type

/** The numbers of an evaluation that was made at the checkpoint's step. */
export const Score = Schema.Struct({ mean: Schema.Finite, std: Schema.Finite, episodes: Count })
export type Score = typeof Score.Type

/** By file: the bytes that it began with, and their SHA-256. */
export const Tables = Schema.Record(FileName, Digest)
export type Tables = typeof Tables.Type

/** 2: segments hold `terminated` and `truncated`, where 1 had `discount` and `end`. */
export const FORMAT = 2

/** The oldest format that can be read. */
const OLDEST = 2

export const Manifest = Schema.Struct({
  format: Schema.Literal(FORMAT),
  step: Count,
  updates: Count,
  episode: Count,
  /** The hash chain of the run up to its last whole slice. */
  chain: Schema.String,
  /** The configuration of the run, and its hash. */
  config: Schema.Json,
  configHash: Schema.String,
  /** Of Ornstein, Node, V8, the engine. */
  versions: Schema.Record(Schema.String, Schema.String),
  score: Schema.optionalKey(Score),
  /** What the run's tables held when the checkpoint was written: a file may be longer, its beginning is this. */
  tables: Schema.optionalKey(Tables),
  /** Files in the checkpoint's own directory. */
  files: Schema.Record(FileName, Digest),
  /** The transitions that the replay holds begin with number `first`; the segments may begin before. */
  replay: Schema.Struct({ first: Count, stored: Count, segments: Schema.Array(Segment) })
}).annotate({ identifier: "Manifest" })
export type Manifest = typeof Manifest.Type

/** What a run says of itself in each of its manifests. */
export type Identity = Pick<Manifest, "config" | "configHash" | "versions">

type JsonRecord = { readonly [key: string]: unknown }

/** Turns a manifest of one format into the next one's. */
export type Migration = (manifest: JsonRecord) => JsonRecord

// pure core

export const digest = (bytes: Uint8Array): Digest => ({
  bytes: bytes.length,
  sha256: Sha.of(bytes)
})

/** What is wrong with the bytes of a file, if anything. */
export const fault = (bytes: Uint8Array, expected: Digest): string | undefined => {
  if (bytes.length !== expected.bytes) return `it has ${bytes.length} bytes and should have ${expected.bytes}`
  return digest(bytes).sha256 === expected.sha256 ? undefined : "its SHA-256 is not the recorded one"
}

/** `migrations[i]` leads from format `OLDEST` + i to the next. Every format that was ever released stays readable. */
export const migrations: ReadonlyArray<Migration> = []

/** Brings a manifest of an older format to the current one. */
export const migrate = (
  manifest: JsonRecord,
  from: number,
  steps: ReadonlyArray<Migration> = migrations
): JsonRecord => steps.slice(from - OLDEST).reduce((current, step) => step(current), manifest)

const padded = (n: number): string => String(n).padStart(12, "0")

/** The name of the checkpoint of a step. */
export const nameOf = padded

/** The name of a segment: its transitions, and its bytes. */
export const segmentNameOf = ({ first, last, sha256 }: Omit<Segment, "file" | "bytes">): string =>
  `${padded(first)}-${padded(last)}-${sha256.slice(0, 16)}.safetensors`

/** The best by evaluation, of equals the newest; nothing where none was evaluated at its step. */
export const best = (manifests: ReadonlyArray<Manifest>): Manifest | undefined =>
  manifests
    .filter(({ score }) => score !== undefined)
    .toSorted((a, b) => (b.score?.mean ?? 0) - (a.score?.mean ?? 0) || b.step - a.step)[0]

/** Where the parts of a manifest contradict each other, if they do. */
export const contradiction = ({ replay, step }: Manifest): string | undefined => {
  const { first, segments, stored } = replay
  if (padded(step).length > 12) return `no run has ${step} steps`
  if (first > stored || stored > step) {
    return `the replay is said to hold transitions ${first} to ${stored} of a run of ${step} steps`
  }
  let end = Math.min(first, segments[0]?.first ?? first)
  for (const segment of segments) {
    const { bytes, file, first, last } = segment
    if (file !== segmentNameOf(segment)) return `${file} is not named by its transitions and its SHA-256`
    // Each transition has at least one number of four bytes.
    if (last <= first || bytes < 4 * (last - first)) {
      return `${file} cannot hold transitions ${first} to ${last} in ${bytes} bytes`
    }
    if (first !== end) return `transitions ${end} to ${first} are missing, or there twice`
    end = last
  }
  return end === stored ? undefined : `transitions are missing after number ${end}`
}

/** The two files of a manifest. */
export const encode = (manifest: Manifest): { readonly text: string; readonly seal: string } => {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  return { text, seal: seal(text) }
}

const seal = (text: string): string => `${digest(new TextEncoder().encode(text)).sha256}  manifest.json\n`

const validate = Schema.decodeUnknownResult(Manifest, { onExcessProperty: "error" })

/** Reads a manifest written by this or any earlier version; `path` is where it lies, for the error. */
export const decode = (
  path: string,
  text: string,
  given: string
): Result.Result<Manifest, CheckpointError.CheckpointError> => {
  const damaged = (reason: string) => Result.fail(CheckpointError.damaged(path, reason))
  if (given !== seal(text)) return damaged("it does not agree with manifest.sha256")
  const json = JsonText.parse(text)
  if (Result.isFailure(json))
    return damaged(json.failure.isJson ? json.failure.reason : "it is no JSON record")
  const record = json.success
  if (!JsonPath.isRecord(record)) return damaged("it is no JSON record")
  const format = record["format"]
  if (typeof format !== "number" || format < 1) return damaged("it names no format")
  if (format < OLDEST) {
    return Result.fail(
      new CheckpointError.CheckpointError({
        kind: "older",
        path,
        what: `it has format ${format}, whose transitions carry the discount of their run; this version reads from ${OLDEST}`,
        fix: "Go on with the version that wrote it, or train anew"
      })
    )
  }
  if (format > FORMAT) {
    return Result.fail(
      new CheckpointError.CheckpointError({
        kind: "newer",
        path,
        what: `it has format ${format}, and this version reads up to ${FORMAT}`,
        fix: "Update Ornstein to the version that wrote it"
      })
    )
  }
  return Result.flatMap(
    Result.mapError(validate(migrate(record, format)), (error) =>
      CheckpointError.damaged(path, error.message)
    ),
    (manifest) => {
      const reason = contradiction(manifest)
      return reason === undefined ? Result.succeed(manifest) : damaged(reason)
    }
  )
}
