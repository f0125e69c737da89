/**
 * On-policy learning: a learner that says `isOnPolicy` learns once from each whole rollout of its own actions, in the step
 * that completes it, and acts on with what it has learned. So it has no warm-up with other actions, no steps before the
 * first update, and no rhythm of updates but that of its rollouts.
 */
import { Mistake } from "../config/index.ts"

// models

/** The rhythm of training, as far as rollouts decide it. */
export interface Rhythm {
  readonly warmup: number
  readonly learningStarts: number
  readonly updateEvery: number
  readonly updatesPerRound: number
}

// pure core

/** The only rhythm that there is. */
export const rhythm: Rhythm = { warmup: 0, learningStarts: 0, updateEvery: 1, updatesPerRound: 1 }

/** Why nothing else makes sense. */
const reasons: { readonly [name in keyof Rhythm]: string } = {
  warmup: "learns from actions of its own only",
  learningStarts: "learns from every rollout, the first one too",
  updateEvery: "learns from a rollout in the step that completes it",
  updatesPerRound: "learns once from each rollout"
}

export const fields = ["warmup", "learningStarts", "updateEvery", "updatesPerRound"] as const

/** What is allowed in this field, if an on-policy learner cannot have what stands there. */
export const refusal = (learner: string, field: keyof Rhythm, given: Rhythm): string | undefined =>
  given[field] === rhythm[field] ? undefined : `expected ${rhythm[field]}: ${learner} ${reasons[field]}`

/** All mistakes in the options of training. */
export const mistakes = (learner: string, given: Rhythm): ReadonlyArray<Mistake.Mistake> =>
  fields.flatMap((field) => {
    const allowed = refusal(learner, field, given)
    return allowed === undefined ? [] : [Mistake.make(["training", field], allowed, given[field])]
  })

/** The mistake in an exploration, by its name. */
export const perturbed = (learner: string, exploration: string): ReadonlyArray<Mistake.Mistake> =>
  exploration === "none"
    ? []
    : [Mistake.make(["exploration"], `expected none: ${learner} ${reasons.warmup}`, exploration)]
