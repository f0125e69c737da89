/**
 * Snapshots: the state of a service as a plain value, exact to the bit. Numbers, strings, booleans, `null`, typed
 * arrays, and arrays and records of them. In JSON, what JSON cannot hold (`-0`, `NaN`, infinities, typed arrays) is
 * written as a record with one key that starts with `$`: `{"$number":"-0"}`, `{"$float64":"<base64>"}`.
 */
import * as Encoding from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

// models

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

export type Snapshot =
  | null
  | boolean
  | number
  | string
  | TypedArray
  | ReadonlyArray<Snapshot>
  | { readonly [name: string]: Snapshot }

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [name: string]: Json }

// guards

const isTypedArray = (u: unknown): u is TypedArray =>
  u instanceof Float32Array ||
  u instanceof Float64Array ||
  u instanceof Int32Array ||
  u instanceof Uint32Array ||
  u instanceof Uint8Array

export const isSnapshot = (u: unknown): u is Snapshot => {
  if (u === null || typeof u === "boolean" || typeof u === "number" || typeof u === "string") return true
  if (isTypedArray(u)) return true
  if (Array.isArray(u)) return u.every(isSnapshot)
  return typeof u === "object" && Object.values(u).every(isSnapshot)
}

/** Is it a record of snapshots, with names? */
export const isRecord = (u: Snapshot | undefined): u is { readonly [name: string]: Snapshot } =>
  typeof u === "object" && u !== null && !Array.isArray(u) && !isTypedArray(u)

// pure core

/** A copy that shares nothing with the original. */
export const copy = <S extends Snapshot>(snapshot: S): S => structuredClone(snapshot)

const KINDS = [
  ["$float32", Float32Array],
  ["$float64", Float64Array],
  ["$int32", Int32Array],
  ["$uint32", Uint32Array],
  ["$uint8", Uint8Array]
] as const

const toBase64 = (array: TypedArray): string =>
  Encoding.encode(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))

/** The snapshot as a value that `JSON.stringify` keeps exactly. */
export const toJson = (snapshot: Snapshot): Json => {
  if (typeof snapshot === "number") {
    return Number.isFinite(snapshot) && !Object.is(snapshot, -0)
      ? snapshot
      : { $number: Object.is(snapshot, -0) ? "-0" : String(snapshot) }
  }
  if (snapshot === null || typeof snapshot !== "object") return snapshot
  if (isTypedArray(snapshot)) {
    for (const [name, kind] of KINDS) if (snapshot instanceof kind) return { [name]: toBase64(snapshot) }
  }
  if (Array.isArray(snapshot)) return snapshot.map(toJson)
  return Object.fromEntries(Object.entries(snapshot).map(([name, value]) => [name, toJson(value)]))
}

/** The inverse of `toJson`. Throws a `TypeError` for base64 that is none. */
export const fromJson = (json: Json): Snapshot => {
  if (json === null || typeof json !== "object") return json
  if (Array.isArray(json)) return json.map(fromJson)
  const fields = Object.entries(json)
  const [name, value] = fields[0] ?? ["", null]
  if (fields.length === 1 && typeof value === "string") {
    if (name === "$number") return Number(value)
    for (const [kindName, Kind] of KINDS) {
      if (name === kindName) {
        const bytes = Encoding.decode(value)
        if (Result.isFailure(bytes)) throw new TypeError(`${name} holds no base64`, { cause: bytes.failure })
        return new Kind(Uint8Array.from(bytes.success).buffer)
      }
    }
  }
  return Object.fromEntries(fields.map(([key, child]) => [key, fromJson(child)]))
}

export const stringify = (snapshot: Snapshot): string => JSON.stringify(toJson(snapshot))

/** A multiple of 3, so that the base64 of the pieces is that of the whole. */
const PIECE = 3 * 2 ** 20

/** The text of `stringify` in pieces: a string of JavaScript cannot hold that of a large network. */
export function* pieces(snapshot: Snapshot): Generator<string> {
  if (snapshot === null || typeof snapshot !== "object") yield stringify(snapshot)
  else if (isTypedArray(snapshot)) {
    const name = KINDS.find(([, kind]) => snapshot instanceof kind)?.[0]
    yield `{${JSON.stringify(name)}:"`
    const bytes = new Uint8Array(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength)
    for (let at = 0; at < bytes.length; at += PIECE) yield Encoding.encode(bytes.subarray(at, at + PIECE))
    yield '"}'
  } else {
    const isArray = Array.isArray(snapshot)
    yield isArray ? "[" : "{"
    for (const [i, [name, value]] of Object.entries(snapshot).entries()) {
      yield (i === 0 ? "" : ",") + (isArray ? "" : `${JSON.stringify(name)}:`)
      yield* pieces(value)
    }
    yield isArray ? "]" : "}"
  }
}

export const parse = (text: string): Snapshot => {
  const json: Json = JSON.parse(text)
  return fromJson(json)
}

// fields: what a service finds in a snapshot of its own; a `TypeError` if it is not there

export const get = (snapshot: Snapshot, name: string): Snapshot => {
  if (
    snapshot === null ||
    typeof snapshot !== "object" ||
    Array.isArray(snapshot) ||
    isTypedArray(snapshot)
  ) {
    throw new TypeError(`a snapshot with the field "${name}" is a record`)
  }
  const value = Object.entries(snapshot).find(([key]) => key === name)?.[1]
  if (value === undefined) throw new TypeError(`the snapshot has no field "${name}"`)
  return value
}

export const getNumber = (snapshot: Snapshot, name: string): number => {
  const value = get(snapshot, name)
  if (typeof value !== "number") throw new TypeError(`the snapshot's "${name}" is no number`)
  return value
}

export const getBoolean = (snapshot: Snapshot, name: string): boolean => {
  const value = get(snapshot, name)
  if (typeof value !== "boolean") throw new TypeError(`the snapshot's "${name}" is no boolean`)
  return value
}

export const getFloat32 = (snapshot: Snapshot, name: string): Float32Array => {
  const value = get(snapshot, name)
  if (!(value instanceof Float32Array)) throw new TypeError(`the snapshot's "${name}" is no Float32Array`)
  return value
}

export const getFloat64 = (snapshot: Snapshot, name: string): Float64Array => {
  const value = get(snapshot, name)
  if (!(value instanceof Float64Array)) throw new TypeError(`the snapshot's "${name}" is no Float64Array`)
  return value
}

// schemas

/** For the field of a larger schema that holds some service's snapshot. */
export const schema = Schema.declare(isSnapshot, {
  identifier: "Snapshot",
  expected: "a snapshot",
  toCodec: () =>
    Schema.link<Snapshot>()(
      Schema.Json,
      SchemaTransformation.transform({
        decode: (json): Snapshot => fromJson(json),
        encode: (snapshot): Schema.Json => toJson(snapshot)
      })
    )
})
