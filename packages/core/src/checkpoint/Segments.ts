/**
 * Segments: immutable files of consecutive transitions, in safetensors, one array of shape `[rows, width]` per field.
 * Transition number n never changes, so each is written once and every checkpoint that needs it names the same file.
 */
import * as Result from "effect/Result"
import type { Replay } from "../replay/index.ts"
import { Safetensors } from "../state/index.ts"
import * as CheckpointError from "./CheckpointError.ts"
import type * as Manifest from "./Manifest.ts"
import * as ManifestFile from "./Manifest.ts"

// models

/** A segment that is about to be written. */
export interface Pending {
  readonly segment: Manifest.Segment
  readonly bytes: Uint8Array
}

// pure core

/** Longer stretches are cut, so that a ring that goes round frees them piece by piece. */
const MOST_ROWS = 50_000

const NAME = /^\d{12}-\d{12}-[0-9a-f]{16}\.safetensors$/

/** Is it the name of a segment? */
export const isName = (file: string): boolean => NAME.test(file)

const encode = (log: Replay.Log, first: number, last: number): Pending => {
  const tensors = Object.entries(log.read(first, last)).map(([name, data]) => {
    const width = log.widths[name] ?? 1
    return [name, { shape: [data.length / width, width], data }] as const
  })
  const bytes = Safetensors.encode(Object.fromEntries(tensors))
  const digest = ManifestFile.digest(bytes)
  return {
    segment: { file: ManifestFile.segmentNameOf({ first, last, ...digest }), first, last, ...digest },
    bytes
  }
}

/** The transitions that the log holds from number `from` on, as segments. */
export const since = (log: Replay.Log, from: number): ReadonlyArray<Pending> => {
  const last = log.stored()
  const first = Math.max(from, last - log.capacity)
  return Array.from({ length: Math.ceil((last - first) / MOST_ROWS) }, (_, i) => {
    const begin = first + i * MOST_ROWS
    return encode(log, begin, Math.min(last, begin + MOST_ROWS))
  })
}

/** The segments that hold some transition from number `first` on, of a replay that has stored so many. */
export const needed = (
  segments: ReadonlyArray<Manifest.Segment>,
  first: number,
  stored: number
): ReadonlyArray<Manifest.Segment> =>
  segments.filter((segment) => segment.last > first && segment.first < stored)

/** Where the transitions `first`, ..., `last - 1` of several segments are gathered. */
export interface Target {
  readonly first: number
  readonly last: number
  readonly rows: { [field: string]: Float32Array }
}

/**
 * Copies what a segment has of the target's transitions into it. `bytes` are those of all segments together: no field
 * can be wider than they have room for.
 */
export const copyInto = (
  target: Target,
  path: string,
  { first, last }: Manifest.Segment,
  file: Uint8Array,
  bytes: number
): Result.Result<void, CheckpointError.CheckpointError> =>
  Result.flatMap(
    Result.mapError(Safetensors.decode(file), ({ what: reason }) => CheckpointError.damaged(path, reason)),
    (tensors) => {
      const damaged = (reason: string) => Result.fail(CheckpointError.damaged(path, reason))
      const count = target.last - target.first
      const known = Object.keys(target.rows)
      const lacking = known.find((name) => tensors[name] === undefined)
      if (lacking !== undefined) return damaged(`it has no "${lacking}", which other segments have`)
      for (const [name, { data, shape }] of Object.entries(tensors)) {
        const [rows, width = 0, ...more] = shape
        if (rows !== last - first || more.length > 0 || !(data instanceof Float32Array)) {
          return damaged(`"${name}" is not ${last - first} rows of float32`)
        }
        if (known.length > 0 ? target.rows[name]?.length !== count * width : 4 * count * width > bytes) {
          return damaged(`"${name}" has ${width} numbers in a row, and other segments have another number`)
        }
        const into = (target.rows[name] ??= new Float32Array(count * width))
        const skipped = Math.max(0, target.first - first)
        into.set(data.subarray(skipped * width), (first + skipped - target.first) * width)
      }
      return Result.succeed(undefined)
    }
  )
