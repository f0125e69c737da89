/** The options that worlds on MuJoCo have in common; Gymnasium's names in camel case. */
import * as Field from "@ornstein/core/Field"
import * as Schema from "effect/Schema"

const finite = (description: string, value: number) =>
  Schema.Finite.annotate({ description }).pipe(Field.withDefault(value))

const flag = (description: string, value: boolean) =>
  Schema.Boolean.annotate({ description }).pipe(Field.withDefault(value))

/** Beyond it an episode of a thousand steps takes hours. */
const MOST_SUBSTEPS = 1000

export const frameSkip = (value: number) =>
  Field.intBetween(1, MOST_SUBSTEPS)
    .annotate({ description: "substeps of the physics in a step" })
    .pipe(Field.withDefault(value))

export const forwardRewardWeight = (value: number) =>
  finite("what a metre per second forwards is worth, a step", value)

export const ctrlCostWeight = (value: number) => finite("what the sum of squares of an action costs", value)

export const contactCostWeight = (value: number) =>
  finite("what the sum of squares of contact forces costs", value)

export const includeCfrcExtInObservation = flag("observations hold the contact forces on each body", true)

export const healthyReward = (value: number) => finite("what a step in a healthy state is worth", value)

export const terminateWhenUnhealthy = flag("an unhealthy state ends the episode", true)

export const resetNoiseScale = (value: number) =>
  Field.nonNegative
    .annotate({ description: "how far first positions and velocities are from the model's" })
    .pipe(Field.withDefault(value))

export const excludeCurrentPositionsFromObservation = flag(
  "observations leave out where on the ground it is",
  true
)

export const timeLimit = (value: number) =>
  Field.positiveInt
    .annotate({ description: "steps after which an episode is cut off" })
    .pipe(Field.withDefault(value))

/** MuJoCo calls a position or velocity beyond it unstable: as an end of a range, none. */
export const UNBOUNDED = 1e10

/** From the lower to the upper end. What is said of it stands before its check, which the JSON Schema leaves out. */
export const range = (description: string, low: number, high: number) =>
  Schema.Tuple([Schema.Finite, Schema.Finite])
    .annotate({ description, default: [low, high] })
    .check(Schema.makeFilter(([from, to]) => (from <= to ? true : `begins at ${from} and ends at ${to}`)))
    .pipe(Field.withDefault([low, high] as const))

export const healthyZRange = (low: number, high: number) =>
  range("between which heights it is healthy, metres", low, high)

export const healthyAngleRange = (low: number, high: number) =>
  range("between which pitches it is healthy, radians", low, high)
