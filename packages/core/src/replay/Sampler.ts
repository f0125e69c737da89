/**
 * Which transitions a minibatch is made of: `uniform` draws, or `prioritized` ones (Schaul et al., "Prioritized experience
 * replay", 2016, the proportional variant):
 *
 * `P_i = p_i^alpha / sum_j p_j^alpha`, `p_i = |error_i| + epsilon`,
 * `w_i = (N P_i)^-beta`, divided by the largest of the minibatch.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import { Elementary, Key } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { Snapshot } from "../state/index.ts"
import * as SumTree from "./SumTree.ts"

// models

export interface Sampler {
  /** Does it give weights? */
  readonly isWeighted: boolean
  /** Fills `slots` from the first `held` slots; `stored` transitions have been seen in all. */
  readonly draw: (
    key: Key.Key,
    slots: Uint32Array,
    held: number,
    stored: number,
    weights: NdArray.Data | undefined
  ) => void
  /** A new transition lies in this slot. */
  readonly add: (slot: number) => void
  /** Told the errors of the slots drawn last. */
  readonly prioritize?: (errors: NdArray.Data) => void
  /** `stored` as above: snapshots are in the order of the transitions' numbers, not of slots. */
  readonly snapshot: (stored: number) => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot, stored: number) => void
}

export interface Priorities {
  /** How much priorities matter: 0 not at all, 1 in proportion. */
  readonly alpha: number
  /** How much of the bias the weights take back; over transitions stored. */
  readonly beta: Ramp.Ramp
  /** Added to every error, so that none is forgotten. */
  readonly epsilon: number
}

// constructors

const stateless = (draw: Sampler["draw"]): Sampler => ({
  isWeighted: false,
  draw,
  add: () => {},
  snapshot: () => null,
  restore: () => {}
})

/** Every transition equally likely, each draw independent of the others. */
export const uniform: Sampler = stateless((key, slots, held) => void Key.integers(key, slots, held))

/** No transition twice in a minibatch, unless it has more rows than there are transitions. */
export const withoutReplacement = (capacity: number): Sampler => {
  const drawnIn = new Uint32Array(capacity)
  let round = 0
  return stateless((key, slots, held) => {
    let index = 0
    for (let i = 0; i < slots.length; i++) {
      if (i % held === 0) {
        // A new round; marks are compared with its number rather than wiped.
        if (round === 0xffffffff) {
          drawnIn.fill(0)
          round = 0
        }
        round += 1
      }
      let slot = Key.integer(key, held, index++)
      while (drawnIn[slot] === round) slot = Key.integer(key, held, index++)
      drawnIn[slot] = round
      slots[i] = slot
    }
  })
}

/**
 * In proportion to priorities, one draw from each of equally heavy strata. New transitions get the largest priority seen
 * so far, so each is drawn soon.
 */
export const prioritized = (capacity: number, options: Priorities): Sampler => {
  const { alpha, beta, epsilon } = options
  const tree = SumTree.make(capacity)
  let largest = 1
  let drawn: Uint32Array = new Uint32Array(0)
  const setPriority = (slot: number, priority: number): void =>
    SumTree.set(tree, slot, Elementary.pow(priority, alpha))
  let perRow = new Float64Array(0)
  return {
    isWeighted: true,
    draw: (key, slots, held, stored, into) => {
      drawn = slots
      const total = SumTree.total(tree)
      const width = total / slots.length
      for (let i = 0; i < slots.length; i++) {
        slots[i] = Math.min(held - 1, SumTree.find(tree, (i + Key.uniform(key, i)) * width))
      }
      if (into === undefined) return
      if (perRow.length !== slots.length) perRow = new Float64Array(slots.length)
      importance(tree, held, Ramp.at(beta, stored), slots, perRow)
      into.set(perRow)
    },
    add: (slot) => setPriority(slot, largest),
    prioritize: (errors) => {
      for (let i = 0; i < drawn.length; i++) {
        const priority = Math.abs(errors[i]!) + epsilon
        largest = Math.max(largest, priority)
        setPriority(drawn[i]!, priority)
      }
    },
    snapshot: (stored) => {
      const count = Math.min(stored, capacity)
      const oldest = (stored - count) % capacity
      const weights = new Float64Array(count)
      weights.set(SumTree.range(tree, oldest, Math.min(oldest + count, capacity)))
      weights.set(SumTree.range(tree, 0, oldest + count - capacity), Math.min(count, capacity - oldest))
      return { largest, weights }
    },
    restore: (snapshot, stored) => {
      largest = Snapshot.getNumber(snapshot, "largest")
      const saved = Snapshot.getFloat64(snapshot, "weights")
      for (let i = Math.max(0, saved.length - capacity); i < saved.length; i++) {
        SumTree.set(tree, (stored - saved.length + i) % capacity, saved[i]!)
      }
    }
  }
}

// pure core

/** The importance weights of some slots, relative to the largest among them. */
export const importance = (
  tree: SumTree.SumTree,
  held: number,
  beta: number,
  slots: Uint32Array,
  out: Float64Array
): void => {
  const total = SumTree.total(tree)
  let most = 0
  for (let i = 0; i < slots.length; i++) {
    const weight = Elementary.pow((held * SumTree.get(tree, slots[i]!)) / total, -beta)
    out[i] = weight
    most = Math.max(most, weight)
  }
  for (let i = 0; i < slots.length; i++) out[i] = out[i]! / most
}
