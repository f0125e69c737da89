/**
 * HumanoidStandup-v5: get up from lying on the back. Gymnasium's task on MuJoCo, with the body of `Humanoid`.
 *
 * One step is 5 substeps of 0.003 s. The action `[17]` are torques in [-0.4, 0.4]. With z the height of the torso, u the
 * controls and F the contact forces, the reward is
 *
 *     w_z z / h - w_c |u|^2 - min(w_F |F|^2, 10) + 1,   w_z = 1, w_c = 0.1, w_F = 5e-7
 *
 * with h the 0.003 s of a substep, as Gymnasium has it, whose own option w_z changes nothing. It never terminates. The
 * observation `[348]` is that of `Humanoid`.
 *
 * ```ts
 * const standup = HumanoidStandup.make({ ctrlCostWeight: 0 })
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
    kind: Schema.tag("humanoidStandup"),
    frameSkip: TaskFields.frameSkip(5),
    uphCostWeight: Schema.Finite.annotate({
      description: "what the height of the torso is worth, metres over the 0.003 s of a substep"
    }).pipe(Field.withDefault(1)),
    ctrlCostWeight: TaskFields.ctrlCostWeight(0.1),
    impactCostWeight: TaskFields.contactCostWeight(5e-7),
    impactCostRange: HumanBody.contactCostRange,
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
  /** what the height of the torso is worth, metres over the 0.003 s of a substep */
  readonly uphCostWeight?: number
  /** what the sum of squares of an action costs */
  readonly ctrlCostWeight?: number
  /** what the sum of squares of contact forces costs */
  readonly impactCostWeight?: number
  /** the least and the most that contact forces cost, a step */
  readonly impactCostRange?: readonly [number, number]
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
  const given = Field.make("humanoidStandup", Options, options)
  const { ctrlCostWeight, impactCostRange, impactCostWeight, uphCostWeight } = given
  const { frameSkip, gymnasiumSeed, resetNoiseScale, timeLimit } = given
  return Task.make({
    id: "HumanoidStandup-v5",
    description: "Get up from lying on the back",
    model: Model.lying,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: HumanBody.observations(given),
    actions: HumanBody.MOTORS,
    actionBound: 0.4,
    timeLimit,
    gymnasiumSeed,
    readsContacts: true,
    start: HumanBody.start(resetNoiseScale),
    measures: 0,
    measure: () => {},
    observe: HumanBody.observe(given),
    isHealthy: () => true,
    terminates: false,
    view: { follow: "torso", target: [0, 0, 0.4], distance: 2.8, azimuth: 115, elevation: 20 },
    reward: ({ now }) =>
      uphCostWeight * (now.qpos[2]! / Model.SUBSTEP) -
      HumanBody.controlCost(now, ctrlCostWeight) -
      HumanBody.contactCost(now, impactCostWeight, impactCostRange) +
      1
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Get up from lying on the back",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: {
      frameSkip: 4,
      uphCostWeight: 0.5,
      impactCostRange: [0, 5],
      includeCfrcExtInObservation: false,
      timeLimit: 500
    },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "HumanoidStandup-v5", options: {} }]
}
