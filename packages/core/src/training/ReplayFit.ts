/** Does a replay give what a learner learns from? */
import type { Learner } from "../learner/index.ts"
import { ResumeError } from "./ResumeError.ts"

// models

/** What a replay gives. */
export interface Offer {
  readonly name: string
  /** The fields of its minibatches. */
  readonly fields: ReadonlyArray<string>
  /** Whole rollouts, and not single transitions? */
  readonly isRollout: boolean
}

// pure core

const FIX = "Choose the replay that belongs to the algorithm"

/** Why the learner, whose phases read the fields `wanted`, cannot learn from it; `undefined` where it can. */
export const refusal = <R>(
  { isOnPolicy = false, name: learner }: Learner.Learner<R>,
  wanted: ReadonlyArray<string>,
  { fields, isRollout, name }: Offer
): ResumeError | undefined => {
  const lacking = wanted.filter((field) => !fields.includes(field))
  if (lacking.length > 0) {
    const what = `${learner} learns from ${lacking.join(", ")}, which the replay "${name}" does not give`
    return new ResumeError({ what, fix: FIX })
  }
  if (isOnPolicy === isRollout) return undefined
  return new ResumeError({
    what: isOnPolicy
      ? `${learner} learns from whole rollouts, and the replay "${name}" gives single transitions`
      : `the replay "${name}" gives whole rollouts, and ${learner} learns from single transitions`,
    fix: FIX
  })
}
