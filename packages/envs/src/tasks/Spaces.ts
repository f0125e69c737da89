/**
 * Spaces alone: a world that is known by what is observed and done in it, and in which nothing happens. For learning from a
 * dataset whose world is not here. Its observations are zeros, its rewards 0, and an episode is one step.
 *
 * ```ts
 * const world = Spaces.make({ observation: 17, low: [-1, -1], high: [1, 1] })
 * ```
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"

// models

const bounds = Schema.NonEmptyArray(Schema.Finite)

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("spaces"),
    observation: Field.positiveInt.annotate({ description: "numbers of an observation" }),
    low: bounds.annotate({ description: "the lower bound of each number of an action" }),
    high: bounds.annotate({ description: "the upper bounds" })
  }).check(
    Schema.makeFilter(({ high, low }) => {
      if (high.length !== low.length) return { path: ["high"], issue: `has not ${low.length} bounds, as low` }
      const empty = low.findIndex((bound, i) => bound >= high[i]!)
      return empty < 0 ? true : { path: ["high", empty], issue: "is not above the lower bound" }
    })
  )
) {}

/** What is given of them. */
export interface Input {
  /** numbers of an observation */
  readonly observation: number
  /** the lower bound of each number of an action */
  readonly low: Options["low"]
  /** the upper bounds */
  readonly high: Options["high"]
}

// constructors

export const make = (options: Input): Environment.Environment<Space.Box> => {
  const { high, low, observation } = Field.make("spaces", Options, options)
  return Environment.define({
    id: "Spaces-v0",
    description: "Spaces alone, for learning from a dataset: nothing happens",
    source: "This definition",
    observation: Space.box({
      shape: [observation],
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY
    }),
    action: Space.box({ shape: [low.length], low, high }),
    timeLimit: 1,
    reset: () => 0,
    step: (state) => ({ state, reward: 0, terminated: false }),
    observe: (_, out) => {
      out.fill(0)
    }
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "Spaces alone, for learning from a dataset: nothing happens",
  source: "by definition",
  example: { observation: 3, low: [-2], high: [2] },
  make: (options): Environment.Environment => make(options)
})
