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
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

export const Options = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("uniform"),
    capacity: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotate({
      description: "transitions kept; the oldest are overwritten"
    })
  })
])
export type Options = typeof Options.Type

// pure core

/** The ring: one array per field and where the next transition goes. */
export interface Ring {
  readonly capacity: number
  readonly observation: Float32Array
  readonly action: Float32Array
  readonly reward: Float32Array
  readonly discount: Float32Array
  readonly nextObservation: Float32Array
  cursor: number
  size: number
}

export const allocate = (capacity: number, shape: Shape): Ring => ({
  capacity,
  observation: new Float32Array(capacity * shape.observation),
  action: new Float32Array(capacity * shape.action),
  reward: new Float32Array(capacity),
  discount: new Float32Array(capacity),
  nextObservation: new Float32Array(capacity * shape.observation),
  cursor: 0,
  size: 0
})

const write = (target: Float32Array, row: number, numbers: Space.Numbers): void => {
  const start = row * numbers.length
  for (let i = 0; i < numbers.length; i++) target[start + i] = numbers[i]!
}

/** Writes a transition at the cursor and moves it. */
export const push = (ring: Ring, transition: Transition): void => {
  const row = ring.cursor
  write(ring.observation, row, transition.observation)
  write(ring.action, row, transition.action)
  ring.reward[row] = transition.reward
  ring.discount[row] = transition.discount
  write(ring.nextObservation, row, transition.nextObservation)
  ring.cursor = (row + 1) % ring.capacity
  ring.size = Math.min(ring.size + 1, ring.capacity)
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

const FIELDS = ["observation", "action", "reward", "discount", "nextObservation"] as const

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
    size: () => ring.size,
    store: (transition) => push(ring, transition),
    sample: (key, batch) => {
      const rows = field(batch, "reward").length
      if (indices.length !== rows) indices = new Uint32Array(rows)
      Key.integers(key, indices, ring.size)
      for (const name of FIELDS) gather(ring[name], indices, field(batch, name))
    },
    snapshot: () => ({
      cursor: ring.cursor,
      size: ring.size,
      ...Object.fromEntries(
        FIELDS.map((name) => [name, ring[name].slice(0, (ring[name].length / capacity) * ring.size)])
      )
    }),
    restore: (snapshot) => {
      for (const name of FIELDS) ring[name].set(Snapshot.getFloat32(snapshot, name))
      ring.cursor = Snapshot.getNumber(snapshot, "cursor")
      ring.size = Snapshot.getNumber(snapshot, "size")
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
