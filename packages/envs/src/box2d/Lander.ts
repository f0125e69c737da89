/**
 * The lander of LunarLander-v3 and LunarLanderContinuous-v3. Equations, constants and the order of draws are Gymnasium's; the
 * engine is Box2D 2.3.1 as in its `pybox2d`, whose single-precision arithmetic the JavaScript port does not round alike
 * everywhere: episodes stay within some 1e-4 of recorded ones until the first contact, and most end in the same step.
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Elementary from "@ornstein/core/Elementary"
import * as Field from "@ornstein/core/Field"
import * as Space from "@ornstein/core/Space"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Schema from "effect/Schema"
import type { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import type * as Binding from "./Binding.ts"
import * as LanderScene from "./LanderScene.ts"
import * as Outline from "./Outline.ts"
import * as Simulation from "./Simulation.ts"
import * as World from "./World.ts"

// models

/** The options of both. */
export const fields = {
  gravity: Schema.Finite.check(Schema.isGreaterThan(-12), Schema.isLessThan(0))
    .annotate({ description: "metres per second squared, between -12 and 0" })
    .pipe(Field.withDefault(-10)),
  enableWind: Schema.Boolean.annotate({
    description: "wind and turbulence push the lander until a leg touches"
  }).pipe(Field.withDefault(false)),
  windPower: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
    .annotate({ description: "the strongest wind, newtons; Gymnasium recommends at most 20" })
    .pipe(Field.withDefault(15)),
  turbulencePower: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
    .annotate({ description: "the strongest turbulence, newton metres; Gymnasium recommends at most 2" })
    .pipe(Field.withDefault(1.5)),
  timeLimit: Field.positiveInt
    .annotate({ description: "steps after which an episode is cut off" })
    .pipe(Field.withDefault(1000)),
  gymnasiumSeed: GymnasiumSeed.Option
}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** metres per second squared, between -12 and 0 */
  readonly gravity?: number
  /** wind and turbulence push the lander until a leg touches */
  readonly enableWind?: boolean
  /** the strongest wind, newtons; Gymnasium recommends at most 20 */
  readonly windPower?: number
  /** the strongest turbulence, newton metres; Gymnasium recommends at most 2 */
  readonly turbulencePower?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const Settings = Schema.Struct(fields)
type Settings = typeof Settings.Type

/** Both engines' throttles: main, and side, each from -1 to 1. */
export type Throttle = readonly [main: number, side: number]

// constants: lengths in pixels, 30 to a metre

const FPS = 50
const SCALE = 30
const WIDTH = 600 / SCALE
const HEIGHT = 400 / SCALE
const INITIAL_FORCE = 1000
const MAIN_POWER = 13
const SIDE_POWER = 0.6
const MAIN_AT = 4
const SIDE_AT = 14
const SIDE_AWAY = 12
/** Where a side engine's impulse is taken to act, along the hull. */
const SIDE_ALONG = 17
const LEG_AWAY = 20
const LEG_DOWN = 18
const LEG_WIDTH = 2
const LEG_HEIGHT = 8
const LEG_TORQUE = 40
const HILLS = 11
const PAD = HEIGHT / 4
const HULL: ReadonlyArray<World.Point> = [
  [-14, 17],
  [-17, 0],
  [-17, -10],
  [17, -10],
  [17, 0],
  [14, 17]
]
const GROUND_CATEGORY = 0x1
const HULL_CATEGORY = 0x10
const LEG_CATEGORY = 0x20

// pure core

const scaled = (points: ReadonlyArray<World.Point>): ReadonlyArray<World.Point> =>
  points.map(([x, y]) => [x / SCALE, y / SCALE])

/** Into an interval. */
export const clip = (x: number, low: number, high: number): number => Math.max(low, Math.min(high, x))

const norm = (x: number, y: number): number => Math.sqrt(x * x + y * y)

const tanh = (x: number): number => {
  const e = Elementary.exp(-2 * Math.abs(x))
  return (Math.sign(x) * (1 - e)) / (1 + e)
}

/** Wind that never repeats: at moment k, from -1 to 1. */
const gust = (k: number): number => tanh(Trigonometry.sin(0.02 * k) + Trigonometry.sin(Math.PI * 0.01 * k))

