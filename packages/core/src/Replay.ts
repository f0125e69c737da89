/**
 * Replay: the transitions that an agent has seen, and minibatches of them (Lin, 1992; Mnih et al., 2015).
 *
 * A transition is `(s, a, r, discount, s')`, where `discount` is gamma, 0 after a termination, gamma^k over k steps:
 * learners compute `r + discount Q'(s', mu'(s'))` and never see why an episode ended. Numbers are stored in float32, one
 * array per field, in a ring that overwrites its oldest entries.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Field from "./Field.ts"
import * as Key from "./Key.ts"
import * as Snapshot from "./Snapshot.ts"
import type * as Space from "./Space.ts"

// models

/** One step of experience. The arrays are read during `store` and may be overwritten afterwards. */
export interface Transition {
  readonly observation: Space.Numbers
  /** In [-1, 1]; an index for discrete actions. */
  readonly action: Space.Numbers
  readonly reward: number
  /** gamma, or 0 if the step terminated the episode. */
  readonly discount: number
  readonly nextObservation: Space.Numbers
  readonly terminated: boolean
  readonly truncated: boolean
}

/** The inputs of an update program by name (`observation`, `action`, `reward`, ...): `sample` fills them. */
export type Batch = { readonly [field: string]: NdArray.NdArray }

/** What a replay needs to know to allocate its storage. */
export interface Shape {
  readonly observation: number
  readonly action: number
}

/** Rows of transitions, one array per field. */
export type Rows = { readonly [field: string]: Float32Array }

/**
 * The stored transitions by number, counted from 0 over the whole run: number n never changes once it is stored, so a
 * checkpoint writes each one once.
 */
export interface Log {
  /** Transitions stored in all; the last `min(stored, capacity)` of them are here. */
  readonly stored: () => number
  readonly capacity: number
  /** How many numbers a row of each field has. */
  readonly widths: { readonly [field: string]: number }
  /** Copies the transitions `first`, ..., `last - 1`. */
  readonly read: (first: number, last: number) => Rows
  /** Puts transitions back at their numbers, from `first` on. */
  readonly write: (first: number, rows: Rows) => void
}

