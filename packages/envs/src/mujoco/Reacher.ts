/**
 * Reacher-v5: bring the tip of an arm of two links to a target. Gymnasium's task on MuJoCo.
 *
 * One step is 2 substeps of 0.01 s. The action `[2]` are torques of 200 N m per unit. With d the way from the target to the
 * fingertip, the reward is, after the step,
 *
 *     -w_d |d| - w_c |a|^2,   w_d = w_c = 1
 *
 * It never terminates. The observation `[10]` is the cosines and then the sines of both joints, the target (x, y), both
 * angular velocities, and d in the plane. The target is drawn evenly from a disc of 0.2 m.
 *
 * ```ts
 * const reacher = Reacher.make({ rewardControlWeight: 0.1 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Schema from "effect/Schema"
import type { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import { Reacher as Model } from "./models/index.ts"
import type * as Physics from "./Physics.ts"
import * as Reaching from "./Reaching.ts"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("reacher"),
    frameSkip: TaskFields.frameSkip(2),
    rewardDistWeight: Reaching.rewardDistWeight,
    rewardControlWeight: Reaching.rewardControlWeight(1),
    timeLimit: TaskFields.timeLimit(50),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** substeps of the physics in a step */
  readonly frameSkip?: number
  /** what a metre from the goal costs, a step */
  readonly rewardDistWeight?: number
  /** what the sum of squares of an action costs */
  readonly rewardControlWeight?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

/** Where they stand among the bodies. */
const FINGERTIP = 3
const TARGET = 4

/** Metres: how far from the middle the target may be. */
const REACH = 0.2

// pure core

/** Joints near 0, the target in the disc, all slow, the target at rest. */
const start = (draws: Draws.Draws, { qpos, qvel }: Physics.Readings): void => {
  Start.addUniform(draws, 0.1, qpos)
  do {
    qpos[2] = draws.uniform(-REACH, REACH)
    qpos[3] = draws.uniform(-REACH, REACH)
  } while (Math.sqrt(qpos[2] * qpos[2] + qpos[3] * qpos[3]) >= REACH)
  Start.addUniform(draws, 0.005, qvel)
  qvel.fill(0, 2)
}

const observe = ({ qpos, qvel, xpos }: Physics.Readings, out: Space.Numbers): void => {
  for (let i = 0; i < 2; i++) {
    out[i] = Trigonometry.cos(qpos[i]!)
    out[2 + i] = Trigonometry.sin(qpos[i]!)
    out[4 + i] = qpos[2 + i]!
    out[6 + i] = qvel[i]!
    out[8 + i] = xpos[3 * FINGERTIP + i]! - xpos[3 * TARGET + i]!
  }
}

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("reacher", Options, options)
  const { frameSkip, gymnasiumSeed, rewardControlWeight, rewardDistWeight, timeLimit } = given
  return Task.make({
    id: "Reacher-v5",
    description: "Bring the tip of an arm of two links to a target",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: 10,
    actions: 2,
    actionBound: 1,
    timeLimit,
    rewardThreshold: -3.75,
    gymnasiumSeed,
    start,
    measures: 0,
    measure: () => {},
    observe,
    isHealthy: () => true,
    terminates: false,
    view: { target: [0, 0, 0], distance: 0.85, elevation: 60, square: 0.1 },
    reward: ({ action, now }) =>
      -rewardDistWeight * Reaching.distance(now, FINGERTIP, TARGET) -
      SquareSum.weighted(rewardControlWeight, action)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Bring the tip of an arm of two links to a target",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: { frameSkip: 4, rewardDistWeight: 2, rewardControlWeight: 0.1, timeLimit: 25, gymnasiumSeed: 3 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Reacher-v5", options: {} }]
}