/** The moon from 12 drawn heights: its middle is levelled to the pad, the rest smoothed. */
const terrain = (draws: Draws.Draws): ReadonlyArray<World.Point> => {
  const drawn = Array.from({ length: HILLS + 1 }, () => draws.uniform(0, HEIGHT / 2))
  const middle = (HILLS - 1) / 2
  const heights = drawn.map((height, i) => (Math.abs(i - middle) <= 2 ? PAD : height))
  return Array.from({ length: HILLS }, (_, i) => [
    (WIDTH / (HILLS - 1)) * i,
    0.33 * (heights[(i + HILLS) % (HILLS + 1)]! + heights[i]! + heights[i + 1]!)
  ])
}

/** The power of the main engine: from half to full, or off. */
const mainPower = (main: number): number => (main > 0 ? 0.5 * (1 + clip(main, 0, 1)) : 0)

/** That of a side engine. */
const sidePower = (side: number): number => (Math.abs(side) > 0.5 ? clip(Math.abs(side), 0.5, 1) : 0)

// engine

/** The episode that begins with these draws. */
const begin =
  (
    { enableWind, gravity, turbulencePower, windPower }: Settings,
    throttle: (action: Float32Array) => Throttle
  ) =>
  (box2d: Binding.Box2d, draws: Draws.Draws): Simulation.Episode => {
    let hasCrashed = false
    const onGround = [false, false]
    const touches = (isTouching: boolean) => (a: number, b: number) => {
      if (isTouching && (a === hullName || b === hullName)) hasCrashed = true
      for (const [i, leg] of legNames.entries()) if (a === leg || b === leg) onGround[i] = isTouching
    }
    const world = World.open(box2d, gravity, { begin: touches(true), end: touches(false) })

    const hills = terrain(draws)
    const moon = world.still()
    world.edge(moon, [0, 0], [WIDTH, 0], {})
    for (const [i, hill] of hills.slice(1).entries()) world.edge(moon, hills[i]!, hill, { friction: 0.1 })

    const hull = world.moving([WIDTH / 2, HEIGHT])
    const hullName = world.name(hull)
    const made = { density: 5, friction: 0.1, category: HULL_CATEGORY, mask: GROUND_CATEGORY }
    world.polygon(hull, scaled(HULL), made)
    world.push(
      hull,
      draws.uniform(-INITIAL_FORCE, INITIAL_FORCE),
      draws.uniform(-INITIAL_FORCE, INITIAL_FORCE)
    )
    let windAt = enableWind ? draws.integer(-9999, 9999) : 0
    let turbulenceAt = enableWind ? draws.integer(-9999, 9999) : 0

    const legs = [-1, 1].map((i) => {
      const leg = world.moving([WIDTH / 2 - (i * LEG_AWAY) / SCALE, HEIGHT], i * 0.05)
      world.box(leg, LEG_WIDTH / SCALE, LEG_HEIGHT / SCALE, {
        density: 1,
        category: LEG_CATEGORY,
        mask: GROUND_CATEGORY
      })
      world.hinge({
        a: hull,
        b: leg,
        anchorA: [0, 0],
        anchorB: [(i * LEG_AWAY) / SCALE, LEG_DOWN / SCALE],
        referenceAngle: i * 0.05,
        lower: i < 0 ? 0.9 - 0.5 : -0.9,
        upper: i < 0 ? 0.9 : -0.9 + 0.5,
        speed: 0.3 * i,
        torque: LEG_TORQUE
      })
      return leg
    })
    const legNames = legs.map(world.name)

    const state = new Float64Array(8)
    let potential: number | undefined
    let burning: Throttle = [0, 0]

    const blow = (): void => {
      world.push(hull, gust(windAt++) * windPower, 0)
      hull.ApplyTorque(Math.fround(gust(turbulenceAt++) * turbulencePower), true)
    }

    /** Fires the engines; each draw shakes the place where they act. */
    const fire = ([main, side]: Throttle): void => {
      const angle = hull.GetAngle()
      const [sin, cos] = [Trigonometry.sin(angle), Trigonometry.cos(angle)]
      const along = draws.uniform(-1, 1) / SCALE
      const across = draws.uniform(-1, 1) / SCALE
      const [mainFired, sideFired] = [mainPower(main), sidePower(side)]
      if (mainFired > 0) {
        const x = sin * (MAIN_AT / SCALE + 2 * along) - cos * across
        const y = -cos * (MAIN_AT / SCALE + 2 * along) - sin * across
        const position = hull.GetPosition()
        world.kick(
          hull,
          [-x * MAIN_POWER * mainFired, -y * MAIN_POWER * mainFired],
          [position.get_x() + x, position.get_y() + y]
        )
      }
      if (sideFired > 0) {
        const away = 3 * across + (Math.sign(side) * SIDE_AWAY) / SCALE
        const x = sin * along - cos * away
        const y = -cos * along - sin * away
        const position = hull.GetPosition()
        world.kick(
          hull,
          [-x * SIDE_POWER * sideFired, -y * SIDE_POWER * sideFired],
          [position.get_x() + x - (sin * SIDE_ALONG) / SCALE, position.get_y() + y + (cos * SIDE_AT) / SCALE]
        )
      }
    }

    const look = (): void => {
      const position = hull.GetPosition()
      state[0] = (position.get_x() - WIDTH / 2) / (WIDTH / 2)
      state[1] = (position.get_y() - (PAD + LEG_DOWN / SCALE)) / (HEIGHT / 2)
      const velocity = hull.GetLinearVelocity()
      state[2] = (velocity.get_x() * (WIDTH / 2)) / FPS
      state[3] = (velocity.get_y() * (HEIGHT / 2)) / FPS
      state[4] = hull.GetAngle()
      state[5] = (20 * hull.GetAngularVelocity()) / FPS
      state[6] = onGround[0] === true ? 1 : 0
      state[7] = onGround[1] === true ? 1 : 0
    }

    const episode = {
      reward: 0,
      terminated: false,
      step: (action: Float32Array): void => {
        if (enableWind && !onGround.includes(true)) blow()
        burning = throttle(action)
        fire(burning)
        world.step()
        look()
        const [x = 0, y = 0, vx = 0, vy = 0, angle = 0, , left = 0, right = 0] = state
        const phi = -100 * norm(x, y) - 100 * norm(vx, vy) - 100 * Math.abs(angle) + 10 * left + 10 * right
        const gained = potential === undefined ? 0 : phi - potential
        potential = phi
        episode.reward = gained - mainPower(burning[0]) * 0.3 - sidePower(burning[1]) * 0.03
        episode.terminated = hasCrashed || Math.abs(x) >= 1
        if (episode.terminated) episode.reward = -100
        // What lies still is asleep: Box2D's own judgement. As in Gymnasium it outweighs a crash in the same step.
        if (!hull.IsAwake()) {
          episode.terminated = true
          episode.reward = 100
        }
      },
      observe: (out: Space.Numbers): void => out.set(state),
      render: () =>
        LanderScene.draw({
          hills,
          height: HEIGHT,
          hull: { body: hull, outline: scaled(HULL) },
          legs: legs.map((body) => ({
            body,
            outline: Outline.rectangle(LEG_WIDTH / SCALE, LEG_HEIGHT / SCALE)
          })),
          main: mainPower(burning[0]),
          side: Math.sign(burning[1]) * sidePower(burning[1])
        }),
      close: world.close
    }
    // A reset ends with a step in which nothing burns; its reward is nobody's.
    episode.step(new Float32Array(2))
    episode.reward = 0
    return episode
  }

// constructors

const REACH = [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity, 1, 1]

/** The world of these actions. */
export const world = <A extends Space.Space>(
  { gymnasiumSeed, timeLimit, ...rest }: Settings,
  shown: { readonly id: string; readonly description: string; readonly action: A },
  throttle: (action: Float32Array) => Throttle
): Environment.Environment<A> =>
  Simulation.define({
    spec: {
      ...shown,
      observation: Space.box({
        shape: [8],
        low: REACH.map((bound) => (bound === 1 ? 0 : -bound)),
        high: REACH
      }),
      timeLimit,
      timeStep: 1 / FPS,
      rewardThreshold: 200
    },
    begin: begin({ timeLimit, ...rest }, throttle),
    gymnasiumSeed
  })

// what a part shows of them

export const example = {
  gravity: -9,
  enableWind: true,
  windPower: 10,
  turbulencePower: 1,
  timeLimit: 500,
  gymnasiumSeed: 3
}
