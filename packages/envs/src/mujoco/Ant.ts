/**
 * Ant-v5: run forwards on four legs. Gymnasium's task on MuJoCo; first in Schulman, Moritz, Levine, Jordan and Abbeel,
 * "High-dimensional continuous control using generalized advantage estimation" (2015).
 *
 * One step is 5 substeps of 0.01 s. With x the position of the torso (one substep ago, as MuJoCo derives it) and f the
 * contact forces on all bodies, each clipped to [-1, 1], its reward is
 *
 *     w_f (x' - x) / dt + w_h - w_c |a|^2 - w_k |f|^2,   w_f = 1, w_c = 0.5, w_k = 0.0005, and w_h = 1 while it is healthy
 *
 * It terminates when it is not: when the torso leaves heights from 0.2 m to 1 m. The observation is 13 positions
 * (without the place), 14 velocities, and 78 contact forces: six for each body but the world.
 *
 * ```ts
 * const ant = Ant.make({ includeCfrcExtInObservation: false }) // 27 numbers; the reward stays what it was
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { Ant as Model } from "./models/index.ts"
import type * as Physics from "./Physics.ts"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("ant"),
    frameSkip: TaskFields.frameSkip(5),
    forwardRewardWeight: TaskFields.forwardRewardWeight(1),
    ctrlCostWeight: TaskFields.ctrlCostWeight(0.5),
    contactCostWeight: TaskFields.contactCostWeight(5e-4),
    healthyReward: TaskFields.healthyReward(1),
    terminateWhenUnhealthy: TaskFields.terminateWhenUnhealthy,
    healthyZRange: TaskFields.healthyZRange(0.2, 1),
    contactForceRange: TaskFields.range("to which contact forces are clipped, observed and paid for", -1, 1),
    resetNoiseScale: TaskFields.resetNoiseScale(0.1),
    excludeCurrentPositionsFromObservation: TaskFields.excludeCurrentPositionsFromObservation,
    includeCfrcExtInObservation: TaskFields.includeCfrcExtInObservation,
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
  /** what the sum of squares of contact forces costs */
  readonly contactCostWeight?: number
  /** what a step in a healthy state is worth */
  readonly healthyReward?: number
  /** an unhealthy state ends the episode */
  readonly terminateWhenUnhealthy?: boolean
  /** between which heights it is healthy, metres */
  readonly healthyZRange?: readonly [number, number]
  /** to which contact forces are clipped, observed and paid for */
  readonly contactForceRange?: readonly [number, number]
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** observations leave out where on the ground it is */
  readonly excludeCurrentPositionsFromObservation?: boolean
  /** observations hold the contact forces on each body */
  readonly includeCfrcExtInObservation?: boolean
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const POSITIONS = 15
const VELOCITIES = 14
/** Three torques and three forces on each body, those of the world first. */
const FORCES = 6

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("ant", Options, options)
  const {
    contactCostWeight,
    ctrlCostWeight,
    forwardRewardWeight,
    frameSkip,
    healthyReward,
    resetNoiseScale
  } = given
  const [lowest, highest] = given.healthyZRange
  const [weakest, strongest] = given.contactForceRange
  const dt = Task.timeStep({ frameSkip, substep: Model.SUBSTEP })
  const from = given.excludeCurrentPositionsFromObservation ? 2 : 0
  const seen = given.includeCfrcExtInObservation ? FORCES * (Model.BODIES - 1) : 0
  const forces = new Float64Array(FORCES * Model.BODIES)
  const clip = ({ cfrcExt }: Physics.Readings): Float64Array => {
    for (let i = 0; i < forces.length; i++) forces[i] = Math.max(weakest, Math.min(strongest, cfrcExt[i]!))
    return forces
  }
  return Task.make({
    id: "Ant-v5",
    description: "Run forwards on four legs",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: POSITIONS - from + VELOCITIES + seen,
    actions: 8,
    actionBound: 1,
    timeLimit: given.timeLimit,
    rewardThreshold: 6000,
    gymnasiumSeed: given.gymnasiumSeed,
    readsContacts: true,
    start: (draws, { qpos, qvel }) => {
      Start.addUniform(draws, resetNoiseScale, qpos)
      Start.addNormal(draws, resetNoiseScale, qvel)
    },
    measures: 1,
    // The torso is the first body after the world.
    measure: ({ xpos }, out) => {
      out[0] = xpos[3]!
    },
    observe: (now, out) => {
      Task.copyFrom(now.qpos, from, out, 0)
      Task.copyFrom(now.qvel, 0, out, POSITIONS - from)
      if (seen > 0) Task.copyFrom(clip(now), FORCES, out, POSITIONS - from + VELOCITIES)
    },
    isHealthy: ({ qpos }) => lowest <= qpos[2]! && qpos[2]! <= highest,
    terminates: given.terminateWhenUnhealthy,
    view: { follow: "torso", target: [0, 0, 0.45], distance: 3.4, azimuth: 115, elevation: 25 },
    reward: ({ action, after, before, isHealthy, now }) =>
      forwardRewardWeight * ((after[0]! - before[0]!) / dt) +
      (isHealthy ? healthyReward : 0) -
      (SquareSum.weighted(ctrlCostWeight, action) + SquareSum.weighted(contactCostWeight, clip(now)))
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Run forwards on four legs",
    source: "Gymnasium 1.3.0",
    example: { includeCfrcExtInObservation: false, ctrlCostWeight: 0.1, timeLimit: 500 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Ant-v5", options: {} }]
}
