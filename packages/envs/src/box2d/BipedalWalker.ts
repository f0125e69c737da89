/**
 * BipedalWalker-v3: a hull on two legs with a hip and a knee each walks to the right, over gentle ground, or, hardcore, over stumps,
 * pits and stairs as well. Equations, constants and the order of draws are Gymnasium's; the engine is Box2D 2.3.1 as in its
 * `pybox2d`. Gymnasium keeps its engine's world from episode to episode; here each episode has a new one, so that it depends on
 * its own draws alone.
 *
 * The four numbers of an action are the motors of hip and knee, hip and knee: the sign is the direction, the size the share of
 * the torque, 80 N m. The observation is the hull's angle, angular and linear velocity, then for each leg the angle and speed of hip and
 * knee and whether its foot touches, then what ten rays of lidar see: the part of each that is free. A step pays
 *
 *     130/30 dx - 5 d|angle| - 0.00035 80 sum |a|
 *
 * and -100 in place of that when the hull touches something or goes back behind the start, which ends the episode, as does the end
 * of the course.
 *
 * ```ts
 * const walker = BipedalWalker.make({ hardcore: true })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Schema from "effect/Schema"
import type { Draws } from "../arithmetic/index.ts"
import { GymnasiumSeed } from "../recording/index.ts"
import type * as Binding from "./Binding.ts"
import * as Outline from "./Outline.ts"
import * as Simulation from "./Simulation.ts"
import * as WalkerScene from "./WalkerScene.ts"
import * as WalkerTerrain from "./WalkerTerrain.ts"
import * as World from "./World.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("bipedalWalker"),
    hardcore: Schema.Boolean.annotate({
      description:
        "stumps, pits and stairs stand in the way, and an episode may take 2000 steps in place of 1600"
    }).pipe(Field.withDefault(false)),
    timeLimit: Schema.optionalKey(Field.positiveInt).annotate({
      description: "steps after which an episode is cut off; left out, 1600, or 2000 for the hardcore one"
    }),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** stumps, pits and stairs stand in the way, and an episode may take 2000 steps in place of 1600 */
  readonly hardcore?: boolean
  /** steps after which an episode is cut off; left out, 1600, or 2000 for the hardcore one */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

// constants

const FPS = 50
const SCALE = 30
const WIDTH = 600 / SCALE
const HEIGHT = 400 / SCALE
const TORQUE = 80
const HIP_SPEED = 4
const KNEE_SPEED = 6
const SIGHT = 160 / SCALE
const RAYS = 10
const INITIAL_FORCE = 5
const LEG_DOWN = -8 / SCALE
const LEG_WIDTH = 8 / SCALE
const LEG_HEIGHT = 34 / SCALE
const FRICTION = 2.5
const HULL: ReadonlyArray<World.Point> = [
  [-30 / SCALE, 9 / SCALE],
  [6 / SCALE, 9 / SCALE],
  [34 / SCALE, 1 / SCALE],
  [34 / SCALE, -8 / SCALE],
  [-30 / SCALE, -8 / SCALE]
]
const GROUND_CATEGORY = 0x1
const WALKER_CATEGORY = 0x20
const FINISH = (WalkerTerrain.LENGTH - WalkerTerrain.GRASS) * WalkerTerrain.STEP
const EFFORT = Math.fround(0.00035 * TORQUE)

// pure core

const DIRECTIONS = Array.from({ length: RAYS }, (_, i): World.Point => {
  const angle = (1.5 * i) / 10
  return [Trigonometry.sin(angle) * SIGHT, -Trigonometry.cos(angle) * SIGHT]
})

/** Ten clouds that nothing touches: they are drawn because Gymnasium draws them, between the ground and the walker. */
const clouds = (draws: Draws.Draws): ReadonlyArray<ReadonlyArray<Scene.Point>> =>
  Array.from({ length: WalkerTerrain.LENGTH / 20 }, () => {
    const x = draws.uniform(0, WalkerTerrain.LENGTH) * WalkerTerrain.STEP
    return Array.from({ length: 5 }, (_, corner): Scene.Point => {
      const angle = (3.14 * 2 * corner) / 5
      return [
        x + 15 * WalkerTerrain.STEP * Trigonometry.sin(angle) + draws.uniform(0, 5 * WalkerTerrain.STEP),
        (HEIGHT * 3) / 4 +
          5 * WalkerTerrain.STEP * Trigonometry.cos(angle) +
          draws.uniform(0, 5 * WalkerTerrain.STEP)
      ]
    })
  })

