/**
 * Walker2d-v5: walk forwards on two legs in the plane. Gymnasium's task on MuJoCo, Hopper's with a second leg.
 *
 * One step is 4 substeps of 0.002 s. With x the position of the torso, its reward is
 *
 *     w_f (x' - x) / dt + w_h - w_c |a|^2,   w_f = 1, w_c = 0.001, and w_h = 1 while it is healthy
 *
 * It terminates when it is not: outside of 0.8 m to 2 m, or pitched by more than 1. The observation is 8 positions
 * (without x: height, pitch, six joints) and 9 velocities, clipped to 10.
 *
 * ```ts
 * const walker = Walker2d.make({ terminateWhenUnhealthy: false })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { Walker2d as Model } from "./models/index.ts"
import * as TaskFields from "./TaskFields.ts"
import * as Upright from "./Upright.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("walker2d"),
    frameSkip: TaskFields.frameSkip(4),
    forwardRewardWeight: TaskFields.forwardRewardWeight(1),
    ctrlCostWeight: TaskFields.ctrlCostWeight(1e-3),
    healthyReward: TaskFields.healthyReward(1),
    terminateWhenUnhealthy: TaskFields.terminateWhenUnhealthy,
    healthyZRange: TaskFields.healthyZRange(0.8, 2),
    healthyAngleRange: TaskFields.healthyAngleRange(-1, 1),
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

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("walker2d", Options, options)
  const { healthyAngleRange, healthyZRange } = given
  return Upright.make({
    options: given,
    id: "Walker2d-v5",
    description: "Walk forwards on two legs in the plane",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    positions: 9,
    actions: 6,
    isHealthy: ({ qpos }) =>
      Upright.isWithin(healthyZRange, qpos[1]!) && Upright.isWithin(healthyAngleRange, qpos[2]!)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Walk forwards on two legs in the plane",
    source: "Gymnasium 1.3.0",
    example: { terminateWhenUnhealthy: false, healthyAngleRange: [-0.8, 0.8], timeLimit: 500 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Walker2d-v5", options: {} }]
}
