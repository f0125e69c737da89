/**
 * Hopper-v5: hop forwards on one leg in the plane. Gymnasium's task on MuJoCo; first in Erez, Tassa and Todorov, "Infinite
 * horizon model predictive control for nonlinear periodic tasks" (2011).
 *
 * One step is 4 substeps of 0.002 s. With x the position of the torso, its reward is
 *
 *     w_f (x' - x) / dt + w_h - w_c |a|^2,   w_f = 1, w_c = 0.001, and w_h = 1 while it is healthy
 *
 * It terminates when it is not: below 0.7 m, pitched by more than 0.2, or with any other number beyond 100. The
 * observation is 5 positions (without x: height, pitch, three joints) and 6 velocities, clipped to 10.
 *
 * ```ts
 * const hopper = Hopper.make({ healthyReward: 0 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { Hopper as Model } from "./models/index.ts"
import * as TaskFields from "./TaskFields.ts"
import * as Upright from "./Upright.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("hopper"),
    frameSkip: TaskFields.frameSkip(4),
    forwardRewardWeight: TaskFields.forwardRewardWeight(1),
    ctrlCostWeight: TaskFields.ctrlCostWeight(1e-3),
    healthyReward: TaskFields.healthyReward(1),
    terminateWhenUnhealthy: TaskFields.terminateWhenUnhealthy,
    healthyStateRange: TaskFields.range(
      "between which numbers all positions from the height on and all velocities are healthy",
      -100,
      100
    ),
    healthyZRange: TaskFields.healthyZRange(0.7, TaskFields.UNBOUNDED),
    healthyAngleRange: TaskFields.healthyAngleRange(-0.2, 0.2),
    resetNoiseScale: TaskFields.resetNoiseScale(5e-3),
    excludeCurrentPositionsFromObservation: TaskFields.excludeCurrentPositionsFromObservation,
    timeLimit: TaskFields.timeLimit(1000),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** substeps of the physics in a step */
  readonly frameSkip?: number
  /** what a metre per second forwards is worth, a step */
  readonly forwardRewardWeight?: number
  /** what the sum of squares of an action costs */
  readonly ctrlCostWeight?: number
  /** what a step in a healthy state is worth */
  readonly healthyReward?: number
  /** an unhealthy state ends the episode */
  readonly terminateWhenUnhealthy?: boolean
  /** between which numbers all positions from the height on and all velocities are healthy */
  readonly healthyStateRange?: readonly [number, number]
  /** between which heights it is healthy, metres */
  readonly healthyZRange?: readonly [number, number]
  /** between which pitches it is healthy, radians */
  readonly healthyAngleRange?: readonly [number, number]
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** observations leave out where on the ground it is */
  readonly excludeCurrentPositionsFromObservation?: boolean
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

/** All numbers from `from` on. */
const areWithin = (range: Upright.Range, numbers: Float64Array, from: number): boolean => {
  for (let i = from; i < numbers.length; i++) if (!Upright.isWithin(range, numbers[i]!)) return false
  return true
}

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("hopper", Options, options)
  const { healthyAngleRange, healthyStateRange, healthyZRange } = given
  return Upright.make({
    options: given,
    id: "Hopper-v5",
    description: "Hop forwards on one leg in the plane",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    rewardThreshold: 3800,
    positions: 6,
    actions: 3,
    isHealthy: ({ qpos, qvel }) =>
      Upright.isWithin(healthyZRange, qpos[1]!) &&
      Upright.isWithin(healthyAngleRange, qpos[2]!) &&
      areWithin(healthyStateRange, qpos, 2) &&
      areWithin(healthyStateRange, qvel, 0)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Hop forwards on one leg in the plane",
    source: "Gymnasium 1.3.0",
    example: { healthyReward: 0.5, healthyZRange: [0.6, 2], resetNoiseScale: 0, timeLimit: 500 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Hopper-v5", options: {} }]
}
