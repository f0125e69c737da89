/**
 * The networks that a configuration can name: what actor and critics are made of. One part makes both, for whatever the
 * algorithm asks of them: how many numbers a critic gives, whether the actor is stochastic, layer normalisation.
 *
 * ```ts
 * const ddpg = Ddpg.make({ network: { kind: "deepSets", hidden: [32] } })
 * ```
 *
 * A network of your own is a part that makes an `Architecture`. A program names it with `kinds.choose`.
 */
import * as Catalogue from "@ornstein/core/Catalogue"
import type { Architecture } from "./Architecture.ts"
import * as DeepSets from "./DeepSets.ts"
import * as Dense from "./Dense.ts"

// catalogue

export const kinds = Catalogue.of<Architecture>("network").with(Dense.part, DeepSets.part)

export type Options = typeof kinds.open.Type
export type Input = (typeof kinds.open)["~type.make"]
