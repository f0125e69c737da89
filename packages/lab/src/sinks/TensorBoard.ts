/**
 * TensorBoard event files. A file is a sequence of records, each a length and a protocol buffer `Event` with masked
 * CRC-32C checksums of both; scalars are stored in single precision.
 *
 * `tensorboard --logdir runs` shows every run directory that has one. The files carry the wall-clock time and are
 * therefore no part of what a repetition of a run must reproduce.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import * as Durable from "@ornstein/core/Durable"
import type * as RegularFile from "@ornstein/core/RegularFile"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { hostname } from "node:os"
import type { Event, Sink } from "../events/index.ts"
import { RunDirectory } from "../runs/index.ts"
import * as Crc32c from "./Crc32c.ts"

// models

/** A value is stored in single precision: one beyond its range, 3.4e38, is stored as infinite. */
export interface Scalar {
  /** `update/criticLoss`: TensorBoard groups charts by what stands before the slash. */
  readonly tag: string
  /** The environment step. */
  readonly step: number
  readonly value: number
}

/** An open event file. */
export interface EventFile {
  readonly path: string
  readonly append: (scalars: ReadonlyArray<Scalar>) => Effect.Effect<void, RunDirectory.WriteError>
}

// pure core: what is shown

/** What a slice reports, as scalars. */
const ofSlice = ({ episodes, exploration, metrics, step }: Event.Slice): ReadonlyArray<Scalar> => [
  ...episodes.flatMap((episode) => [
    { tag: "episode/return", step: episode.step, value: episode.return },
    { tag: "episode/length", step: episode.step, value: episode.length }
  ]),
  ...Object.entries(metrics).map(([name, value]) => ({ tag: `update/${name}`, step, value })),
  { tag: "exploration/scale", step, value: exploration }
]

/** What an event reports, as scalars. */
export const scalars = (event: Event.Event): ReadonlyArray<Scalar> => {
  switch (event._tag) {
    case "SliceEnded":
      return ofSlice(event.slice)
    case "Evaluated":
      return [{ tag: "evaluation/return", step: event.step, value: event.evaluation.mean }]
    case "Failed":
      return event.unfinished === undefined ? [] : ofSlice(event.unfinished.slice)
    default:
      return []
  }
}

// pure core: field numbers of event.proto and summary.proto

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const
const SUMMARY = { value: 1 } as const
const VALUE = { tag: 1, simpleValue: 2 } as const
const SESSION = { status: 1, start: 1 } as const

/** A record: `uint64 length, uint32 crc(length), payload, uint32 crc(payload)`, little-endian. */
export const record = (payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(payload.length + 16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(payload.length), true)
  view.setUint32(8, Crc32c.masked(bytes.subarray(0, 8)), true)
  bytes.set(payload, 12)
  view.setUint32(12 + payload.length, Crc32c.masked(payload), true)
  return bytes
}

const event = (seconds: number, step: number, body: (writer: BinaryWriter) => BinaryWriter): Uint8Array => {
  const writer = new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(seconds)
  if (step > 0) writer.tag(EVENT.step, WireType.Varint).int64(step)
  return record(body(writer).finish())
}

/** The first record of every file. */
export const fileVersion = (seconds: number): Uint8Array =>
  event(seconds, 0, (writer) =>
    writer.tag(EVENT.fileVersion, WireType.LengthDelimited).string("brain.Event:2")
  )

/** Tells that the run begins again here: what an earlier file says of this step and later ones is no longer shown. */
export const sessionStart = (seconds: number, step: number): Uint8Array =>
  event(seconds, step, (writer) =>
    writer
      .tag(EVENT.sessionLog, WireType.LengthDelimited)
      .fork()
      .tag(SESSION.status, WireType.Varint)
      .int32(SESSION.start)
      .join()
  )

export const scalar = (seconds: number, { step, tag, value }: Scalar): Uint8Array =>
  event(seconds, step, (writer) =>
    writer
      .tag(EVENT.summary, WireType.LengthDelimited)
      .fork()
      .tag(SUMMARY.value, WireType.LengthDelimited)
      .fork()
      .tag(VALUE.tag, WireType.LengthDelimited)
      .string(tag)
      .tag(VALUE.simpleValue, WireType.Bit32)
      .float(Math.fround(value))
      .join()
      .join()
  )

const concatenate = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

// constructors

const seconds = Effect.map(Clock.currentTimeMillis, (milliseconds) => milliseconds / 1000)

const STAMP = /^events\.out\.tfevents\.(\d{1,15})\./

/**
 * A new event file in a directory, for a session whose first step that is not logged yet is `from`; files beside it
 * stay and are shown together, except what they say of that step and later ones. `guard` is asked before anything is
 * written.
 */
export const open = Effect.fn("TensorBoard.open")(function* (
  directory: string,
  from = 0,
  guard: RunDirectory.RunDirectory["guard"] = Effect.void
) {
  const paths = yield* Path.Path
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const fs = yield* FileSystem.FileSystem
  const failing = (path: string) => Effect.mapError(RunDirectory.platform(path, "writing events"))
  const began = yield* seconds
  // Files are read in the order of their names: this one comes last, also after another one of the same second.
  const stamps = (yield* failing(directory)(fs.readDirectory(directory))).map((name) =>
    Number(STAMP.exec(name)?.[1] ?? 0)
  )
  const stamp = stamps.reduce((latest, one) => Math.max(latest, one + 1), Math.floor(began))
  const stem = `events.out.tfevents.${stamp}.${hostname()}.${process.pid}.${from}`
  const head = concatenate([fileVersion(began), sessionStart(began, from)])
  // The name is known before: one that is taken, by whatever, is left alone.
  const make = (n: number): Effect.Effect<string, RegularFile.FileError, FileSystem.FileSystem> => {
    const path = paths.join(directory, n === 0 ? stem : `${stem}.${n}`)
    return Durable.write(path, head).pipe(
      Effect.as(path),
      Effect.catchIf(
        (error) => error.reason._tag === "AlreadyExists",
        () => make(n + 1)
      )
    )
  }
  const path = yield* guard.pipe(Effect.andThen(failing(directory)(make(0))))
  const file: EventFile = {
    path,
    append: Effect.fnUntraced(function* (scalars) {
      const now = yield* seconds
      const records = concatenate(scalars.map((one) => scalar(now, one)))
      yield* guard
      yield* failing(path)(Durable.append(path, records)).pipe(Effect.provideContext(context))
    })
  }
  return file
})

// sinks

/** Shows in an event file what happens. */
export const hear =
  (file: EventFile): Sink.Hear<RunDirectory.WriteError> =>
  (event) => {
    const shown = scalars(event)
    return shown.length === 0 ? Effect.void : file.append(shown)
  }
