/** A replay whose methods are watched. */
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Replay from "@ornstein/core/Replay"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Guard from "./Guard.ts"

// pure core

const logMethods = Guard.methods("stored", "read", "write")

const instanceMethods = Guard.methods("size", "store", "sample", "snapshot", "restore")

const isWord = (u: unknown): boolean => typeof u === "string"

const isWidth = (u: unknown): boolean => typeof u === "number" && Number.isInteger(u) && u >= 1

/** A replay at the sizes of a run. */
const anInstance: Guard.Wrong = (made) => {
  const expected = instanceMethods(made)
  if (expected !== undefined || !JsonPath.isRecord(made)) return expected ?? "a replay"
  const { fields, log, note, prioritize } = made
  if (!Array.isArray(fields) || !fields.every(isWord)) return "a replay with a list of fields"
  if (note !== undefined && !isWord(note)) return "a replay whose note is a text"
  if (prioritize !== undefined && typeof prioritize !== "function")
    return "a replay whose prioritize is a method"
  if (logMethods(log) !== undefined || !JsonPath.isRecord(log)) {
    return "a replay with a log: its stored, read and write"
  }
  const { capacity, widths } = log
  return isWidth(capacity) && JsonPath.isRecord(widths) && Object.values(widths).every(isWidth)
    ? undefined
    : "a replay whose log has a capacity, and the width of every field"
}

const rowsOf =
  (widths: Replay.Log["widths"], count: number): Guard.Wrong =>
  (made) => {
    const isRight =
      JsonPath.isRecord(made) &&
      Object.entries(widths).every(([name, width]) => {
        const rows = made[name]
        return rows instanceof Float32Array && rows.length === width * count
      })
    return isRight ? undefined : `${count} rows of each field: ${Object.keys(widths).join(", ")}`
  }

/** Fails unless a minibatch has been filled with finite numbers. */
const check = (who: Guard.Who, fields: ReadonlyArray<string>, batch: Replay.Batch): void => {
  for (const name of fields) {
    const data = batch[name]?.data
    if (!(data instanceof Float32Array)) continue
    const bad = data.findIndex((x) => !Number.isFinite(x))
    if (bad < 0) continue
    const what = Number.isNaN(data[bad]) ? "nothing, or NaN," : String(data[bad])
    Guard.fail(
      who,
      `its sample left ${what} as number ${bad} of "${name}"`,
      "Fill every row with finite numbers"
    )
  }
}

// instances

const instance = (who: Guard.Who, inner: Replay.Instance): Replay.Instance => {
  const { fields, isRollout, log: own, note, prioritize } = inner
  const call = <A>(method: string, run: () => A, wrong: Guard.Wrong = Guard.nothing): A =>
    Guard.call(who, method, run, wrong)
  const { capacity, widths } = own
  const log: Replay.Log = {
    capacity,
    widths,
    stored: () => call("log.stored", () => own.stored(), Guard.aCount),
    read: (first, last) => call("log.read", () => own.read(first, last), rowsOf(widths, last - first)),
    write: (first, rows) => call("log.write", () => own.write(first, rows))
  }
  return {
    fields,
    ...(isRollout === undefined ? {} : { isRollout }),
    ...(note === undefined ? {} : { note }),
    size: () => call("size", () => inner.size(), Guard.aCount),
    store: (transition) => {
      const before = log.stored()
      call("store", () => inner.store(transition))
      // The numbers of transitions are those of steps; a rollout begins anew.
      if (isRollout === true || log.stored() === before + 1) return
      const fix = "Count every transition, whether or not it is kept"
      Guard.fail(who, `its log has ${log.stored()} transitions after storing number ${before + 1}`, fix)
    },
    sample: (key, batch, valuation) => {
      // What it does not fill would be the rows of the minibatch before.
      for (const name of fields) {
        const data = batch[name]?.data
        if (data instanceof Float32Array) data.fill(Number.NaN)
      }
      call("sample", () => inner.sample(key, batch, valuation))
      check(who, fields, batch)
    },
    ...(prioritize === undefined
      ? {}
      : { prioritize: (errors) => call("prioritize", () => prioritize.call(inner, errors)) }),
    log,
    snapshot: () => call("snapshot", () => inner.snapshot(), Guard.aSnapshot),
    restore: (saved) => call("restore", () => inner.restore(saved))
  }
}

type Service = (typeof Replay.Replay)["Service"]

const service = (who: Guard.Who, self: Service): Service => ({
  name: self.name,
  capacity: self.capacity,
  ...(self.lanes === undefined ? {} : { lanes: Guard.lanes(who, self.lanes) }),
  make: (shape, reader) =>
    Guard.effect(who, "make", () => self.make(shape, reader), anInstance, { isAtWork: false }).pipe(
      Effect.catchTag("PartError", Effect.die),
      Effect.map((made) => {
        const watched = instance(who, made)
        // What no checkpoint can hold is said before the first step.
        watched.snapshot()
        return watched
      })
    )
})

const isService: Guard.Wrong = (made) =>
  Guard.methods("make")(made) === undefined &&
  typeof Object(made).name === "string" &&
  isWidth(Object(made).capacity)
    ? undefined
    : "a replay: its name, its capacity and its make"

// combinators

/** The replay, whose methods are watched. */
export const chosen = (who: Guard.Who, self: Replay.Chosen): Replay.Chosen => ({
  bytes: (shape) => Guard.call(who, "bytes", () => self.bytes(shape), Guard.aCount, { isAtWork: false }),
  layer: Layer.effect(
    Replay.Replay,
    Effect.map(Guard.provided(who, Replay.Replay, self.layer, isService), (made) => service(who, made))
  )
})
