/**
 * How targets follow: softly, `theta' <- (1 - tau) theta' + tau theta` (Lillicrap et al., 2015), or by a plain copy
 * every so many updates (Mnih et al., 2015; D4PG copies every 100).
 *
 * Replaces `updateTarget` and `targetEvery`: with it the targets keep their own rhythm, whatever the policy's delay.
 */
import * as Field from "@ornstein/core/Field"
import * as Parameters from "@ornstein/core/Parameters"
import * as Part from "@ornstein/core/Part"
import * as Ramp from "@ornstein/core/Ramp"
import type * as Scalars from "@ornstein/core/Scalars"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"

// models

/** tau: with 0 the targets would never move, on the way they may stand still. */
export const share = Ramp.timed({
  constant: Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1)),
  value: Field.unitInterval
})

const every = Field.positiveInt
  .annotate({ description: "updates from one update of the targets to the next" })
  .pipe(Field.withDefault(1))

export const Options = Schema.Union([
  Schema.Struct({
    kind: Schema.tag("targetUpdate"),
    rule: Schema.Literal("soft").annotate({ description: "a share of the online parameters" }),
    tau: share
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
  readonly tau?: Ramp.Timed
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

/** The scalars that `polyak` reads. */
export const scalars = (tau: Ramp.Timed): Scalars.Scalars => ({ tau, rest: { besides: "tau" } })

/** theta' <- (1 - tau) theta' + tau theta */
export const polyak: Algorithm.Slots["updateTarget"] = (_m, c, online, target) => {
  const [tau, rest] = [c.scalar("tau"), c.scalar("rest")]
  return Parameters.zip(target, online, (slow, fast) => tf.add(tf.mul(slow, rest), tf.mul(fast, tau)))
}

// combinators

export const targetUpdate = (input: SoftInput | HardInput): Algorithm.Variant => {
  const options = Field.make("targetUpdate", Options, input)
  return Algorithm.variant("targetUpdate", () => ({
    targetEvery: options.every,
    ...(options.rule === "hard"
      ? { updateTarget: (_m, _c, online) => online }
      : { scalars: scalars(options.tau), updateTarget: polyak })
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
