/** A variant whose slots are watched. */
import type { Algorithm } from "@ornstein/algos"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as tf from "@tensorflow/tfjs-core"
import { Words } from "../terminal/index.ts"
import * as Guard from "./Guard.ts"

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

/** Slots that give a tensor. */
const TENSORS = new Set([
  "policy",
  "targetAction",
  "value",
  "backup",
  "target",
  "regression",
  "criticPenalty",
  "policyValue",
  "actorLoss"
])

const isTensor = (u: unknown): boolean => u instanceof tf.Tensor

/** What a slot gives. */
const expected =
  (slot: string): Guard.Wrong =>
  (made) => {
    if (TENSORS.has(slot)) return isTensor(made) ? undefined : "a tensor"
    if (slot === "criticLoss") {
      return JsonPath.isRecord(made) && ["loss", "error", "value"].every((name) => isTensor(made[name]))
        ? undefined
        : "its loss, error and value: tensors"
    }
    return Words.isObject(made) ? undefined : "what the slot is for"
  }

/** The algorithm, whose new slots are watched. */
const watched = (
  who: Guard.Who,
  before: Algorithm.Algorithm,
  made: Algorithm.Algorithm
): Algorithm.Algorithm =>
  Guard.seen(made, (slot, method, own) =>
    slot === "pipe" || own === Reflect.get(before, slot)
      ? undefined
      : (...args) => Guard.call(who, slot, () => method(...args), expected(slot), { isAtWork: false })
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
