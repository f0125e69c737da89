/**
 * What a minibatch holds of the transitions that were drawn: each as it is (`oneStep`), n steps in one (`nStep`), or
 * with another goal (`Hindsight`).
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import type { Key } from "../random/index.ts"
import * as Transitions from "./Transitions.ts"

// models

/** The inputs of an update program by name (`observation`, `action`, `reward`, ...): `sample` fills them. */
export type Batch = { readonly [field: string]: NdArray.NdArray }

/**
 * What rewards count for in a minibatch. The replay stores what the world did; this is said when it is sampled, and may
 * be another from one minibatch to the next.
 */
export interface Valuation {
  /** The discount per step. */
  readonly gamma: number
  /** Each reward is multiplied with it, and then clipped to [-clip, clip]: one by one, before several are summed. */
  readonly scale: number
  readonly clip: number
}

/** Fills the fields of a batch from the drawn slots. */
export type Reader = (
  transitions: Transitions.Transitions,
  shape: Transitions.Shape,
  slots: Uint32Array,
  batch: Batch,
  key: Key.Key,
  valuation: Valuation
) => void

export const FIELDS = ["observation", "action", "reward", "discount", "nextObservation"] as const

// pure core

/** Rewards as they are. */
export const undiscounted: Valuation = { gamma: 1, scale: 1, clip: Number.POSITIVE_INFINITY }

/** One reward as it counts. */
export const rewardOf = ({ clip, scale }: Valuation, reward: number): number =>
  Math.max(-clip, Math.min(clip, reward * scale))

/** gamma as a minibatch holds it, a float32. */
export const gammaOf = ({ gamma }: Valuation): number => Math.fround(gamma)

/** The numbers of a batch's field; a `TypeError` if it has none. */
export const field = (batch: Batch, name: string): NdArray.Data => {
  const array = batch[name]
  if (array === undefined) throw new TypeError(`the batch has no field "${name}"`)
  return array.data
}

// readers

/** Transitions as they are: `discount` is gamma, 0 after a termination. */
export const oneStep: Reader = (transitions, shape, slots, batch, _key, valuation) => {
  const observation = field(batch, "observation")
  const action = field(batch, "action")
  const reward = field(batch, "reward")
  const discount = field(batch, "discount")
  const nextObservation = field(batch, "nextObservation")
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row]!
    transitions.copyObservation(slot, observation, row * shape.observation)
    Transitions.copyRow(transitions.action, slot, shape.action, action, row * shape.action)
    reward[row] = rewardOf(valuation, transitions.reward[slot]!)
    discount[row] = transitions.terminated[slot] === 0 ? valuation.gamma : 0
    transitions.copyNextObservation(slot, nextObservation, row * shape.observation)
  }
}

/**
 * Up to n steps in one (Sutton, 1988): from the drawn transition on, `reward = sum_q gamma^q r_q` over k steps,
 * `discount = gamma^k`, or 0 when the last of them terminated, and that one's own next observation. A window ends after
 * n steps, at the end of an episode, and at the newest transition of its lane: it never runs on into what is older.
 */
export const nStep =
  (n: number): Reader =>
  (transitions, shape, slots, batch, key, valuation) => {
    oneStep(transitions, shape, slots, batch, key, valuation)
    const rewards = field(batch, "reward")
    const discounts = field(batch, "discount")
    const nextObservation = field(batch, "nextObservation")
    const { lanes, reward, terminated } = transitions
    const gamma = gammaOf(valuation)
    for (let row = 0; row < slots.length; row++) {
      let slot = slots[row]!
      let sum = rewardOf(valuation, reward[slot]!)
      let product = terminated[slot] === 0 ? gamma : 0
      let age = Transitions.age(transitions, slot)
      for (let k = 1; k < n && !Transitions.isEnd(transitions, slot) && age >= lanes; k++) {
        slot = Transitions.following(transitions, slot)
        age -= lanes
        sum += product * rewardOf(valuation, reward[slot]!)
        product *= terminated[slot] === 0 ? gamma : 0
      }
      rewards[row] = sum
      discounts[row] = product
      transitions.copyNextObservation(slot, nextObservation, row * shape.observation)
    }
  }
