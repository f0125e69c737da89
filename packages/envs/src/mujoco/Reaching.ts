/** What worlds in which an arm brings something somewhere have in common. */
import * as Field from "@ornstein/core/Field"
import * as Schema from "effect/Schema"
import type * as Physics from "./Physics.ts"

// options

export const rewardDistWeight = Schema.Finite.annotate({
  description: "what a metre from the goal costs, a step"
}).pipe(Field.withDefault(1))

export const rewardControlWeight = (value: number) =>
  Schema.Finite.annotate({ description: "what the sum of squares of an action costs" }).pipe(
    Field.withDefault(value)
  )

// pure core

/** Metres between two bodies, by their numbers. */
export const distance = ({ xpos }: Physics.Readings, a: number, b: number): number => {
  const x = xpos[3 * a]! - xpos[3 * b]!
  const y = xpos[3 * a + 1]! - xpos[3 * b + 1]!
  const z = xpos[3 * a + 2]! - xpos[3 * b + 2]!
  return Math.sqrt(x * x + y * y + z * z)
}
