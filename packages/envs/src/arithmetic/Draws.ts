/** Where the random numbers of a start come from: a key of ours, or Gymnasium's own generator. */
import * as Key from "@ornstein/core/Key"

// models

/** Numbers drawn one after the other. */
export interface Draws {
  /** `low + (high - low) u`, u uniform on [0, 1). */
  readonly uniform: (low: number, high: number) => number
  /** Standard normal: mean 0, variance 1. */
  readonly normal: () => number
  /** Uniform on low, ..., high - 1. */
  readonly integer: (low: number, high: number) => number
}

// constructors

/** The draws of a key: draw i is read at index i. */
export const ofKey = (key: Key.Key): Draws => {
  let index = 0
  return {
    uniform: (low, high) => low + (high - low) * Key.uniform(key, index++),
    normal: () => Key.normal(key, index++),
    integer: (low, high) => low + Key.integer(key, high - low, index++)
  }
}
