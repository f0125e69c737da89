/**
 * HalfCheetah-v5: run forwards in the plane. Gymnasium's task on MuJoCo; the model was first described by Wawrzynski, "A
 * cat-like robot real-time learning to run" (2009).
 *
 * One step is 5 substeps of 0.01 s. With x the position of the torso, its reward is
 *
 *     w_f (x' - x) / dt - w_c |a|^2,   w_f = 1, w_c = 0.1
 *
 * It never terminates. The observation is 8 positions (without x: height, pitch, six joints) and 9 velocities.
 *
 * ```ts
 * const cheetah = HalfCheetah.make({ ctrlCostWeight: 0 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { HalfCheetah as Model } from "./models/index.ts"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("halfCheetah"),
    frameSkip: TaskFields.frameSkip(5),
    forwardRewardWeight: TaskFields.forwardRewardWeight(1),
    ctrlCostWeight: TaskFields.ctrlCostWeight(0.1),
    resetNoiseScale: TaskFields.resetNoiseScale(0.1),
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
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** observations leave out where on the ground it is */
  readonly excludeCurrentPositionsFromObservation?: boolean
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const POSITIONS = 9

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("halfCheetah", Options, options)
  const { ctrlCostWeight, forwardRewardWeight, frameSkip, resetNoiseScale } = given
  const dt = Task.timeStep({ frameSkip, substep: Model.SUBSTEP })
  const from = given.excludeCurrentPositionsFromObservation ? 1 : 0
  return Task.make({
    id: "HalfCheetah-v5",
    description: "Run forwards in the plane on two springy legs",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: 2 * POSITIONS - from,
    actions: 6,
    actionBound: 1,
    timeLimit: given.timeLimit,
    rewardThreshold: 4800,
    gymnasiumSeed: given.gymnasiumSeed,
    start: (draws, { qpos, qvel }) => {
      Start.addUniform(draws, resetNoiseScale, qpos)
      Start.addNormal(draws, resetNoiseScale, qvel)
    },
    measures: 1,
    measure: ({ qpos }, out) => {
      out[0] = qpos[0]!
    },
    observe: ({ qpos, qvel }, out) => {
      Task.copyFrom(qpos, from, out, 0)
      Task.copyFrom(qvel, 0, out, POSITIONS - from)
    },
    isHealthy: () => true,
    terminates: false,
    view: { follow: "torso", target: [0, 0, 0.55], distance: 2.3, elevation: 12 },
    reward: ({ action, after, before }) =>
      forwardRewardWeight * ((after[0]! - before[0]!) / dt) - SquareSum.weighted(ctrlCostWeight, action)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Run forwards in the plane on two springy legs",
    source: "Gymnasium 1.3.0",
    example: { frameSkip: 10, ctrlCostWeight: 0.05, resetNoiseScale: 0, timeLimit: 500 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "HalfCheetah-v5", options: {} }]
}
