/** What the two worlds of the humanoid have in common: what is seen of a body of 13 parts, 17 motors and a free root. */
import * as Field from "@ornstein/core/Field"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import type { Draws } from "../arithmetic/index.ts"
import type * as Physics from "./Physics.ts"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// options

const included = (description: string) =>
  Schema.Boolean.annotate({ description }).pipe(Field.withDefault(true))

/** What observations contain. */
export const fields = {
  excludeCurrentPositionsFromObservation: TaskFields.excludeCurrentPositionsFromObservation,
  includeCinertInObservation: included("observations have the inertia of every body part, 130 numbers"),
  includeCvelInObservation: included("observations have the velocity of every body part, 78 numbers"),
  includeQfrcActuatorInObservation: included("observations have the torques of the motors, 17 numbers"),
  includeCfrcExtInObservation: TaskFields.includeCfrcExtInObservation
}

/** Contact forces cost at most 10 a step. */
export const contactCostRange = TaskFields.range(
  "the least and the most that contact forces cost, a step",
  -TaskFields.UNBOUNDED,
  10
)

export interface Seen {
  readonly excludeCurrentPositionsFromObservation: boolean
  readonly includeCinertInObservation: boolean
  readonly includeCvelInObservation: boolean
  readonly includeQfrcActuatorInObservation: boolean
  readonly includeCfrcExtInObservation: boolean
}

// pure core

export const MOTORS = 17

const POSITIONS = 24
const VELOCITIES = 23
/** The root, which no motor moves. */
const FREE = 6
/** In the world's own row, the first, nothing happens. */
const INERTIA = { from: 10, length: 130 }
const VELOCITY = { from: 6, length: 78 }
const FORCE = { from: 6, length: 78 }

/** How many numbers an observation has. */
export const observations = (seen: Seen): number =>
  (seen.excludeCurrentPositionsFromObservation ? POSITIONS - 2 : POSITIONS) +
  VELOCITIES +
  (seen.includeCinertInObservation ? INERTIA.length : 0) +
  (seen.includeCvelInObservation ? VELOCITY.length : 0) +
  (seen.includeQfrcActuatorInObservation ? VELOCITIES - FREE : 0) +
  (seen.includeCfrcExtInObservation ? FORCE.length : 0)

export const observe =
  (seen: Seen) =>
  (now: Physics.Readings, out: Space.Numbers): void => {
    let at = 0
    const put = (numbers: Float64Array, from: number): void => {
      Task.copyFrom(numbers, from, out, at)
      at += numbers.length - from
    }
    put(now.qpos, seen.excludeCurrentPositionsFromObservation ? 2 : 0)
    put(now.qvel, 0)
    if (seen.includeCinertInObservation) put(now.cinert, INERTIA.from)
    if (seen.includeCvelInObservation) put(now.cvel, VELOCITY.from)
    if (seen.includeQfrcActuatorInObservation) put(now.qfrcActuator, FREE)
    if (seen.includeCfrcExtInObservation) put(now.cfrcExt, FORCE.from)
  }

/** First positions and velocities within `scale` of the model's. */
export const start =
  (scale: number) =>
  (draws: Draws.Draws, { qpos, qvel }: Physics.Readings): void => {
    Start.addUniform(draws, scale, qpos)
    Start.addUniform(draws, scale, qvel)
  }

/** The sum of squares of the contact forces, weighed and kept in a range. */
export const contactCost = (
  { cfrcExt }: Physics.Readings,
  weight: number,
  [low, high]: readonly [number, number]
): number => Math.max(low, Math.min(high, weight * SquareSum.of(cfrcExt)))

/** The sum of squares of the controls as MuJoCo was given them. */
export const controlCost = ({ ctrl }: Physics.Readings, weight: number): number => weight * SquareSum.of(ctrl)

/** Where the centre of all masses is along x, metres. */
export const massCentre = ({ xipos }: Physics.Readings, { bodyMass }: Physics.Constants): number => {
  let [moment, mass] = [0, 0]
  for (let body = 0; body < bodyMass.length; body++) {
    moment += bodyMass[body]! * xipos[3 * body]!
    mass += bodyMass[body]!
  }
  return moment / mass
}
