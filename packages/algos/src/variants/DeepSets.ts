/**
 * The network `deepSets` as a variant: networks for worlds whose dimensions are all alike.
 *
 * Replaces `actor` and `critic`.
 */
import * as Part from "@ornstein/core/Part"
import type { Algorithm } from "../family/index.ts"
import { Architecture, DeepSets } from "../networks/index.ts"

// combinators

/**
 * ```ts
 * const ddpg = Ddpg.make({ gamma: 0.5 }).pipe(deepSets({ hidden: [32] }))
 * ```
 */
export const deepSets = (input: DeepSets.Input = {}): Algorithm.Variant =>
  Architecture.variant("deepSets", DeepSets.make(input))

// part

/** What a configuration names. */
export const part = Part.from([DeepSets.Options], {
  ...DeepSets.part,
  description: "the network deepSets: one that treats all dimensions alike",
  make: deepSets
})
