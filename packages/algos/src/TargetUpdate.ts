/**
 * How targets follow: softly, `theta' <- (1 - tau) theta' + tau theta` (Lillicrap et al., 2015), or by a plain copy
 * every so many updates (Mnih et al., 2015; D4PG copies every 100).
 *
 * Replaces `updateTarget` and `targetEvery`: with it the targets keep their own rhythm, whatever the policy's delay.
 */
import * as Algorithm from "@ornstein/core/Algorithm"
import * as Field from "@ornstein/core/Field"
import * as Schema from "effect/Schema"
import * as Ddpg from "./Ddpg.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("targetUpdate"),
  rule: Schema.Literals(["soft", "hard"]).annotate({
    description: "a share of the online parameters, or a copy"
  }),
  tau: Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1))
    .annotate({ description: "the share that a soft update takes over" })
    .pipe(Field.withDefault(0.005)),
  every: Field.positiveInt
    .annotate({ description: "updates from one update of the targets to the next" })
    .pipe(Field.withDefault(1))
})
export type Options = typeof Options.Type

// combinators

export const targetUpdate = (input: Field.Input<typeof Options>): Algorithm.Variant => {
  const { every, rule, tau } = Options.make(input)
  return Algorithm.variant("targetUpdate", () => ({
    targetEvery: every,
    updateTarget: rule === "hard" ? (online) => online : Ddpg.polyak(tau)
  }))
}
