/**
 * Humanoid-v5: walk forwards on two legs without falling. Gymnasium's task on MuJoCo, after Tassa, Erez and Todorov,
 * "Synthesis and stabilization of complex behaviors through online trajectory optimization" (2012).
 *
 * One step is 5 substeps of 0.003 s. The action `[17]` are torques in [-0.4, 0.4]. With x the centre of mass, u the controls
 * and F the contact forces, the reward is
 *
 *     w_f (x' - x) / dt + r_h - w_c |u|^2 - min(w_F |F|^2, 10),   w_f = 1.25, r_h = 5, w_c = 0.1, w_F = 5e-7
 *
 * with r_h while it is healthy: its torso between 1 and 2 m high. Otherwise the episode ends. The observation `[348]` is 22
 * positions (without x and y), 23 velocities, inertias, velocities, torques and contact forces of its parts.
 *
 * ```ts
 * const humanoid = Humanoid.make({ includeCinertInObservation: false, includeCvelInObservation: false })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import * as HumanBody from "./HumanBody.ts"
import { Humanoid as Model } from "./models/index.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("humanoid"),
    frameSkip: TaskFields.frameSkip(5),
    forwardRewardWeight: TaskFields.forwardRewardWeight(1.25),
    ctrlCostWeight: TaskFields.ctrlCostWeight(0.1),
    contactCostWeight: TaskFields.contactCostWeight(5e-7),
    contactCostRange: HumanBody.contactCostRange,
    healthyReward: TaskFields.healthyReward(5),
    terminateWhenUnhealthy: TaskFields.terminateWhenUnhealthy,
    healthyZRange: TaskFields.healthyZRange(1, 2),
    resetNoiseScale: TaskFields.resetNoiseScale(0.01),
    ...HumanBody.fields,
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
  /** the least and the most that contact forces cost, a step */
  readonly contactCostRange?: readonly [number, number]
  /** what a step in a healthy state is worth */
  readonly healthyReward?: number
  /** an unhealthy state ends the episode */
  readonly terminateWhenUnhealthy?: boolean
  /** between which heights it is healthy, metres */
  readonly healthyZRange?: readonly [number, number]
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** observations leave out where on the ground it is */
  readonly excludeCurrentPositionsFromObservation?: boolean
  /** observations have the inertia of every body part, 130 numbers */
  readonly includeCinertInObservation?: boolean
  /** observations have the velocity of every body part, 78 numbers */
  readonly includeCvelInObservation?: boolean
  /** observations have the torques of the motors, 17 numbers */
  readonly includeQfrcActuatorInObservation?: boolean
  /** observations hold the contact forces on each body */
  readonly includeCfrcExtInObservation?: boolean
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const given = Field.make("humanoid", Options, options)
  const { contactCostRange, contactCostWeight, ctrlCostWeight, forwardRewardWeight, healthyReward } = given
  const { frameSkip, gymnasiumSeed, healthyZRange, resetNoiseScale, terminateWhenUnhealthy, timeLimit } =
    given
  const dt = Task.timeStep({ frameSkip, substep: Model.SUBSTEP })
  return Task.make({
    id: "Humanoid-v5",
    description: "Walk forwards on two legs without falling",
    model: Model.standing,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: HumanBody.observations(given),
    actions: HumanBody.MOTORS,
    actionBound: 0.4,
    timeLimit,
    gymnasiumSeed,
    readsContacts: true,
    start: HumanBody.start(resetNoiseScale),
    measures: 1,
    measure: (now, out, constants) => {
      out[0] = HumanBody.massCentre(now, constants)
    },
    observe: HumanBody.observe(given),
    isHealthy: ({ qpos }) => healthyZRange[0] < qpos[2]! && qpos[2]! < healthyZRange[1],
    terminates: terminateWhenUnhealthy,
    view: { follow: "torso", target: [0, 0, 0.85], distance: 2.7, azimuth: 125, elevation: 12 },
    reward: ({ after, before, isHealthy, now }) =>
      forwardRewardWeight * ((after[0]! - before[0]!) / dt) +
      (isHealthy ? healthyReward : 0) -
      (HumanBody.controlCost(now, ctrlCostWeight) +
        HumanBody.contactCost(now, contactCostWeight, contactCostRange))
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Walk forwards on two legs without falling",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: {
      frameSkip: 4,
      ctrlCostWeight: 0.05,
      healthyZRange: [0.8, 2.1],
      includeCinertInObservation: false,
      timeLimit: 500
    },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Humanoid-v5", options: {} }]
}
