/**
 * Spaces of Gymnasium as ours. A `Dict` or `Tuple` is its leaves in order, each under the name of its path (`arm.0.angle`);
 * all leaves of an observation together are one flat box.
 */
import * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { BridgeError } from "../host/index.ts"

// models

const Bound = Schema.Union([Schema.Finite, Schema.Literals(["inf", "-inf", "nan"])])

/** Where the leaves of every space stand. */
const place = {
  /** The keys and indices on the way to it, joined by dots; empty where the space is no `Dict` and no `Tuple`. */
  name: Schema.String,
  /** NumPy's name: `float64`. */
  dtype: Schema.String,
  shape: Schema.Array(Schema.Int),
  /** How many numbers it has. */
  count: Schema.Int,
  /** Where it begins, in bytes from the first leaf. */
  offset: Schema.Int
}

export const Leaf = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("Box"),
    ...place,
    low: Schema.Array(Bound),
    high: Schema.Array(Bound)
  }),
  /** A number from `start` to `start + n - 1`. */
  Schema.Struct({ kind: Schema.Literal("Discrete"), ...place, n: Schema.Int, start: Schema.Int })
])
export type Leaf = typeof Leaf.Type

type Bytes = readonly [buffer: ArrayBuffer, at: number, length: number]

/** The numbers of a leaf, as they lie in memory. */
const arrays = {
  float64: (...bytes: Bytes) => new Float64Array(...bytes),
  float32: (...bytes: Bytes) => new Float32Array(...bytes),
  int32: (...bytes: Bytes) => new Int32Array(...bytes),
  uint32: (...bytes: Bytes) => new Uint32Array(...bytes),
  int16: (...bytes: Bytes) => new Int16Array(...bytes),
  uint16: (...bytes: Bytes) => new Uint16Array(...bytes),
  int8: (...bytes: Bytes) => new Int8Array(...bytes),
  uint8: (...bytes: Bytes) => new Uint8Array(...bytes),
  bool: (...bytes: Bytes) => new Uint8Array(...bytes)
}

/** They lose their last digits above 2^53, as numbers do. */
const longs = {
  int64: (...bytes: Bytes) => new BigInt64Array(...bytes),
  uint64: (...bytes: Bytes) => new BigUint64Array(...bytes)
}

/** Types whose numbers single precision holds. */
const singles = new Set(["float32", "int16", "uint16", "int8", "uint8", "bool"])

const isArray = (dtype: string): dtype is keyof typeof arrays => Object.hasOwn(arrays, dtype)
const isLong = (dtype: string): dtype is keyof typeof longs => Object.hasOwn(longs, dtype)

// pure core

const boundsOf = (leaf: Leaf, side: "low" | "high"): ReadonlyArray<number> => {
  if (leaf.kind === "Discrete") return [side === "low" ? leaf.start : leaf.start + leaf.n - 1]
  const open = side === "low" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return leaf[side].map((bound) => (typeof bound === "number" ? bound : open))
}

/** How many numbers there are in all. */
export const size = (leaves: ReadonlyArray<Leaf>): number =>
  leaves.reduce((total, { count }) => total + count, 0)

const box = (leaves: ReadonlyArray<Leaf>, isSingle: boolean): Space.Box => {
  const [only] = leaves
  return Space.box({
    shape: leaves.length === 1 && only?.kind === "Box" ? only.shape : [size(leaves)],
    low: leaves.flatMap((leaf) => boundsOf(leaf, "low")),
    high: leaves.flatMap((leaf) => boundsOf(leaf, "high")),
    dtype: isSingle ? "float32" : "float64"
  })
}

/** The observations of these leaves, single where that loses nothing. */
export const observations = (leaves: ReadonlyArray<Leaf>): Space.Box =>
  box(
    leaves,
    leaves.every((leaf) => (leaf.kind === "Discrete" ? leaf.n < 2 ** 24 : singles.has(leaf.dtype)))
  )

/** The actions of these leaves: boxes, or one choice. Throws a `BridgeError` where both occur together. */
export const actions = (leaves: ReadonlyArray<Leaf>): Space.Space => {
  const [only] = leaves
  if (leaves.length === 1 && only?.kind === "Discrete") return Space.discrete(only.n)
  if (leaves.every(({ kind }) => kind === "Box"))
    return box(
      leaves,
      leaves.every(({ dtype }) => dtype === "float32")
    )
  const named = leaves.map(({ kind, name }) => `${kind} "${name}"`).join(", ")
  throw new BridgeError({
    reason: "space",
    what: `no counterpart here has an action space of ${named} together`,
    fix: "Learners take boxes, or one Discrete: put a wrapper around it that gives one of these"
  })
}

/** Copies an observation that lies at a place of a buffer; made once for all observations there. */
export const reader = (
  leaves: ReadonlyArray<Leaf>,
  buffer: ArrayBuffer,
  at: number
): ((out: Space.Numbers) => void) => {
  let next = 0
  const copies = leaves.map(({ count, dtype, name, offset }): ((out: Space.Numbers) => void) => {
    const first = next
    next += count
    if (isArray(dtype)) {
      const from = arrays[dtype](buffer, at + offset, count)
      return (out) => out.set(from, first)
    }
    if (isLong(dtype)) {
      const from = longs[dtype](buffer, at + offset, count)
      return (out) => {
        for (let i = 0; i < count; i++) out[first + i] = Number(from[i])
      }
    }
    throw new BridgeError({
      reason: "space",
      what: `no counterpart here has numbers of type ${dtype}${name === "" ? "" : ` at "${name}"`}`,
      fix: "Put a wrapper around it that gives float32"
    })
  })
  const [only] = copies
  return copies.length === 1 && only !== undefined
    ? only
    : (out) => {
        for (const copy of copies) copy(out)
      }
}
