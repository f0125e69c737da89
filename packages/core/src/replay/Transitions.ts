/**
 * Where a replay keeps its transitions: a ring of float32 rows, one array per field, that overwrites its oldest. What is
 * kept is what the world did; how it is valued (discount, scale of rewards) is said when minibatches are sampled. The
 * `full` ring keeps both observations of every transition. The `compact` one keeps each observation once, since the
 * next observation of one step is the observation of the following, and sets aside those that none follows: at the end
 * of an episode, terminated or truncated, and after the newest transition. Both read the same.
 *
 * Several lanes, environments that step in turn, share a ring: transition number n belongs to lane n mod lanes, and what
 * happened next in its trajectory is number n + lanes. With one lane that is the ring of one trajectory.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import type { Space } from "../environment/index.ts"

// models

/** One step of experience. The arrays are read during `store` and may be overwritten afterwards. */
export interface Transition {
  readonly observation: Space.Numbers
  /** In [-1, 1]; an index for discrete actions. */
  readonly action: Space.Numbers
  readonly reward: number
  readonly nextObservation: Space.Numbers
  /** The world has ended: nothing comes after. */
  readonly terminated: boolean
  /** Somebody stopped looking; both together mean terminated. */
  readonly truncated: boolean
}

/** What a replay needs to know to allocate its storage. */
export interface Shape {
  readonly observation: number
  readonly action: number
  /** How many trajectories are stored in turn, 1 if left out. */
  readonly lanes?: number
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

/** Transition number n lies in slot n mod capacity, and belongs to lane n mod lanes. */
export interface Transitions {
  readonly capacity: number
  readonly lanes: number
  readonly stored: () => number
  readonly push: (transition: Transition) => void
  /** `[capacity, action]` */
  readonly action: Float32Array
  readonly reward: Float32Array
  /** 1 where the step terminated the episode, or truncated it. */
  readonly terminated: Float32Array
  readonly truncated: Float32Array
  readonly copyObservation: (slot: number, into: NdArray.Data, at: number) => void
  readonly copyNextObservation: (slot: number, into: NdArray.Data, at: number) => void
  readonly log: Log
  /** Continues after so many transitions; their rows are written to the log separately. */
  readonly restore: (stored: number) => void
}

// pure core

/** How many transitions are there. */
export const held = (self: Transitions): number => Math.min(self.stored(), self.capacity)

/** Did an episode end with the transition in this slot? */
export const isEnd = ({ terminated, truncated }: Transitions, slot: number): boolean =>
  terminated[slot] !== 0 || truncated[slot] !== 0

/** The slot of the newest transition; -1 when there is none. */
export const newest = (self: Transitions): number => {
  const stored = self.stored()
  return stored === 0 ? -1 : (stored - 1) % self.capacity
}

/** How many transitions of all lanes were stored after the one in this slot. */
export const age = (self: Transitions, slot: number): number =>
  (newest(self) - slot + self.capacity) % self.capacity

/** Is it the newest transition of its lane? */
export const isNewest = (self: Transitions, slot: number): boolean => age(self, slot) < self.lanes

/** The slot of what happened next in the lane, if anything did: see `isNewest`. */
export const following = ({ capacity, lanes }: Transitions, slot: number): number => (slot + lanes) % capacity

/** Copies row number `row` of `width` numbers to `into[at]` and on. */
export const copyRow = (
  rows: Float32Array,
  row: number,
  width: number,
  into: NdArray.Data,
  at: number
): void => {
  const from = row * width
  for (let i = 0; i < width; i++) into[at + i] = rows[from + i]!
}

const writeRow = (rows: Float32Array, row: number, numbers: Space.Numbers): void => {
  const start = row * numbers.length
  for (let i = 0; i < numbers.length; i++) rows[start + i] = numbers[i]!
}

/** Both rings but for the next observations, whose keeper is told what to keep. */
const ring = (
  capacity: number,
  { action, lanes = 1, observation }: Shape,
  next: {
    readonly copy: (slot: number, into: NdArray.Data, at: number) => void
    /** Told the number of the transition. */
    readonly keep: (n: number, isEnd: boolean, nextObservation: Space.Numbers) => void
  },
  observations: Float32Array,
  count: { stored: number }
): Transitions => {
  const widths = {
    observation,
    action,
    reward: 1,
    nextObservation: observation,
    terminated: 1,
    truncated: 1
  }
  const arrays = {
    observation: observations,
    action: new Float32Array(capacity * action),
    reward: new Float32Array(capacity),
    terminated: new Float32Array(capacity),
    truncated: new Float32Array(capacity)
  }
  const copyNextObservation = next.copy
  const read = (first: number, last: number): Rows => {
    const rows = Object.fromEntries(
      Object.entries(widths).map(([name, width]) => [name, new Float32Array((last - first) * width)])
    )
    for (let n = first; n < last; n++) {
      const slot = n % capacity
      for (const [name, from] of Object.entries(arrays)) {
        const width = from.length / capacity
        copyRow(from, slot, width, rows[name]!, (n - first) * width)
      }
      copyNextObservation(slot, rows["nextObservation"]!, (n - first) * observation)
    }
    return rows
  }
  const write = (first: number, rows: Rows): void => {
    for (const name of Object.keys(widths)) {
      if (rows[name] === undefined) throw new TypeError(`the rows have no field "${name}"`)
    }
    const { nextObservation: nexts, terminated, truncated } = rows
    if (nexts === undefined || terminated === undefined || truncated === undefined) return
    for (let i = 0; i < terminated.length; i++) {
      const slot = (first + i) % capacity
      for (const [name, to] of Object.entries(arrays)) {
        const width = to.length / capacity
        copyRow(rows[name]!, i, width, to, slot * width)
      }
      const isLast = terminated[i] !== 0 || truncated[i] !== 0
      next.keep(first + i, isLast, nexts.subarray(i * observation, (i + 1) * observation))
    }
  }
  return {
    capacity,
    lanes,
    ...arrays,
    stored: () => count.stored,
    push: (transition) => {
      const slot = count.stored % capacity
      writeRow(arrays.observation, slot, transition.observation)
      writeRow(arrays.action, slot, transition.action)
      arrays.reward[slot] = transition.reward
      arrays.terminated[slot] = transition.terminated ? 1 : 0
      arrays.truncated[slot] = transition.truncated ? 1 : 0
      next.keep(count.stored, transition.terminated || transition.truncated, transition.nextObservation)
      count.stored += 1
    },
    copyObservation: (slot, into, at) => copyRow(observations, slot, observation, into, at),
    copyNextObservation,
    log: { stored: () => count.stored, capacity, widths, read, write },
    restore: (stored) => {
      count.stored = stored
    }
  }
}

/** The bytes of `full`, or of `compact` but for the last observation of each episode. */
export const bytes = (capacity: number, { action, observation }: Shape, isCompact: boolean): number =>
  Float32Array.BYTES_PER_ELEMENT * capacity * ((isCompact ? 1 : 2) * observation + action + 3)

// constructors

/** Every transition with both of its observations. */
export const full = (capacity: number, shape: Shape): Transitions => {
  const width = shape.observation
  const observations = new Float32Array(capacity * width)
  const nexts = new Float32Array(capacity * width)
  const next = {
    copy: (slot: number, into: NdArray.Data, at: number): void => copyRow(nexts, slot, width, into, at),
    keep: (n: number, _isEnd: boolean, observation: Space.Numbers): void =>
      writeRow(nexts, n % capacity, observation)
  }
  return ring(capacity, shape, next, observations, { stored: 0 })
}

/**
 * Each observation once: half the memory where episodes are long. It takes transitions in the order in which
 * environments make them.
 */
export const compact = (capacity: number, shape: Shape): Transitions => {
  const { lanes = 1, observation: width } = shape
  const observations = new Float32Array(capacity * width)
  const lasts = new Map<number, Float32Array>()
  /** What followed the newest transition of each lane. */
  const newestNext = new Float32Array(lanes * width)
  const count = { stored: 0 }
  const next = {
    copy: (slot: number, into: NdArray.Data, at: number): void => {
      const last = lasts.get(slot)
      if (last !== undefined) return copyRow(last, 0, width, into, at)
      const newest = count.stored - 1
      const age = ((newest % capacity) - slot + capacity) % capacity
      if (age < lanes) copyRow(newestNext, (newest - age) % lanes, width, into, at)
      else copyRow(observations, (slot + lanes) % capacity, width, into, at)
    },
    keep: (n: number, isLast: boolean, observation: Space.Numbers): void => {
      if (isLast) lasts.set(n % capacity, Float32Array.from(observation))
      else {
        lasts.delete(n % capacity)
        writeRow(newestNext, n % lanes, observation)
      }
    }
  }
  return ring(capacity, shape, next, observations, count)
}

/** The log of a replay that leaves nothing behind for others to keep. */
export const nothingLogged: Log = {
  stored: () => 0,
  capacity: 0,
  widths: {},
  read: () => ({}),
  write: () => {}
}
