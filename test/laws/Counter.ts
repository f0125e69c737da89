/** A world that says of each observation which episode it is of, and how far that has come. */
import { Environment, Key, type Replay, Space } from "@ornstein/core"
import * as NdArray from "@ornstein/jit/NdArray"
import { Schema } from "effect"

const State = Schema.Struct({ start: Schema.Finite, count: Schema.Int })

/** The steps of an episode: 3 to 9. */
export const lengthOf = (start: number): number => 3 + Math.floor(7 * start)

/** Observations are the start, by which each episode is known, the steps since, and a goal: 0, or a start. */
export const make = (): Environment.Environment<Space.Box> => {
  const reached = (observation: Space.Numbers, out: Space.Numbers): void => {
    out[0] = observation[0]!
  }
  return Environment.define({
    id: "Counter-v0",
    description: "Count",
    observation: Space.box({ shape: [3], low: -100, high: 100 }),
    action: Space.box({ shape: [1], low: -1, high: 1 }),
    goals: {
      size: 1,
      achieved: reached,
      desired: (observation, out) => {
        out[0] = observation[2]!
      },
      setGoal: (observation, goal) => {
        observation[2] = goal[0]!
      },
      reward: () => 0,
      isTerminal: () => false
    },
    // Starts are numbers that single precision holds.
    reset: (key) => ({ start: Math.fround(Key.uniform(key)), count: 0 }),
    step: (state) => {
      const { count, start } = Schema.decodeUnknownSync(State)(state)
      return { state: { start, count: count + 1 }, reward: start, terminated: count + 1 >= lengthOf(start) }
    },
    observe: (state, out) => {
      const { count, start } = Schema.decodeUnknownSync(State)(state)
      out[0] = start
      out[1] = count
      out[2] = 0
    }
  })
}

const ROWS = 8

/** Rows of a minibatch, as the episodes that they are of. */
export const sampled = (replay: Replay.Instance, at: number) => {
  const widths: { readonly [name: string]: number } = { observation: 3, nextObservation: 3, action: 1 }
  const batch = Object.fromEntries(
    replay.fields.map((name) => {
      const width = widths[name]
      const shape = width === undefined ? [ROWS] : [ROWS, width]
      return [name, NdArray.make(shape, new Float32Array(ROWS * (width ?? 1)))] as const
    })
  )
  replay.sample(Key.make(at), batch)
  const state = (name: string, row: number) => {
    const [start = Number.NaN, count = Number.NaN, goal = Number.NaN] =
      batch[name]?.data.slice(3 * row, 3 * row + 3) ?? []
    return { start, count, goal }
  }
  return Array.from({ length: ROWS }, (_, row) => ({
    before: state("observation", row),
    after: state("nextObservation", row),
    reward: batch["reward"]?.data[row] ?? Number.NaN
  }))
}
