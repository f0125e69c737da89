/**
 * CartPole-v1: keep a pole upright on a cart that is pushed left (0) or right (1) (Barto, Sutton and Anderson, 1983).
 * The equations and their association are Gymnasium's, to the bit in all recorded episodes (sine and cosine are ours).
 *
 * The state is (x, x', theta, theta'), 0 upright; with force F = +-10 N, cart 1 kg, pole 0.1 kg, half length l = 0.5 m,
 *
 *     temp = (F + m l theta'^2 sin theta) / M
 *     theta'' = (g sin theta - cos theta temp) / (l (4/3 - m cos^2 theta / M)),   x'' = temp - m l theta'' cos theta / M
 *
 * integrated over 0.02 s. The episode terminates when |x| > 2.4 m or |theta| > 12 degrees. Each step pays 1, the last one
 * too; by `suttonBartoReward` it pays 0, and -1 for the fall.
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

/** Metres, radians, and their rates per second. */
export type State = readonly [x: number, xDot: number, theta: number, thetaDot: number]

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("cartPole"),
    version: Schema.Literals([0, 1])
      .annotate({
        description: "version 0 ends after 200 steps and is solved at 195, version 1 after 500 and at 475"
      })
      .pipe(Field.withDefault(1)),
    integrator: Schema.Literals(["euler", "semiImplicit"])
      .annotate({ description: "euler moves with the old velocities, semiImplicit with the new ones" })
      .pipe(Field.withDefault("euler")),
    suttonBartoReward: Schema.Boolean.annotate({
      description: "a reward of -1 for the fall and 0 else, in place of 1 for every step"
    }).pipe(Field.withDefault(false)),
    initialRange: Field.nonNegative
      .annotate({ description: "each number of the first state is within this of 0" })
      .pipe(Field.withDefault(0.05)),
    timeLimit: Schema.optionalKey(Field.positiveInt).annotate({
      description: "steps after which an episode is cut off; left out, those of the version"
    }),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** version 0 ends after 200 steps and is solved at 195, version 1 after 500 and at 475 */
  readonly version?: 0 | 1
  /** euler moves with the old velocities, semiImplicit with the new ones */
  readonly integrator?: "euler" | "semiImplicit"
  /** a reward of -1 for the fall and 0 else, in place of 1 for every step */
  readonly suttonBartoReward?: boolean
  /** each number of the first state is within this of 0 */
  readonly initialRange?: number
  /** steps after which an episode is cut off; left out, those of the version */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const GRAVITY = 9.8
const CART_MASS = 1
const POLE_MASS = 0.1
const TOTAL_MASS = POLE_MASS + CART_MASS
const HALF_LENGTH = 0.5
const POLE_MOMENT = POLE_MASS * HALF_LENGTH
const FORCE = 10
const TIME_STEP = 0.02
const MAX_POSITION = 2.4
const MAX_ANGLE = (12 * 2 * Math.PI) / 360

// pure core

const step = (
  { integrator, suttonBartoReward }: Pick<Options, "integrator" | "suttonBartoReward">,
  [x, xDot, theta, thetaDot]: State,
  action: number
): Environment.Outcome<State> => {
  const force = action === 1 ? FORCE : -FORCE
  const cos = Trigonometry.cos(theta)
  const sin = Trigonometry.sin(theta)
  const temp = (force + POLE_MOMENT * (thetaDot * thetaDot) * sin) / TOTAL_MASS
  const thetaDotDot =
    (GRAVITY * sin - cos * temp) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * (cos * cos)) / TOTAL_MASS))
  const xDotDot = temp - (POLE_MOMENT * thetaDotDot * cos) / TOTAL_MASS

  const xDotNext = xDot + TIME_STEP * xDotDot
  const thetaDotNext = thetaDot + TIME_STEP * thetaDotDot
  const isEuler = integrator === "euler"
  const xNext = x + TIME_STEP * (isEuler ? xDot : xDotNext)
  const thetaNext = theta + TIME_STEP * (isEuler ? thetaDot : thetaDotNext)

  const terminated = Math.abs(xNext) > MAX_POSITION || Math.abs(thetaNext) > MAX_ANGLE
  const reward = suttonBartoReward ? (terminated ? -1 : 0) : 1
  return { state: [xNext, xDotNext, thetaNext, thetaDotNext], reward, terminated }
}

