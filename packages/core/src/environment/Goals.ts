/** Tasks whose observations contain a goal, as hindsight experience replay needs to know them. */
import type * as Space from "./Space.ts"

// models

/** A task whose observations contain a goal: what hindsight needs to know of it. */
export interface Goals {
  /** The goal that an observation has reached, written into `out`. */
  readonly achieved: (observation: Space.Numbers, out: Space.Numbers) => void
  /**
   * The goal that an observation contains, written into `out`: needed where reaching a goal ends the episode, to tell such
   * ends from others. Without it, an end stays an end.
   */
  readonly desired?: (observation: Space.Numbers, out: Space.Numbers) => void
  /** Puts a goal into an observation, in place. */
  readonly setGoal: (observation: Space.Numbers, goal: Space.Numbers) => void
  /** The reward of reaching `achieved` when the goal is `goal`, and whether that ends the episode. */
  readonly reward: (achieved: Space.Numbers, goal: Space.Numbers) => number
  readonly isTerminal: (achieved: Space.Numbers, goal: Space.Numbers) => boolean
  /** How many numbers a goal has. */
  readonly size: number
}

// pure core

/** Can ends that the goal caused be told from others? Not where they would have to be, and `desired` is missing. */
export const tellsEnds = (goals: Goals): boolean => {
  const goal = new Float32Array(goals.size)
  return goals.desired !== undefined || !goals.isTerminal(goal, goal)
}
