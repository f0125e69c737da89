/**
 * What a worker thread and the run share: words by which they wake and wait for each other, and of each lane the command,
 * the action, and what the last step gave. Nothing of a step is allocated or sent.
 */
import type { Space } from "../environment/index.ts"

// models

/** Words of the whole worker, each on a cache line of its own. */
export const control = {
  /** Rises with each command: the worker sleeps on it. */
  bell: 0,
  /** Commands that are not done: the run sleeps on it, and is woken at 0. */
  left: 16,
  /** The lane that the worker is busy with, by its number in the run. */
  at: 32,
  /** 1 once the thread has ended. */
  dead: 48,
  /** 1 while a message waits to be read. */
  message: 64
} as const

const CONTROL = 80

/** Words of a lane. */
export const word = {
  command: 0,
  /** 1 where the command threw. */
  isFaulty: 1,
  terminated: 2,
  truncated: 3,
  steps: 4,
  keyHigh: 5,
  keyLow: 6
} as const

const WORDS = 16

/** What a lane is told in its `command`. */
export const command = { none: 0, step: 1, reset: 2 } as const

export type Precision = "float32" | "float64"

/** Numbers of an observation and of an action. */
export interface Sizes {
  readonly lanes: number
  readonly observation: number
  readonly action: number
}

/** The memory of one lane. */
export interface Lane {
  readonly words: Int32Array
  readonly reward: Float64Array
  readonly observation: (precision: Precision) => Space.Numbers
  readonly action: (precision: Precision) => Space.Numbers
}

export interface Memory {
  readonly control: Int32Array
  readonly lanes: ReadonlyArray<Lane>
}

// pure core

/** Of an array of the contract, the precision. */
export const precisionOf = (numbers: Space.Numbers): Precision =>
  numbers instanceof Float64Array ? "float64" : "float32"

/** Bytes of a lane's numbers: whatever their precision, each has the room of a double. */
const numbersOf = ({ action, observation }: Sizes): number => 8 * (1 + observation + action)

export const bytes = (sizes: Sizes): number =>
  4 * (CONTROL + sizes.lanes * WORDS) + sizes.lanes * numbersOf(sizes)

/** A buffer of `bytes(sizes)`, as both ends see it. */
export const view = (buffer: SharedArrayBuffer, sizes: Sizes): Memory => {
  const { action, lanes, observation } = sizes
  const begin = 4 * (CONTROL + lanes * WORDS)
  const numbers = (offset: number, length: number) => (precision: Precision) =>
    precision === "float64"
      ? new Float64Array(buffer, offset, length)
      : new Float32Array(buffer, offset, length)
  return {
    control: new Int32Array(buffer, 0, CONTROL),
    lanes: Array.from({ length: lanes }, (_, i): Lane => {
      const at = begin + i * numbersOf(sizes)
      return {
        words: new Int32Array(buffer, 4 * (CONTROL + i * WORDS), WORDS),
        reward: new Float64Array(buffer, at, 1),
        observation: numbers(at + 8, observation),
        action: numbers(at + 8 * (1 + observation), action)
      }
    })
  }
}
