/**
 * Exploration: what is added to the policy's action while an agent gathers experience. Noise is in normalised units
 * (actions lie in [-1, 1]); its state is a value, and its draws are read from a key by the number of the step.
 *
 * ```ts
 * Exploration.layerOrnsteinUhlenbeck({ sigma: 0.3 }).pipe(Exploration.mixture(0.1))
 * ```
 */
import type * as Layer from "effect/Layer"
import { Catalogue } from "../config/index.ts"
import type { Exploration } from "./Contract.ts"
import * as Gaussian from "./Gaussian.ts"
import * as None from "./None.ts"
import * as OrnsteinUhlenbeck from "./OrnsteinUhlenbeck.ts"
import * as ParameterNoise from "./ParameterNoise.ts"

// the contract

export { alone, clip, Exploration, ExplorationError, memoryless, refusals as lanes } from "./Contract.ts"
export type { Attached, Instance, Place } from "./Contract.ts"

// what kinds share

export { apply as mixed, fields as mixedFields, isAdded, mixture } from "./Mixture.ts"

// the kinds

export { layer as layerNone } from "./None.ts"
export { layer as layerGaussian } from "./Gaussian.ts"
export { evolve, layer as layerOrnsteinUhlenbeck } from "./OrnsteinUhlenbeck.ts"
export { layer as layerParameterNoise } from "./ParameterNoise.ts"

/** All kinds of exploration. */
export const kinds = Catalogue.of<Layer.Layer<Exploration>>("exploration").with(
  None.part,
  Gaussian.part,
  OrnsteinUhlenbeck.part,
  ParameterNoise.part
)

/** The choices that a configuration has. */
export const Options = kinds.schema
export type Options = typeof Options.Type

// layers

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Exploration> => kinds.make(options)
