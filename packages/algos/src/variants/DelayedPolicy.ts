/**
 * The actor and all targets move in every d-th update only (Fujimoto et al., 2018, section 5.2): the critics settle
 * before the policy follows them.
 *
 * Replaces `policyDelay`.
 */
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("delayedPolicy"),
    every: Field.positiveInt
      .annotate({ description: "critic updates per update of actor and targets" })
      .pipe(Field.withDefault(2))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** critic updates per update of actor and targets */
  readonly every?: number
}

// combinators

export const delayedPolicy = (input: Input = {}): Algorithm.Variant => {
  const { every: policyDelay } = Field.make("delayedPolicy", Options, input)
  return Algorithm.variant("delayedPolicy", () => ({ policyDelay }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "actor and targets move in every d-th update",
  source: Papers.fujimoto,
  example: { every: 3 },
  make: delayedPolicy
})
