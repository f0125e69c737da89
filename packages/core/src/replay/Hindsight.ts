/**
 * Hindsight experience replay (Andrychowicz et al., 2017): in some rows of a minibatch the goal is replaced by one that the
 * same episode has reached, and the reward is computed anew, so that every episode reaches some goal. Whether the row
 * ends anything is decided anew too:
 *
 * | the step terminated ... | the new goal is reached, and that ends episodes | it is not |
 * | --- | --- | --- |
 * | not, or was truncated | an end | goes on |
 * | because the old goal was reached | an end | goes on |
 * | for another reason (a crash) | an end | still an end |
 *
 * An environment whose observations contain a goal says so by `goals` in its spec.
 */
import { Goals } from "../environment/index.ts"
import { Key } from "../random/index.ts"
import * as Reader from "./Reader.ts"
import * as Transitions from "./Transitions.ts"

// models

/** Which goals replace the old one: those that the episode reached later, at its end, or at any time. */
export type Strategy = "future" | "final" | "episode"

export interface Options {
  readonly goals: Goals.Goals
  readonly strategy: Strategy
  /** The share of rows with another goal: k / (k + 1) for the paper's k goals for each transition. */
  readonly ratio: number
}

// pure core

/** The last slot of the episode that is there. */
const last = (transitions: Transitions.Transitions, from: number): number => {
  const newest = Transitions.newest(transitions)
  let slot = from
  while (!Transitions.isEnd(transitions, slot) && slot !== newest) slot = (slot + 1) % transitions.capacity
  return slot
}

const distance = (from: number, to: number, capacity: number): number => (to - from + capacity) % capacity

/** The first slot of the episode that is still there. */
const first = (transitions: Transitions.Transitions, from: number): number => {
  const { capacity } = transitions
  const stored = transitions.stored()
  const oldest = stored <= capacity ? 0 : stored % capacity
  let slot = from
  while (slot !== oldest) {
    const before = (slot - 1 + capacity) % capacity
    if (Transitions.isEnd(transitions, before)) break
    slot = before
  }
  return slot
}

// readers

export const reader = (options: Options): Reader.Reader => {
  const { goals, ratio, strategy } = options
  const goal = new Float32Array(goals.size)
  const old = new Float32Array(goals.size)
  const reached = new Float32Array(goals.size)
  let source = new Float32Array(0)
  return (transitions, shape, slots, batch, key, valuation) => {
    Reader.oneStep(transitions, shape, slots, batch, key, valuation)
    const rewards = Reader.field(batch, "reward")
    const discounts = Reader.field(batch, "discount")
    const observations = Reader.field(batch, "observation")
    const nextObservations = Reader.field(batch, "nextObservation")
    if (!(observations instanceof Float32Array && nextObservations instanceof Float32Array)) {
      throw new TypeError("observations are float32")
    }
    const { capacity } = transitions
    if (source.length !== shape.observation) source = new Float32Array(shape.observation)
    const relabelKey = Key.fold(key, "hindsight")
    for (let row = 0; row < slots.length; row++) {
      if (Key.uniform(relabelKey, 2 * row) >= ratio) continue
      const slot = slots[row]!
      const end = last(transitions, slot)
      const start = strategy === "episode" ? first(transitions, slot) : strategy === "final" ? end : slot
      const choices = distance(start, end, capacity) + 1
      const chosen = (start + Key.integer(relabelKey, choices, 2 * row + 1)) % capacity
      transitions.copyNextObservation(chosen, source, 0)
      goals.achieved(source, goal)
      const at = row * shape.observation
      const next = nextObservations.subarray(at, at + shape.observation)
      goals.desired?.(next, old)
      goals.setGoal(observations.subarray(at, at + shape.observation), goal)
      goals.setGoal(next, goal)
      goals.achieved(next, reached)
      rewards[row] = Reader.rewardOf(valuation, goals.reward(reached, goal))
      const isReached = goals.isTerminal(reached, goal)
      const isOldEnd = transitions.terminated[slot] !== 0
      const isOfOldGoal = isOldEnd && goals.desired !== undefined && goals.isTerminal(reached, old)
      discounts[row] = isReached || (isOldEnd && !isOfOldGoal) ? 0 : valuation.gamma
    }
  }
}
