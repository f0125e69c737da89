/**
 * InvertedDoublePendulum-v5: keep two poles upright, one on the other, on a cart that is pushed along a rail. Gymnasium's
 * task on MuJoCo.
 *
 * One step is 5 substeps of 0.01 s. The action `[1]` is a push of 500 N per unit. With (x, y) the tip of the upper pole and
 * omega the angular velocities of both, the reward is
 *
 *     10 - (0.01 x^2 + (y - 2)^2) - (0.001 omega_1^2 + 0.005 omega_2^2)
 *
 * without the 10 in the step that ends the episode, y <= 1. The observation `[9]` is x of the cart, the sines and then the
 * cosines of both angles, three velocities, and the force that holds the cart on its rail; the last four within +-10.
 *
 * ```ts
 * const pendulum = InvertedDoublePendulum.make({ healthyReward: 1 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { InvertedDoublePendulum as Model } from "./models/index.ts"
import type * as Physics from "./Physics.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("invertedDoublePendulum"),
    frameSkip: TaskFields.frameSkip(5),
    healthyReward: TaskFields.healthyReward(10),
    resetNoiseScale: TaskFields.resetNoiseScale(0.1),
    timeLimit: TaskFields.timeLimit(1000),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** substeps of the physics in a step */
  readonly frameSkip?: number
  /** what a step in a healthy state is worth */
  readonly healthyReward?: number
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

/** Of velocities and of the force, in observations. */
const BOUND = 10

/** Metres above the rail: the tip stands at 1.2. */
const FALLEN = 1

// pure core

const clip = (x: number): number => Math.max(-BOUND, Math.min(BOUND, x))

/** How far the tip is from 2 m above the middle of the rail. */
const distancePenalty = ({ siteXpos }: Physics.Readings): number => {
  const [x, height] = [siteXpos[0]!, siteXpos[2]! - 2]
  return 0.01 * (x * x) + height * height
}

/** How fast the poles turn. */
const velocityPenalty = ({ qvel }: Physics.Readings): number => {
  const [lower, upper] = [qvel[1]!, qvel[2]!]
  return 1e-3 * (lower * lower) + 5e-3 * (upper * upper)
}

const observe = ({ qfrcConstraint, qpos, qvel }: Physics.Readings, out: Space.Numbers): void => {
  out[0] = qpos[0]!
  for (let pole = 1; pole <= 2; pole++) {
    out[pole] = Trigonometry.sin(qpos[pole]!)
    out[2 + pole] = Trigonometry.cos(qpos[pole]!)
  }
  for (let i = 0; i < 3; i++) out[5 + i] = clip(qvel[i]!)
  out[8] = clip(qfrcConstraint[0]!)
}

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("invertedDoublePendulum", Options, options)
  const { frameSkip, gymnasiumSeed, healthyReward, resetNoiseScale, timeLimit } = given
  return Task.make({
    id: "InvertedDoublePendulum-v5",
    description: "Keep two poles upright, one on the other, on a cart that is pushed along a rail",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: 9,
    actions: 1,
    actionBound: 1,
    timeLimit,
    rewardThreshold: 9100,
    gymnasiumSeed,
    start: (draws, { qpos, qvel }) => {
      Start.addUniform(draws, resetNoiseScale, qpos)
      Start.addNormal(draws, resetNoiseScale, qvel)
    },
    measures: 0,
    measure: () => {},
    observe,
    isHealthy: ({ siteXpos }) => siteXpos[2]! > FALLEN,
    terminates: true,
    view: { target: [0, 0, 0.5], distance: 3.4, elevation: 8 },
    reward: ({ isHealthy, now }) =>
      (isHealthy ? healthyReward : 0) - distancePenalty(now) - velocityPenalty(now)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Keep two poles upright, one on the other, on a cart that is pushed along a rail",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: { frameSkip: 2, healthyReward: 1, resetNoiseScale: 0.05, timeLimit: 100, gymnasiumSeed: 3 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "InvertedDoublePendulum-v5", options: {} }]
}
