/**
 * Layer normalisation in the hidden layers of actor and critics (Ba et al., 2016), as D4PG's and much later code has it
 * where the DDPG paper has batch normalisation.
 *
 * Replaces `layerNorm`.
 */
import * as Schema from "effect/Schema"
import { Algorithm } from "../family/index.ts"

// models

export const Options = Schema.Struct({ kind: Schema.tag("layerNorm") })
export type Options = typeof Options.Type

// combinators

export const layerNorm: Algorithm.Variant = Algorithm.variant("layerNorm", () => ({ layerNorm: true }))
