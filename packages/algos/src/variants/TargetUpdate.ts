/**
 * How targets follow: softly, `theta' <- (1 - tau) theta' + tau theta` (Lillicrap et al., 2015), or by a plain copy
 * every so many updates (Mnih et al., 2015; D4PG copies every 100).
 *
 * Replaces `updateTarget` and `targetEvery`: with it the targets keep their own rhythm, whatever the policy's delay.
 */
import * as Field from "@ornstein/core/Field"
import * as Parameters from "@ornstein/core/Parameters"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

const every = Field.positiveInt
  .annotate({ description: "updates from one update of the targets to the next" })
  .pipe(Field.withDefault(1))

export const Options = Schema.Union([
  Schema.Struct({
    kind: Schema.tag("targetUpdate"),
    rule: Schema.Literal("soft").annotate({ description: "a share of the online parameters" }),
    tau: Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1))
      .annotate({ description: "the share that the targets take over, in place of the algorithm's own tau" })
      .pipe(Field.withDefault(0.005)),
    every
  }),
  Schema.Struct({
    kind: Schema.tag("targetUpdate"),
    rule: Schema.Literal("hard").annotate({ description: "a copy of the online parameters" }),
    every
  })
])
export type Options = typeof Options.Type

/** A share of the online parameters. */
export interface SoftInput {
  /** a share of the online parameters */
  readonly rule: "soft"
  /** the share that the targets take over, in place of the algorithm's own tau */
  readonly tau?: number
  /** updates from one update of the targets to the next */
  readonly every?: number
}

/** A copy of the online parameters. */
export interface HardInput {
  /** a copy of the online parameters */
  readonly rule: "hard"
  /** updates from one update of the targets to the next */
  readonly every?: number
}

// pure core

/** theta' <- (1 - tau) theta' + tau theta */
export const polyak =
  (tau: number): Algorithm.Slots["updateTarget"] =>
  (_m, online, target) =>
    Parameters.zip(target, online, (slow, fast) => tf.add(tf.mul(slow, 1 - tau), tf.mul(fast, tau)))

// combinators

export const targetUpdate = (input: SoftInput | HardInput): Algorithm.Variant => {
  const options = Field.make("targetUpdate", Options, input)
  return Algorithm.variant("targetUpdate", () => ({
    targetEvery: options.every,
    updateTarget: options.rule === "hard" ? (_m, online) => online : polyak(options.tau)
  }))
}

// part

/** What a configuration names. */
export const part = Part.from(Options.members, {
  description: "soft, or a copy every so many updates",
  source: Papers.lillicrap,
  departures: ["keeps its own rhythm, whatever the policy's delay"],
  example: { rule: "hard", every: 100 },
  make: targetUpdate
})