/** The effort that a motor costs, in single precision as NumPy computes it. */
const cost = (a: number): number => Math.fround(EFFORT * Math.min(1, Math.abs(a)))

// engine

const stand = (world: World.World, { blocks, heights }: WalkerTerrain.Terrain): void => {
  const material = { friction: FRICTION, category: GROUND_CATEGORY }
  for (const block of blocks) world.polygon(world.still(), block, material)
  for (const [i, y] of heights.slice(1).entries()) {
    const x = i * WalkerTerrain.STEP
    world.edge(world.still(), [x, heights[i]!], [(i + 1) * WalkerTerrain.STEP, y], material)
  }
}

/** A leg: what carries it, its two bodies, and the motors at their upper ends. */
interface Leg {
  readonly upper: Binding.Body
  readonly lower: Binding.Body
  readonly hip: Binding.RevoluteJoint
  readonly knee: Binding.RevoluteJoint
}

const leg = (world: World.World, hull: Binding.Body, i: number, [x, y]: World.Point): Leg => {
  const angle = i * 0.05
  const material = { density: 1, category: WALKER_CATEGORY, mask: GROUND_CATEGORY }
  const upper = world.moving([x, y - LEG_HEIGHT / 2 - LEG_DOWN], angle)
  world.box(upper, LEG_WIDTH / 2, LEG_HEIGHT / 2, material)
  const hip = world.hinge({
    a: hull,
    b: upper,
    anchorA: [0, LEG_DOWN],
    anchorB: [0, LEG_HEIGHT / 2],
    referenceAngle: angle,
    lower: -0.8,
    upper: 1.1,
    speed: i,
    torque: TORQUE
  })
  const lower = world.moving([x, y - (LEG_HEIGHT * 3) / 2 - LEG_DOWN], angle)
  world.box(lower, (0.8 * LEG_WIDTH) / 2, LEG_HEIGHT / 2, material)
  const knee = world.hinge({
    a: upper,
    b: lower,
    anchorA: [0, -LEG_HEIGHT / 2],
    anchorB: [0, LEG_HEIGHT / 2],
    referenceAngle: 0,
    lower: -1.6,
    upper: -0.1,
    speed: 1,
    torque: TORQUE
  })
  return { upper, lower, hip, knee }
}

