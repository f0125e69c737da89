/** Quantities that change with the environment step: noise, priorities' beta, learning rates. */
import * as Schema from "effect/Schema"
import { Elementary } from "../random/index.ts"

// models

const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const Steps = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const from = NonNegative.annotate({ description: "the value at step 0" })
const to = NonNegative.annotate({ description: "the value in the end" })

/** A plain number is a constant. */
export const Schedule = Schema.Union([
  NonNegative,
  /** `from` to `to` in a straight line over `steps` steps, then `to`. */
  Schema.Struct({
    kind: Schema.Literal("linear"),
    from,
    to,
    steps: Steps.annotate({ description: "steps from one to the other, in a straight line" })
  }),
  /** `to + (from - to) / 2^(step / halfLife)`, a factor per step. */
  Schema.Struct({
    kind: Schema.Literal("exponential"),
    from,
    to,
    halfLife: Steps.annotate({ description: "steps in which half of the way is gone" })
  })
])
export type Schedule = typeof Schedule.Type

// pure core

/** 2^-(step / halfLife); 0 where nothing is left. */
const halved = (step: number, halfLife: number): number =>
  step > 1000 * halfLife ? 0 : Elementary.exp((-step / halfLife) * Math.LN2)

/** The schedule's value at a step, counted from 0. */
export const at = (schedule: Schedule, step: number): number => {
  if (typeof schedule === "number") return schedule
  switch (schedule.kind) {
    case "linear":
      return schedule.from - (schedule.from - schedule.to) * Math.min(1, step / schedule.steps)
    case "exponential":
      return schedule.to + (schedule.from - schedule.to) * halved(step, schedule.halfLife)
  }
}
