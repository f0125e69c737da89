/** A variant whose slots are watched. */
import { Algorithm } from "@ornstein/algos"
import * as Guard from "./Guard.ts"
import * as Words from "./Words.ts"

// pure core

/** An algorithm that has everything that the one before it had, of the same kinds. */
const anAlgorithm =
  (before: Algorithm.Algorithm): Guard.Wrong =>
  (made) => {
    if (typeof made !== "object" || made === null) return "an algorithm: Algorithm.variant makes a variant"
    const other = Object.keys(before).find(
      (slot) => slot !== "origin" && typeof Reflect.get(made, slot) !== typeof Reflect.get(before, slot)
    )
    return other === undefined
      ? undefined
      : `an algorithm whose ${other} is as before, and not ${Words.shown(Reflect.get(made, other))}`
  }

const something: Guard.Wrong = (made) =>
  (typeof made === "object" && made !== null) || typeof made === "function"
    ? undefined
    : "what the slot is for"

/** The algorithm, whose new slots are watched. */
const watched = (
  who: Guard.Who,
  before: Algorithm.Algorithm,
  made: Algorithm.Algorithm
): Algorithm.Algorithm =>
  Guard.seen(made, (slot, method, own) =>
    slot === "pipe" || own === Reflect.get(before, slot)
      ? undefined
      : (...args) => Guard.call(who, slot, () => method(...args), something, { isAtWork: false })
  )

// combinators

/** The variant, whose algorithms are watched. */
export const variant =
  (who: Guard.Who, self: Algorithm.Variant): Algorithm.Variant =>
  (before) =>
    watched(
      who,
      before,
      Guard.call(who, "variant", () => self(before), anAlgorithm(before), { isAtWork: false })
    )