const begin =
  ({ hardcore }: Pick<Options, "hardcore">) =>
  (box2d: Binding.Box2d, draws: Draws.Draws): Simulation.Episode => {
    let hasFallen = false
    const onGround = [false, false]
    const touches = (isTouching: boolean) => (a: number, b: number) => {
      if (isTouching && (a === hullName || b === hullName)) hasFallen = true
      for (const [i, foot] of feet.entries()) if (a === foot || b === foot) onGround[i] = isTouching
    }
    const world = World.open(box2d, -10, { begin: touches(true), end: touches(false) })

    const terrain = WalkerTerrain.draw(draws, hardcore)
    stand(world, terrain)
    const sky = clouds(draws)

    const start: World.Point = [
      (WalkerTerrain.STEP * WalkerTerrain.PAD) / 2,
      WalkerTerrain.LEVEL + 2 * LEG_HEIGHT
    ]
    const hull = world.moving(start)
    const hullName = world.name(hull)
    world.polygon(hull, HULL, {
      density: 5,
      friction: 0.1,
      category: WALKER_CATEGORY,
      mask: GROUND_CATEGORY
    })
    world.push(hull, draws.uniform(-INITIAL_FORCE, INITIAL_FORCE), 0)
    const legs = [-1, 1].map((i) => leg(world, hull, i, start))
    const feet = legs.map(({ lower }) => world.name(lower))

    const state = new Float64Array(14 + RAYS)
    let potential: number | undefined

    const drive = (joint: Binding.RevoluteJoint, speed: number, a: number): void => {
      joint.SetMotorSpeed(speed * Math.sign(a))
      joint.SetMaxMotorTorque(Math.fround(TORQUE * Math.min(1, Math.abs(a))))
    }

    const look = (): void => {
      const position = hull.GetPosition()
      const at: World.Point = [position.get_x(), position.get_y()]
      state[0] = hull.GetAngle()
      state[1] = (2 * hull.GetAngularVelocity()) / FPS
      const velocity = hull.GetLinearVelocity()
      state[2] = (0.3 * velocity.get_x() * WIDTH) / FPS
      state[3] = (0.3 * velocity.get_y() * HEIGHT) / FPS
      for (const [i, { hip, knee }] of legs.entries()) {
        state[4 + 5 * i] = hip.GetJointAngle()
        state[5 + 5 * i] = hip.GetJointSpeed() / HIP_SPEED
        state[6 + 5 * i] = knee.GetJointAngle() + 1
        state[7 + 5 * i] = knee.GetJointSpeed() / KNEE_SPEED
        state[8 + 5 * i] = onGround[i] === true ? 1 : 0
      }
      for (const [i, [x, y]] of DIRECTIONS.entries()) {
        state[14 + i] = world.free(at, [at[0] + x, at[1] + y], GROUND_CATEGORY)
      }
    }

    const episode = {
      reward: 0,
      terminated: false,
      step: (action: Float32Array): void => {
        for (const [i, { hip, knee }] of legs.entries()) {
          drive(hip, HIP_SPEED, action[2 * i]!)
          drive(knee, KNEE_SPEED, action[2 * i + 1]!)
        }
        world.step()
        look()
        const x = hull.GetPosition().get_x()
        const phi = (130 * x) / SCALE - 5 * Math.abs(state[0]!)
        let reward = potential === undefined ? 0 : phi - potential
        potential = phi
        for (const a of action) reward = Math.fround(reward) - cost(a)
        episode.reward = Math.fround(reward)
        episode.terminated = hasFallen || x < 0 || x > FINISH
        if (hasFallen || x < 0) episode.reward = -100
      },
      observe: (out: Space.Numbers): void => out.set(state),
      render: (): Scene.Scene => {
        const position = hull.GetPosition()
        const [x, y] = [position.get_x(), position.get_y()]
        const limbs = legs.flatMap(({ lower, upper }, i): ReadonlyArray<WalkerScene.Figure> => {
          const fill: Scene.Colour = [178 - 50 * i, 101 - 50 * i, 152 - 50 * i]
          const stroke: Scene.Colour = [128 - 50 * i, 76 - 50 * i, 102 - 50 * i]
          const thigh = Outline.rectangle(LEG_WIDTH / 2, LEG_HEIGHT / 2)
          const shin = Outline.rectangle((0.8 * LEG_WIDTH) / 2, LEG_HEIGHT / 2)
          return [
            { body: upper, outline: thigh, fill, stroke },
            { body: lower, outline: shin, fill, stroke }
          ]
        })
        return WalkerScene.draw({
          terrain,
          clouds: sky,
          // The leg at the back, the hull, the leg in front.
          figures: [
            ...limbs.slice(2),
            { body: hull, outline: HULL, fill: [127, 51, 229], stroke: [76, 76, 127] },
            ...limbs.slice(0, 2)
          ],
          rays: DIRECTIONS.map(([dx, dy], i) => [
            [x, y],
            [x + dx * state[14 + i]!, y + dy * state[14 + i]!]
          ]),
          left: x - WIDTH / 5
        })
      },
      close: world.close
    }
    // A reset ends with a step in which nothing is driven; its reward is nobody's.
    episode.step(new Float32Array(4))
    episode.reward = 0
    return episode
  }

// constructors

const LEG_REACH = [Infinity, Infinity, Infinity, Infinity, 1]
const REACH = [Infinity, Infinity, Infinity, Infinity, ...LEG_REACH, ...LEG_REACH, ...DIRECTIONS.map(() => 1)]

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const { gymnasiumSeed, hardcore, timeLimit } = Field.make("bipedalWalker", Options, options)
  return Simulation.define({
    spec: {
      id: hardcore ? "BipedalWalkerHardcore-v3" : "BipedalWalker-v3",
      description: hardcore
        ? "Walk on two legs over stumps, pits and stairs"
        : "Walk on two legs over gentle ground",
      observation: Space.box({
        shape: [14 + RAYS],
        low: REACH.map((bound) => (bound === 1 ? 0 : -bound)),
        high: REACH
      }),
      action: Space.box({ shape: [4], low: -1, high: 1 }),
      timeLimit: timeLimit ?? (hardcore ? 2000 : 1600),
      timeStep: 1 / FPS,
      rewardThreshold: 300
    },
    begin: begin({ hardcore }),
    gymnasiumSeed
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Walk on two legs over gentle ground, or over stumps, pits and stairs",
    source: "Gymnasium 1.3.0, Box2D 2.3.1",
    example: { hardcore: true, timeLimit: 400, gymnasiumSeed: 3 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [
    { id: "BipedalWalker-v3", options: {} },
    { id: "BipedalWalkerHardcore-v3", options: { hardcore: true } }
  ]
}
