/** Independent normal noise on every action, as TD3 has it (Fujimoto et al., 2018). */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Part } from "../config/index.ts"
import { Key } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { alone, clip, Exploration, type Instance, memoryless, sigma } from "./Contract.ts"
import * as Mixture from "./Mixture.ts"
import * as PerLane from "./PerLane.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("gaussian"),
    sigma: sigma.pipe(Field.withDefault(0.1)),
    ...PerLane.fields
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** standard deviation in units of normalised actions: a number, or a ramp over steps */
  readonly sigma?: Ramp.Ramp
  /** factors of sigma that differ from lane to lane; left out, all lanes have the same noise */
  readonly perLane?: PerLane.Options
}

// instances

/** `a <- clip(a + sigma n, -1, 1)` */
const make = (sigma: Ramp.Ramp, key: Key.Key, factor: () => number): Instance =>
  memoryless(
    (step) => factor() * Ramp.at(sigma, step),
    (action, step) => {
      const now = Key.fold(key, step)
      const scale = factor() * Ramp.at(sigma, step)
      for (let i = 0; i < action.length; i++) action[i] = clip(action[i]! + scale * Key.normal(now, i))
    }
  )

// layers

/** Independent normal noise. */
export const layer = (options: Input = {}): Layer.Layer<Exploration> => {
  const settings = Field.make("gaussian", Options, options)
  return Layer.succeed(Exploration, {
    name: "gaussian",
    lanes: Lanes.refusals("exploration", PerLane.requirements, settings),
    make: (key, _, place = alone) =>
      PerLane.around(settings, key, place, (factor) => make(settings.sigma, key, factor))
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Schema.Struct({ ...Options.fields, ...Mixture.fields })], {
  description: "independent normal noise on every action",
  source: {
    authors: "Fujimoto, van Hoof and Meger",
    year: 2018,
    title: "Addressing function approximation error in actor-critic methods",
    link: "https://arxiv.org/abs/1802.09477"
  },
  requires: [Mixture.isAdded, ...Lanes.requires(PerLane.requirements)],
  example: { sigma: 0.3, epsilon: 0.1 },
  make: ({ epsilon, ...options }) => Mixture.apply({ epsilon }, layer(options))
})
