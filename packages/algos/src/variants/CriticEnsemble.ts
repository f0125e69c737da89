/**
 * Many critics, of which each update's target asks a few (REDQ; Chen et al., "Randomized ensembled double Q-learning:
 * learning fast without a model", 2021): M is a random subset of the N critics, drawn anew for every update,
 *
 * `y = r + gamma min_(i in M) Q'_i(s', a')`,
 *
 * each critic is fitted to the same y, and the actor climbs the mean of all N. The paper's learner is SAC with this:
 *
 * ```ts
 * const redq = Ddpg.make().pipe(softActor(), criticEnsemble({ critics: 10, subset: 2 }))
 * ```
 *
 * Replaces `criticCount`, `value`, `target`, `criticLoss`, `policyValue`.
 */
import * as Draw from "@ornstein/core/Draw"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Algorithm, Papers } from "../family/index.ts"
import * as TwinCritics from "./TwinCritics.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("criticEnsemble"),
    critics: Schema.Int.check(Schema.isGreaterThanOrEqualTo(2))
      .annotate({ description: "number of critics, N" })
      .pipe(Field.withDefault(10)),
    subset: Field.positiveInt
      .annotate({
        description: "critics that the target asks, drawn anew for every update; all if there are no more"
      })
      .pipe(Field.withDefault(2)),
    combine: Schema.Literals(["minimum", "mean"])
      .annotate({ description: "what of their values enters the target" })
      .pipe(Field.withDefault("minimum" as const))
  }).check(
    Schema.makeFilter(({ critics, subset }) =>
      subset <= critics ? true : { path: ["subset"], issue: `is more than the ${critics} critics` }
    )
  )
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** number of critics, N */
  readonly critics?: number
  /** critics that the target asks, drawn anew for every update; all if there are no more */
  readonly subset?: number
  /** what of their values enters the target */
  readonly combine?: "minimum" | "mean"
}

// pure core

/** What the update draws: the critics that its target asks. */
const SUBSET = "targetCritics"

/** The mean of all critics `[batch]` */
const value: Algorithm.Slots["value"] = (m, critics, s, a) =>
  TwinCritics.mean(TwinCritics.values(m, critics, s, a))

// combinators

export const criticEnsemble = (input: Input = {}): Algorithm.Variant => {
  const { combine, critics: count, subset } = Field.make("criticEnsemble", Options, input)
  const isDrawn = subset < count
  return Algorithm.variant("criticEnsemble", () => ({
    criticCount: count,
    ...(isDrawn ? { draws: { [SUBSET]: () => Draw.subset({ size: subset, of: count }) } } : {}),
    value,
    target: (m, c) => {
      const all = tf.stack([...TwinCritics.values(m, c.target.critics, c.s2, m.targetAction(c))])
      const asked = isDrawn ? tf.gather(all, c.draw(SUBSET)) : all
      return m.backup(c, combine === "minimum" ? tf.min(asked, 0) : tf.mean(asked, 0))
    },
    criticLoss: TwinCritics.criticLoss,
    policyValue: value
  }))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "many critics; a random few of them in the target, their mean for the actor",
  source: Papers.chen,
  departures: [
    "several updates per step, which the paper makes, are a matter of training.updatesPerRound",
    "the mean in place of the minimum is an option of ours",
    "with prioritized replay the error told is y minus the mean of the critics"
  ],
  example: { critics: 4, subset: 3, combine: "mean" },
  make: criticEnsemble
})
