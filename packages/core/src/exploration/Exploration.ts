/**
 * Exploration: what is added to the policy's action while an agent gathers experience. Noise is in normalised units
 * (actions lie in [-1, 1]); its state is a value, and its draws are read from a key by the number of the step.
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import type { Space } from "../environment/index.ts"
import { Key } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { Snapshot } from "../state/index.ts"
import * as ParameterNoise from "./ParameterNoise.ts"

// models

/** A live process for one environment. */
export interface Instance {
  /** Adds the noise of this step to the action, in place, and clips to [-1, 1]. */
  readonly perturb: (action: Space.Numbers, step: number) => void
  /** An episode begins. */
  readonly reset: () => void
  /** Noise on the policy's parameters in place of its actions; whoever acts asks for it. */
  readonly parameters?: ParameterNoise.Instance
  /** The noise's standard deviation parameter at a step, for reports. */
  readonly scale: (step: number) => number
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

const sigma = Ramp.ramp(Ramp.nonNegative).annotate({
  description: "standard deviation in units of normalised actions: a number, or a ramp over steps"
})

const epsilon = Ramp.ramp(Ramp.unitInterval)
  .annotate({
    description: "share of steps whose action is uniformly random instead: a number, or a ramp over steps"
  })
  .pipe(Field.withDefault(0))

const None = Schema.Struct({ kind: Schema.tag("none"), epsilon })

const Gaussian = Schema.Struct({
  kind: Schema.tag("gaussian"),
  sigma: sigma.pipe(Field.withDefault(0.1)),
  epsilon
})

const OrnsteinUhlenbeck = Schema.Struct({
  kind: Schema.tag("ornsteinUhlenbeck"),
  sigma: sigma.pipe(Field.withDefault(0.2)),
  theta: Field.positive.annotate({ description: "rate of return to the mean" }).pipe(Field.withDefault(0.15)),
  dt: Schema.optionalKey(
    Field.positive.annotate({
      description: "time step of the Euler-Maruyama form; without it the unit-step form"
    })
  ),
  epsilon
})

const OnParameters = Schema.Struct({ ...ParameterNoise.Options.fields, epsilon })

/** The choices that a configuration has. */
export const Options = Schema.Union([None, Gaussian, OrnsteinUhlenbeck, OnParameters])
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface GaussianInput {
  /** standard deviation in units of normalised actions: a number, or a ramp over steps */
  readonly sigma?: Ramp.Ramp
}

/** What is given of them: the rest has defaults. */
export interface OrnsteinUhlenbeckInput {
  /** standard deviation in units of normalised actions: a number, or a ramp over steps */
  readonly sigma?: Ramp.Ramp
  /** rate of return to the mean */
  readonly theta?: number
  /** time step of the Euler-Maruyama form; without it the unit-step form */
  readonly dt?: number
}

// pure core

const clip = (x: number): number => Math.max(-1, Math.min(1, x))

/**
 * One step of the Ornstein-Uhlenbeck process in place (Uhlenbeck and Ornstein, 1930), in one of two discretisations.
 * With `dt`, Euler and Maruyama's: `x <- x + theta (mu - x) dt + sigma sqrt(dt) n`. Without, the form of the DDPG
 * paper's implementations: `x <- x + theta (mu - x) + sigma n`. The mean mu is 0 if not given.
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

const memoryless = (scale: Instance["scale"], perturb: Instance["perturb"]): Instance => ({
  perturb,
  scale,
  reset: () => {},
  snapshot: () => null,
  restore: () => {}
})

const gaussian = (sigma: Ramp.Ramp, key: Key.Key): Instance =>
  memoryless(
    (step) => Ramp.at(sigma, step),
    (action, step) => {
      const now = Key.fold(key, step)
      const scale = Ramp.at(sigma, step)
      for (let i = 0; i < action.length; i++) action[i] = clip(action[i]! + scale * Key.normal(now, i))
    }
  )

const ornsteinUhlenbeck = (
  options: { readonly theta: number; readonly sigma: Ramp.Ramp; readonly dt?: number | undefined },
  key: Key.Key,
  dimensions: number
): Instance => {
  const x = new Float64Array(dimensions)
  return {
    perturb: (action, step) => {
      const now = Key.fold(key, step)
      evolve(x, { ...options, sigma: Ramp.at(options.sigma, step) }, (i) => Key.normal(now, i))
      for (let i = 0; i < action.length; i++) action[i] = clip(action[i]! + x[i]!)
    },
    scale: (step) => Ramp.at(options.sigma, step),
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

// service

/** The exploration of a run: makes the process of one environment from its key. */
export class Exploration extends Context.Service<
  Exploration,
  {
    readonly name: string
    readonly make: (key: Key.Key, dimensions: number) => Instance
  }
>()("@ornstein/core/Exploration") {}

// layers

/** The policy's own action. */
export const layerNone: Layer.Layer<Exploration> = Layer.succeed(Exploration, {
  name: "none",
  make: () =>
    memoryless(
      () => 0,
      () => {}
    )
})

/** Independent normal noise. */
export const layerGaussian = (options: GaussianInput = {}): Layer.Layer<Exploration> => {
  const { sigma } = Field.make("gaussian", Gaussian, options)
  return Layer.succeed(Exploration, { name: "gaussian", make: (key) => gaussian(sigma, key) })
}

/** Noise that remembers: see `evolve`. It starts at its mean, 0, in every episode. */
export const layerOrnsteinUhlenbeck = (options: OrnsteinUhlenbeckInput = {}): Layer.Layer<Exploration> => {
  const settings = Field.make("ornsteinUhlenbeck", OrnsteinUhlenbeck, options)
  return Layer.succeed(Exploration, {
    name: "ornsteinUhlenbeck",
    make: (key, dimensions) => ornsteinUhlenbeck(settings, key, dimensions)
  })
}

/** Noise on the policy's parameters, of adaptive size: see `ParameterNoise`. */
export const layerParameterNoise = (options: ParameterNoise.Input = {}): Layer.Layer<Exploration> => {
  const settings = Field.make("parameterNoise", OnParameters, options)
  return Layer.succeed(Exploration, {
    name: "parameterNoise",
    make: () => {
      const parameters = ParameterNoise.make(settings)
      return {
        ...memoryless(parameters.sigma, () => {}),
        parameters,
        snapshot: parameters.snapshot,
        restore: parameters.restore
      }
    }
  })
}

// decorators

/** Now and then, in a share `epsilon` of the steps, an action uniform on [-1, 1] instead of the policy's. */
export const mixture =
  (epsilon: Ramp.Ramp) =>
  <E, R>(self: Layer.Layer<Exploration, E, R>): Layer.Layer<Exploration, E, R> => {
    const share = Field.make("mixture", Ramp.ramp(Ramp.unitInterval), epsilon)
    return Layer.effect(
      Exploration,
      Exploration.useSync(({ make, name }) => ({
        name: `${name}, mixed`,
        make: (key, dimensions) => {
          const inner = make(key, dimensions)
          const mixtureKey = Key.fold(key, "mixture")
          return {
            ...inner,
            perturb: (action, step) => {
              inner.perturb(action, step)
              const now = Key.fold(mixtureKey, step)
              if (Key.uniform(now, 0) >= Ramp.at(share, step)) return
              for (let i = 0; i < action.length; i++) action[i] = 2 * Key.uniform(now, i + 1) - 1
            }
          }
        }
      }))
    ).pipe(Layer.provide(self))
  }

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Exploration> => {
  const chosen = unmixed(options)
  return options.epsilon === 0 ? chosen : mixture(options.epsilon)(chosen)
}

const unmixed = (options: Options): Layer.Layer<Exploration> => {
  switch (options.kind) {
    case "none":
      return layerNone
    case "gaussian":
      return layerGaussian(options)
    case "ornsteinUhlenbeck":
      return layerOrnsteinUhlenbeck(options)
    case "parameterNoise":
      return layerParameterNoise(options)
  }
}
