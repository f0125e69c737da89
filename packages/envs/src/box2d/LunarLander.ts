/**
 * LunarLander-v3: set a lander down between two flags on a moon of random hills. The four actions are nothing, the left engine,
 * the main one and the right one, each at full power.
 *
 * The observation is (x, y) of the lander from the pad, its velocity, angle, angular velocity, all scaled, and whether each leg
 * touches. With the potential
 *
 *     phi = -100 |(x, y)| - 100 |(x', y')| - 100 |angle| + 10 left + 10 right
 *
 * a step pays the change of phi, less 0.3 m for the main engine's power m and 0.03 s for a side engine's. The step in which
 * the hull touches the ground or the lander leaves the screen pays -100 in place of that, the one in which it comes to rest 100.
 *
 * How near it is to Gymnasium's: `Lander`.
 *
 * ```ts
 * const lander = LunarLander.make({ gravity: -3.7, enableWind: true })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import * as Lander from "./Lander.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({ kind: Schema.tag("lunarLander"), ...Lander.fields })
) {}

// pure core

/** What each action does. */
const THROTTLES: ReadonlyArray<Lander.Throttle> = [
  [0, 0],
  [0, -1],
  [1, 0],
  [0, 1]
]

// constructors

const description = "Set a lander down between two flags, with four actions"

export const make = (options: Lander.Input = {}): Environment.Environment<Space.Discrete> =>
  Lander.world(
    Field.make("lunarLander", Options, options),
    { id: "LunarLander-v3", description, action: Space.discrete(THROTTLES.length) },
    (action) => THROTTLES[action[0]!]!
  )

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description,
    source: "Gymnasium 1.3.0, Box2D 2.3.1",
    example: Lander.example,
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "LunarLander-v3", options: {} }]
}
