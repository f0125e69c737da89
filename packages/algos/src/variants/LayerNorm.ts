/**
 * Layer normalisation in the hidden layers of actor and critics (Ba et al., 2016), as D4PG's and much later code has it
 * where the DDPG paper has batch normalisation.
 *
 * Replaces `layerNorm`.
 */
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(Schema.Struct({ kind: Schema.tag("layerNorm") })) {}

// combinators

export const layerNorm: Algorithm.Variant = Algorithm.variant("layerNorm", () => ({ layerNorm: true }))

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "layer normalisation in actor and critics",
  source: Papers.ba,
  example: {},
  make: () => layerNorm
})
