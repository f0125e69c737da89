/**
 * Acting by a compiled program, on one observation or on several rows of them: what a stochastic policy draws is read by
 * the key of a run and the number of a step, so whoever has both draws the same.
 */
import type { Space } from "../environment/index.ts"
import { Key, Streams } from "../random/index.ts"
import * as Decision from "./Decision.ts"

// models

/** Whose draws an action reads. */
export interface Draws {
  /** The normal numbers of a policy that takes some. */
  readonly policy: Key.Key
  /** The choice among probabilities. */
  readonly decision: Key.Key
}

/** A program and where its inputs and outputs are. */
export interface Program {
  readonly decision: Decision.Decision
  readonly rows: number
  /** `[rows, actionNoise]`; nothing where the policy takes none */
  readonly noise: Float32Array | undefined
  /** `[rows, action]` */
  readonly output: Float32Array
  readonly run: () => void
}

export interface Actor {
  /**
   * Acts on the observations that were written: row i with the draws of step `step + i`, or, without draws, by the
   * policy's best action.
   */
  readonly run: (draws: Draws | undefined, step: number) => void
  /** Writes the action of a row. */
  readonly decide: (row: number, action: Space.Numbers) => void
}

// pure core

/** The draws of the run of this key. */
export const drawsOf = (key: Key.Key): Draws => ({
  policy: Streams.of(key, "policy"),
  decision: Streams.of(key, "decision")
})

/** Views of the rows of an array, of which there are so many. */
const rowsOf = (array: Float32Array, count: number): ReadonlyArray<Float32Array> => {
  const width = array.length / count
  return Array.from({ length: count }, (_, i) => array.subarray(i * width, (i + 1) * width))
}

// constructors

export const make = (program: Program): Actor => {
  const { decision, rows } = program
  const noise = program.noise === undefined ? [] : rowsOf(program.noise, rows)
  const outputs = rowsOf(program.output, rows)
  let draws: Draws | undefined
  let first = 0
  return {
    run: (given, step) => {
      draws = given
      first = step
      for (let i = 0; i < noise.length; i++) {
        if (given === undefined) noise[i]!.fill(0)
        else Key.normals(Key.fold(given.policy, step + i), noise[i]!)
      }
      program.run()
    },
    decide: (row, action) =>
      Decision.decide(
        decision,
        outputs[row]!,
        draws === undefined ? undefined : Key.fold(draws.decision, first + row),
        action
      )
  }
}

/**
 * The best actions for the first `count` of so many observations, by all rows at once or, where a few are left, one by one:
 * that is faster for a quarter of them, and gives the same bits.
 */
export const best =
  (
    one: (observation: Float32Array, action: Space.Numbers) => void,
    all:
      | {
          readonly run: (observations: Float32Array, step: undefined) => void
          readonly decide: Actor["decide"]
        }
      | undefined,
    rows: number
  ) =>
  (observations: Float32Array, actions: ReadonlyArray<Space.Numbers>, count: number): void => {
    if (all !== undefined && count >= rows / 4) {
      all.run(observations, undefined)
      for (let i = 0; i < count; i++) all.decide(i, actions[i]!)
      return
    }
    const width = observations.length / rows
    for (let i = 0; i < count; i++) one(observations.subarray(i * width, (i + 1) * width), actions[i]!)
  }
