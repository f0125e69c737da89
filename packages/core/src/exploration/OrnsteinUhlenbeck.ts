/** Noise that remembers, and returns to its mean (Uhlenbeck and Ornstein, "On the theory of the Brownian motion", 1930). */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Part } from "../config/index.ts"
import { Key } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { alone, clip, Exploration, type Instance, sigma } from "./Contract.ts"
import * as Mixture from "./Mixture.ts"
import * as PerLane from "./PerLane.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("ornsteinUhlenbeck"),
  sigma: sigma.pipe(Field.withDefault(0.2)),
  ...PerLane.fields,
  theta: Field.positive.annotate({ description: "rate of return to the mean" }).pipe(Field.withDefault(0.15)),
  dt: Schema.optionalKey(
    Field.positive.annotate({
      description: "time step of the Euler-Maruyama form; without it the unit-step form"
    })
  )
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** standard deviation in units of normalised actions: a number, or a ramp over steps */
  readonly sigma?: Ramp.Ramp
  /** factors of sigma that differ from lane to lane; left out, all lanes have the same noise */
  readonly perLane?: PerLane.Options
  /** rate of return to the mean */
  readonly theta?: number
  /** time step of the Euler-Maruyama form; without it the unit-step form */
  readonly dt?: number
}

// pure core

/**
 * One step of the process in place, in one of two discretisations. With `dt`, Euler and Maruyama's:
 * `x <- x + theta (mu - x) dt + sigma sqrt(dt) n`. Without, the form of the DDPG paper's implementations:
 * `x <- x + theta (mu - x) + sigma n`. The mean mu is 0 if not given.
 *
 * They are different noises: the stationary deviation is about sigma / sqrt(2 theta) in both, but at dt = 0.01 it
 * takes a hundred times as many steps to get there.
 */
export const evolve = (
  x: Float64Array,
  options: {
    readonly theta: number
    readonly sigma: number
    readonly dt?: number | undefined
    readonly mean?: number
  },
  normal: (dimension: number) => number
): void => {
  const { dt = 1, mean = 0, sigma, theta } = options
  for (let i = 0; i < x.length; i++) {
    x[i] = x[i]! + theta * (mean - x[i]!) * dt + sigma * Math.sqrt(dt) * normal(i)
  }
}

// instances

const make = (options: Options, key: Key.Key, dimensions: number, factor: () => number): Instance => {
  const x = new Float64Array(dimensions)
  return {
    perturb: (action, step) => {
      const now = Key.fold(key, step)
      evolve(x, { ...options, sigma: factor() * Ramp.at(options.sigma, step) }, (i) => Key.normal(now, i))
      for (let i = 0; i < action.length; i++) action[i] = clip(action[i]! + x[i]!)
    },
    scale: (step) => factor() * Ramp.at(options.sigma, step),
    reset: () => {
      x.fill(0)
    },
    snapshot: () => x.slice(),
    restore: (snapshot) => {
      if (!(snapshot instanceof Float64Array && snapshot.length === dimensions)) {
        throw new TypeError(`the snapshot of an Ornstein-Uhlenbeck process is ${dimensions} doubles`)
      }
      x.set(snapshot)
    }
  }
}

// layers

/** Noise that remembers: see `evolve`. It starts at its mean, 0, in every episode. */
export const layer = (options: Input = {}): Layer.Layer<Exploration> => {
  const settings = Field.make("ornsteinUhlenbeck", Options, options)
  return Layer.succeed(Exploration, {
    name: "ornsteinUhlenbeck",
    lanes: Lanes.refusals("exploration", PerLane.requirements, settings),
    make: (key, dimensions, place = alone) =>
      PerLane.around(settings, key, place, (factor) => make(settings, key, dimensions, factor))
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Schema.Struct({ ...Options.fields, ...Mixture.fields })], {
  description: "noise that remembers, and returns to 0",
  source: {
    authors: "Uhlenbeck and Ornstein",
    year: 1930,
    title: "On the theory of the Brownian motion",
    link: "https://doi.org/10.1103/PhysRev.36.823"
  },
  departures: ["two discretisations: with dt Euler and Maruyama's, without it the unit-step form"],
  requires: [
    Mixture.isAdded,
    ...Lanes.requires(PerLane.requirements),
    {
      at: "theta",
      check: ({ dt = 1, theta }) =>
        theta * dt >= 2
          ? "expected theta * dt below 2 (dt is 1 if left out), or the noise grows without bound"
          : undefined
    }
  ],
  example: { sigma: 0.3, theta: 0.5, dt: 0.1, epsilon: 0.1 },
  make: ({ epsilon, ...options }) => Mixture.apply({ epsilon }, layer(options))
})