/** A live replay of one run. */
export interface Instance {
  /** The fields that `sample` can fill. */
  readonly fields: ReadonlyArray<string>
  /** How many transitions can be sampled from now. */
  readonly size: () => number
  readonly store: (transition: Transition) => void
  /** Fills the batch from the key. The number of rows is the batch's own. */
  readonly sample: (key: Key.Key, batch: Batch) => void
  /** Told the temporal-difference errors of the last sampled batch, where the replay wants to know them. */
  readonly prioritize?: (errors: NdArray.Data) => void
  readonly log: Log
  /** Everything but the rows of the log. */
  readonly snapshot: () => Snapshot.Snapshot
  /** Continues from a snapshot; the rows of the log are written separately. */
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

export const Options = Schema.Union([
  Schema.Struct({
    kind: Schema.tag("uniform"),
    capacity: Field.positiveInt
      .annotate({ description: "transitions kept; the oldest are overwritten" })
      .pipe(Field.withDefault(1_000_000))
  })
])
export type Options = typeof Options.Type

// pure core

const FIELDS = ["observation", "action", "reward", "discount", "nextObservation"] as const

/** The ring: one array per field, and how many transitions it has been given. */
export interface Ring {
  readonly capacity: number
  readonly widths: { readonly [field in (typeof FIELDS)[number]]: number }
  readonly rows: { readonly [field in (typeof FIELDS)[number]]: Float32Array }
  stored: number
}

export const allocate = (capacity: number, shape: Shape): Ring => {
  const { action, observation } = shape
  return {
    capacity,
    widths: { observation, action, reward: 1, discount: 1, nextObservation: observation },
    rows: {
      observation: new Float32Array(capacity * observation),
      action: new Float32Array(capacity * action),
      reward: new Float32Array(capacity),
      discount: new Float32Array(capacity),
      nextObservation: new Float32Array(capacity * observation)
    },
    stored: 0
  }
}

/** How many transitions the ring holds. */
export const held = (ring: Ring): number => Math.min(ring.stored, ring.capacity)

const write = (target: Float32Array, row: number, numbers: Space.Numbers): void => {
  const start = row * numbers.length
  for (let i = 0; i < numbers.length; i++) target[start + i] = numbers[i]!
}

/** Writes a transition over the oldest one. */
export const push = (ring: Ring, transition: Transition): void => {
  const { capacity, rows } = ring
  const row = ring.stored % capacity
  write(rows.observation, row, transition.observation)
  write(rows.action, row, transition.action)
  rows.reward[row] = transition.reward
  rows.discount[row] = transition.discount
  write(rows.nextObservation, row, transition.nextObservation)
  ring.stored += 1
}

/** The ring as a log; the two ends of a stretch that wraps around are copied one after the other. */
export const logOf = (ring: Ring): Log => {
  const stretch = (first: number, count: number, copy: (row: number, from: number, rows: number) => void) => {
    const row = first % ring.capacity
    const before = Math.min(count, ring.capacity - row)
    copy(row, 0, before)
    copy(0, before, count - before)
  }
  return {
    stored: () => ring.stored,
    capacity: ring.capacity,
    widths: ring.widths,
    read: (first, last) =>
      Object.fromEntries(
        FIELDS.map((name) => {
          const width = ring.widths[name]
          const out = new Float32Array((last - first) * width)
          stretch(first, last - first, (row, from, rows) =>
            out.set(ring.rows[name].subarray(row * width, (row + rows) * width), from * width)
          )
          return [name, out]
        })
      ),
    write: (first, given) => {
      for (const name of FIELDS) {
        const width = ring.widths[name]
        const field = given[name]
        if (field === undefined) throw new TypeError(`the rows have no field "${name}"`)
        stretch(first, field.length / width, (row, from, rows) =>
          ring.rows[name].set(field.subarray(from * width, (from + rows) * width), row * width)
        )
      }
    }
  }
}

/** Copies the rows at `indices` of one field into rows of a batch. */
export const gather = (field: Float32Array, indices: Uint32Array, into: NdArray.Data): void => {
  const width = into.length / indices.length
  for (let row = 0; row < indices.length; row++) {
    const from = indices[row]! * width
    const to = row * width
    for (let i = 0; i < width; i++) into[to + i] = field[from + i]!
  }
}

// instances

/** The field of a batch, which the update program declared. */
export const field = (batch: Batch, name: string): NdArray.Data => {
  const array = batch[name]
  if (array === undefined) throw new TypeError(`the batch has no field "${name}"`)
  return array.data
}

/** Every stored transition equally likely, drawn with replacement. */
export const uniform = (capacity: number, shape: Shape): Instance => {
  const ring = allocate(capacity, shape)
  let indices = new Uint32Array(0)
  return {
    fields: FIELDS,
    size: () => held(ring),
    store: (transition) => push(ring, transition),
    sample: (key, batch) => {
      const rows = field(batch, "reward").length
      if (indices.length !== rows) indices = new Uint32Array(rows)
      Key.integers(key, indices, held(ring))
      for (const name of FIELDS) gather(ring.rows[name], indices, field(batch, name))
    },
    log: logOf(ring),
    snapshot: () => ({ stored: ring.stored }),
    restore: (snapshot) => {
      ring.stored = Snapshot.getNumber(snapshot, "stored")
    }
  }
}

// service

/** The replay of a run: makes the storage once the shapes of the environment are known. */
export class Replay extends Context.Service<
  Replay,
  {
    readonly name: string
    readonly capacity: number
    readonly make: (shape: Shape) => Instance
  }
>()("@ornstein/core/Replay") {}

// layers

export const layerUniform = (options: { readonly capacity: number }): Layer.Layer<Replay> =>
  Layer.succeed(Replay, {
    name: "uniform",
    capacity: options.capacity,
    make: (shape) => uniform(options.capacity, shape)
  })

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Replay> => layerUniform(options)
