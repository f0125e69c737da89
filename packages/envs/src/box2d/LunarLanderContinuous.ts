/**
 * LunarLanderContinuous-v3: set a lander down between two flags on a moon of random hills. The two numbers of an action are
 * throttles: of the main engine, off below 0 and else from half to full power, and of the side engines, off within 0.5 of 0,
 * negative for the left one. What is beyond 1 is clipped.
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
 * const lander = LunarLanderContinuous.make({ gravity: -3.7, enableWind: true })
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
  Schema.Struct({ kind: Schema.tag("lunarLanderContinuous"), ...Lander.fields })
) {}

// constructors

const description = "Set a lander down between two flags, with engines that can be throttled"

export const make = (options: Lander.Input = {}): Environment.Environment<Space.Box> =>
  Lander.world(
    Field.make("lunarLanderContinuous", Options, options),
    { id: "LunarLanderContinuous-v3", description, action: Space.box({ shape: [2], low: -1, high: 1 }) },
    (action) => [Lander.clip(action[0]!, -1, 1), Lander.clip(action[1]!, -1, 1)]
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
  named: [{ id: "LunarLanderContinuous-v3", options: {} }]
}
