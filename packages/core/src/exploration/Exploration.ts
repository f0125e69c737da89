/**
 * Exploration: what is added to the policy's action while an agent gathers experience. Noise is in normalised units
 * (actions lie in [-1, 1]); its state is a value, and its draws are read from a key by the number of the step.
 */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Catalogue, Field, Part } from "../config/index.ts"
import { Key, Streams } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { Exploration, type Instance } from "./Contract.ts"
import * as ParameterNoise from "./ParameterNoise.ts"

// the contract

export { Exploration } from "./Contract.ts"
export type { Attached, Instance } from "./Contract.ts"

// the kind that has a room of its own

export { layer as layerParameterNoise } from "./ParameterNoise.ts"

// models

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

// decorators

/** Now and then, in a share `epsilon` of the steps, an action uniform on [-1, 1] instead of the policy's. */
export const mixture =
  (epsilon: Ramp.Ramp) =>
  <E, R>(self: Layer.Layer<Exploration, E, R>): Layer.Layer<Exploration, E, R> => {
    const share = Field.make("mixture", Ramp.ramp(Ramp.unitInterval), epsilon)
    return Layer.effect(
      Exploration,
      Exploration.useSync(({ make, name, ...rest }) => ({
        ...rest,
        name: `${name}, mixed`,
        make: (key, dimensions) => {
          const inner = make(key, dimensions)
          const mixtureKey = Streams.of(key, "mixture")
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

// parts

/** On-policy learners draw their actions themselves: nothing can be added to them. */
const isAdded: Part.Requirement<{ readonly kind: string; readonly epsilon: Ramp.Ramp }> = {
  at: "",
  reads: ["algorithm.base"],
  check: ({ epsilon, kind }, { learner }) =>
    learner.isOnPolicy && (kind !== "none" || epsilon !== 0)
      ? `expected "none": ${learner.base} draws its actions, and there is nothing between two of them`
      : undefined
}

/** Mixed with uniform actions, where the options say so. */
const mixed = (
  { epsilon }: { readonly epsilon: Ramp.Ramp },
  layer: Layer.Layer<Exploration>
): Layer.Layer<Exploration> => (epsilon === 0 ? layer : mixture(epsilon)(layer))

const none = Part.from([None], {
  description: "the policy's own action",
  source: "what is left without noise",
  requires: [isAdded],
  example: { epsilon: 0.1 },
  make: (options) => mixed(options, layerNone)
})

const gaussianPart = Part.from([Gaussian], {
  description: "independent normal noise on every action",
  source: {
    authors: "Fujimoto, van Hoof and Meger",
    year: 2018,
    title: "Addressing function approximation error in actor-critic methods",
    link: "https://arxiv.org/abs/1802.09477"
  },
  requires: [isAdded],
  example: { sigma: 0.3, epsilon: 0.1 },
  make: (options) => mixed(options, layerGaussian(options))
})

const ornsteinUhlenbeckPart = Part.from([OrnsteinUhlenbeck], {
  description: "noise that remembers, and returns to 0",
  source: {
    authors: "Uhlenbeck and Ornstein",
    year: 1930,
    title: "On the theory of the Brownian motion",
    link: "https://doi.org/10.1103/PhysRev.36.823"
  },
  departures: ["two discretisations: with dt Euler and Maruyama's, without it the unit-step form"],
  requires: [
    isAdded,
    {
      at: "theta",
      check: ({ dt = 1, theta }) =>
        theta * dt >= 2
          ? "expected theta * dt below 2 (dt is 1 if left out), or the noise grows without bound"
          : undefined
    }
  ],
  example: { sigma: 0.3, theta: 0.5, dt: 0.1, epsilon: 0.1 },
  make: (options) => mixed(options, layerOrnsteinUhlenbeck(options))
})

const parameterNoisePart = Part.from([OnParameters], {
  description: "noise on the policy's parameters, of adaptive size",
  source: {
    authors: "Plappert et al.",
    year: 2018,
    title: "Parameter space noise for exploration",
    link: "https://arxiv.org/abs/1706.01905"
  },
  departures: ["all parameters are perturbed, also those of layer normalisation"],
  requires: [isAdded],
  example: { delta: 0.1, initialSigma: 0.05, factor: 1.1, every: 10, epsilon: 0.1 },
  make: ({ epsilon, ...options }) => mixed({ epsilon }, ParameterNoise.layer(options))
})

/** All kinds of exploration. */
export const kinds = Catalogue.of<Layer.Layer<Exploration>>("exploration").with(
  none,
  gaussianPart,
  ornsteinUhlenbeckPart,
  parameterNoisePart
)

/** The choices that a configuration has. */
export const Options = kinds.schema
export type Options = typeof Options.Type

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Exploration> => kinds.make(options)