const observe = (state: State, out: Space.Numbers): void => {
  for (let i = 0; i < 4; i++) out[i] = state[i]!
}

// rendering: 600 by 400 pixels for a track 4.8 m wide, as in Gymnasium

const PIXEL = (2 * MAX_POSITION) / 600

const render = ([x, , theta]: State): Scene.Scene => {
  const [track, axle] = [100 * PIXEL, 107.5 * PIXEL]
  const [halfWidth, halfHeight] = [25 * PIXEL, 15 * PIXEL]
  const [cos, sin] = [Trigonometry.cos(theta), Trigonometry.sin(theta)]
  const onPole = (across: number, along: number): Scene.Point => [
    x + PIXEL * (cos * across + sin * along),
    axle + PIXEL * (cos * along - sin * across)
  ]
  return {
    left: -MAX_POSITION,
    right: MAX_POSITION,
    bottom: 0,
    top: 400 * PIXEL,
    background: Scene.white,
    shapes: [
      Scene.line(
        [
          [-MAX_POSITION, track],
          [MAX_POSITION, track]
        ],
        PIXEL,
        Scene.black
      ),
      Scene.rectangle([x - halfWidth, track - halfHeight], [x + halfWidth, track + halfHeight], Scene.black),
      {
        _tag: "Polygon",
        points: [onPole(-5, -5), onPole(-5, 120), onPole(5, 120), onPole(5, -5)],
        fill: [202, 152, 101]
      },
      Scene.circle([x, axle], 5 * PIXEL, [129, 132, 203])
    ]
  }
}

// constructors

/**
 * ```ts
 * const cartPole = CartPole.make({ integrator: "semiImplicit" })
 * ```
 */
export const make = (options: Input = {}): Environment.Environment<Space.Discrete> => {
  const { version, timeLimit, initialRange, gymnasiumSeed, ...rules } = Field.make(
    "cartPole",
    Options,
    options
  )
  const any = Number.POSITIVE_INFINITY
  const bounds = [2 * MAX_POSITION, any, 2 * MAX_ANGLE, any]
  return GymnasiumSeed.define(
    {
      id: `CartPole-v${version}`,
      description: "Keep a pole upright on a cart pushed left or right",
      source: "Gymnasium 1.3.0",
      observation: Space.box({ shape: [4], low: bounds.map((bound) => -bound), high: bounds }),
      action: Space.discrete(2),
      timeLimit: timeLimit ?? (version === 0 ? 200 : 500),
      timeStep: TIME_STEP,
      rewardThreshold: version === 0 ? 195 : 475,
      initial: (draws): State => {
        const draw = () => draws.uniform(-initialRange, initialRange)
        return [draw(), draw(), draw(), draw()]
      },
      step: (state, action) => step(rules, state, action),
      observe,
      render
    },
    gymnasiumSeed
  )
}

const recordedOptions = (label: string): Input => {
  if (label.startsWith("semi-implicit")) return { integrator: "semiImplicit" }
  if (label === "sutton_barto_reward") return { suttonBartoReward: true }
  return label === "reset low=-0.1 high=0.1" ? { initialRange: 0.1 } : {}
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
    description: "Keep a pole upright on a cart pushed left or right",
    source: "Gymnasium 1.3.0",
    example: { version: 0, integrator: "semiImplicit", timeLimit: 100 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [
    { id: "CartPole-v1", options: {}, recorded },
    { id: "CartPole-v0", options: { version: 0 } }
  ]
}
