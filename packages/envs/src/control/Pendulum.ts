/**
 * Pendulum-v1: swing a pendulum up and keep it there with less torque than it takes to lift it. The equations and the
 * rounding are Gymnasium's (NumPy 2: a float32 action makes the torque terms float32): in all recorded episodes the states
 * are equal to the bit. Two things are the C library's in Gymnasium, and nobody else's to the bit:
 *
 * - its sine is not always the double nearest to the exact value, nor is ours (`Trigonometry`): beside glibc 2.36 some 3
 *   in 10,000 states differ by a unit in the last place;
 * - NumPy takes its `powf` for the float32 `u ** 2`, which in 0.08 % of steps is not the float32 nearest to u^2, as ours
 *   is: the reward then differs by a unit of the float32 0.001 u^2, at most 4.7e-10, and otherwise by less than 1e-15.
 *
 * The state is (theta, theta'), 0 upright; the torque u is clipped to [-2, 2]; one step of 0.05 s is
 *
 *     theta'' = 3 g / (2 l) sin(theta) + 3 / (m l^2) u,   theta' clipped to [-8, 8]
 *
 * with m = l = 1, semi-implicit Euler. The reward is -(theta^2 + 0.1 theta'^2 + 0.001 u^2) of the state before the step,
 * theta wrapped to [-pi, pi); the observation [cos theta, sin theta, theta']. It never terminates.
 *
 * ```ts
 * const pendulum = Pendulum.make({ gravity: 9.81 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Part from "@ornstein/core/Part"
import { GymnasiumSeed, Recording } from "../recording/index.ts"

// models

/** Angle in radians, 0 upright, not wrapped; angular velocity in radians per second. */
export type State = readonly [theta: number, thetaDot: number]

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("pendulum"),
    gravity: Schema.Finite.annotate({ description: "metres per second squared" }).pipe(Field.withDefault(10)),
    initialAngle: Field.nonNegative
      .annotate({ description: "the first angle is within this of upright, radians" })
      .pipe(Field.withDefault(Math.PI)),
    initialVelocity: Field.nonNegative
      .annotate({ description: "the first angular velocity is within this of 0, radians per second" })
      .pipe(Field.withDefault(1)),
    timeLimit: Field.positiveInt
      .annotate({ description: "steps after which an episode is cut off" })
      .pipe(Field.withDefault(200)),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** metres per second squared */
  readonly gravity?: number
  /** the first angle is within this of upright, radians */
  readonly initialAngle?: number
  /** the first angular velocity is within this of 0, radians per second */
  readonly initialVelocity?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const MAX_SPEED = 8
const MAX_TORQUE = 2
const TIME_STEP = 0.05
const TORQUE_COST = Math.fround(0.001)

// pure core

const clip = (x: number, bound: number): number => Math.max(-bound, Math.min(bound, x))

/** To [-pi, pi), with Python's modulo. */
const wrapAngle = (theta: number): number => {
  const turn = 2 * Math.PI
  const remainder = (theta + Math.PI) % turn
  return (remainder < 0 ? remainder + turn : remainder) - Math.PI
}

const step = (
  gravity: number,
  [theta, thetaDot]: State,
  action: Space.Numbers
): Environment.Outcome<State> => {
  const single = action instanceof Float32Array
  const torque = clip(action[0]!, MAX_TORQUE)
  const effort = single ? Math.fround(TORQUE_COST * Math.fround(torque * torque)) : 0.001 * (torque * torque)
  const push = single ? Math.fround(3 * torque) : 3 * torque
  const angle = wrapAngle(theta)
  const cost = angle * angle + 0.1 * (thetaDot * thetaDot) + effort
  const velocity = clip(
    thetaDot + (((3 * gravity) / 2) * Trigonometry.sin(theta) + push) * TIME_STEP,
    MAX_SPEED
  )
  return { state: [theta + velocity * TIME_STEP, velocity], reward: -cost, terminated: false }
}

const observe = ([theta, thetaDot]: State, out: Space.Numbers): void => {
  out[0] = Trigonometry.cos(theta)
  out[1] = Trigonometry.sin(theta)
  out[2] = thetaDot
}

const render = ([theta]: State): Scene.Scene => ({
  left: -2.2,
  right: 2.2,
  bottom: -2.2,
  top: 2.2,
  background: Scene.white,
  shapes: [
    Scene.line(
      [
        [0, 0],
        [-Trigonometry.sin(theta), Trigonometry.cos(theta)]
      ],
      0.2,
      [204, 77, 77]
    ),
    Scene.circle([0, 0], 0.05, Scene.black)
  ]
})

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const { gravity, initialAngle, initialVelocity, timeLimit, gymnasiumSeed } = Field.make(
    "pendulum",
    Options,
    options
  )
  return GymnasiumSeed.define(
    {
      id: "Pendulum-v1",
      description: "Swing a pendulum up with less torque than it takes to lift it",
      source: "Gymnasium 1.3.0",
      observation: Space.box({ shape: [3], low: [-1, -1, -MAX_SPEED], high: [1, 1, MAX_SPEED] }),
      action: Space.box({ shape: [1], low: -MAX_TORQUE, high: MAX_TORQUE }),
      timeLimit,
      timeStep: TIME_STEP,
      clipsActions: true,
      initial: (draws): State => [
        draws.uniform(-initialAngle, initialAngle),
        draws.uniform(-initialVelocity, initialVelocity)
      ],
      step: (state, action) => step(gravity, state, action),
      observe,
      render
    },
    gymnasiumSeed
  )
}

const recordedOptions = (label: string): Input => {
  if (label.startsWith("g=")) return { gravity: Number(label.slice(2)) }
  // Recorded with `reset(options={"x_init": 3.0})`.
  return label === "constant-max-torque-hits-speed-limit" ? { initialAngle: 3 } : {}
}

/** Recordings from Gymnasium, told apart by their labels. */
export const recorded: Recording.Subject = {
  make: (label, gymnasiumSeed) =>
    make({ ...recordedOptions(label), ...(gymnasiumSeed === undefined ? {} : { gymnasiumSeed }) }),
  toState: (row) => row,
  fromState: Recording.numbers
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Swing a pendulum up with less torque than it takes to lift it",
    source: "Gymnasium 1.3.0",
    example: { gravity: 9.81, initialAngle: 3, initialVelocity: 0.5, timeLimit: 100, gymnasiumSeed: 3 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "Pendulum-v1", options: {}, recorded }]
}
