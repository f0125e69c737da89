/**
 * Pusher-v5: push a puck over a table to a goal with an arm of seven joints. Gymnasium's task on MuJoCo.
 *
 * One step is 5 substeps of 0.01 s. The action `[7]` are torques in N m, in [-2, 2]. After the step, the reward is
 *
 *     -w_n |puck - hand| - w_d |puck - goal| - w_c |a|^2,   w_n = 0.5, w_d = 1, w_c = 0.1
 *
 * It never terminates. The observation `[23]` is the angles and angular velocities of the arm, then where hand, puck and goal
 * are (x, y, z). The puck begins anywhere in its part of the table that is more than 0.17 m from the goal.
 *
 * ```ts
 * const pusher = Pusher.make({ rewardNearWeight: 0 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import type { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import { Pusher as Model } from "./models/index.ts"
import type * as Physics from "./Physics.ts"
import * as Reaching from "./Reaching.ts"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("pusher"),
    frameSkip: TaskFields.frameSkip(5),
    rewardNearWeight: Schema.Finite.annotate({
      description: "what a metre between hand and puck costs, a step"
    }).pipe(Field.withDefault(0.5)),
    rewardDistWeight: Reaching.rewardDistWeight,
    rewardControlWeight: Reaching.rewardControlWeight(0.1),
    timeLimit: TaskFields.timeLimit(100),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** substeps of the physics in a step */
  readonly frameSkip?: number
  /** what a metre between hand and puck costs, a step */
  readonly rewardNearWeight?: number
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
const HAND = 10
const PUCK = 11
const GOAL = 12

const JOINTS = 7

/** Metres: the puck begins farther from the goal. */
const NEAR = 0.17

// pure core

/** The arm in its first position, the puck anywhere away from the goal, the arm slow, puck and goal at rest. */
const start = (draws: Draws.Draws, { qpos, qvel }: Physics.Readings): void => {
  do {
    qpos[JOINTS] = draws.uniform(-0.3, 0)
    qpos[JOINTS + 1] = draws.uniform(-0.2, 0.2)
  } while (Math.sqrt(qpos[JOINTS] * qpos[JOINTS] + qpos[JOINTS + 1]! * qpos[JOINTS + 1]!) <= NEAR)
  Start.addUniform(draws, 0.005, qvel)
  qvel.fill(0, JOINTS)
}

const observe = ({ qpos, qvel, xpos }: Physics.Readings, out: Space.Numbers): void => {
  for (let i = 0; i < JOINTS; i++) {
    out[i] = qpos[i]!
    out[JOINTS + i] = qvel[i]!
  }
  // Hand, puck and goal are the last bodies.
  Task.copyFrom(xpos, 3 * HAND, out, 2 * JOINTS)
}

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("pusher", Options, options)
  const { rewardControlWeight, rewardDistWeight, rewardNearWeight } = given
  const { frameSkip, gymnasiumSeed, timeLimit } = given
  return Task.make({
    id: "Pusher-v5",
    description: "Push a puck over a table to a goal with an arm of seven joints",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: 23,
    actions: JOINTS,
    actionBound: 2,
    timeLimit,
    rewardThreshold: 0,
    gymnasiumSeed,
    start,
    measures: 0,
    measure: () => {},
    observe,
    isHealthy: () => true,
    terminates: false,
    view: { target: [0.15, -0.1, -0.15], distance: 2, azimuth: 150, elevation: 35, square: 0.25 },
    reward: ({ action, now }) =>
      -rewardDistWeight * Reaching.distance(now, PUCK, GOAL) -
      SquareSum.weighted(rewardControlWeight, action) -
      rewardNearWeight * Reaching.distance(now, PUCK, HAND)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Push a puck over a table to a goal with an arm of seven joints",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: {
      frameSkip: 2,
      rewardNearWeight: 1,
      rewardDistWeight: 2,
      rewardControlWeight: 0.05,
      timeLimit: 50,
      gymnasiumSeed: 3
    },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Pusher-v5", options: {} }]
}
