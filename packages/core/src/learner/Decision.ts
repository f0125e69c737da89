/**
 * How an action is made of what a policy computes, as data, so that it can be saved beside the policy:
 *
 * - `direct`: the numbers are the action.
 * - `categorical`: they are the probabilities of discrete actions. With a key the action is drawn by them (by Threefry,
 *   one uniform number against their running sum); without one it is the likeliest, the first of equals.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Schema from "effect/Schema"
import type { Space } from "../environment/index.ts"
import { Key } from "../random/index.ts"

// models

export const Decision = Schema.Literals(["direct", "categorical"])
export type Decision = typeof Decision.Type

// pure core

const likeliest = (probabilities: NdArray.Data): number => {
  let chosen = 0
  for (let i = 1; i < probabilities.length; i++) {
    if (probabilities[i]! > probabilities[chosen]!) chosen = i
  }
  return chosen
}

/** The last action makes up for what the probabilities lack of 1. */
const drawn = (probabilities: NdArray.Data, key: Key.Key): number => {
  let chosen = 0
  let rest = Key.uniform(key) - probabilities[0]!
  while (rest >= 0 && chosen < probabilities.length - 1) rest -= probabilities[++chosen]!
  return chosen
}

/**
 * Writes the action for the output of a policy: in training with the key of the step, in evaluation, without one, the
 * best action.
 *
 * ```ts
 * Decision.decide("categorical", Float32Array.of(0.2, 0.8), undefined, action) // action[0] is 1
 * ```
 */
export const decide = (
  decision: Decision,
  output: NdArray.Data,
  key: Key.Key | undefined,
  action: Space.Numbers
): void => {
  if (decision === "direct") action.set(output)
  else action[0] = key === undefined ? likeliest(output) : drawn(output, key)
}
