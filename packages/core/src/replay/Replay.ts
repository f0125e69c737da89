/**
 * Replay: the transitions that an agent has seen, and minibatches of them (Lin, 1992; Mnih et al., 2015).
 *
 * What is stored is what the world did: `(s, a, r, s')`, and whether the step terminated or truncated the episode. A
 * minibatch has rows `(s, a, r, discount, s')`, where `discount` is gamma, 0 after a termination, gamma^k over k steps:
 * learners compute `r + discount Q'(s', mu'(s'))` and never see why an episode ended. A replay is made of three parts:
 * where transitions are kept (`Transitions`), which ones are drawn (`Sampler`), and what a minibatch holds of them
 * (`Reader`).
 *
 * ```ts
 * Replay.layerPrioritized({ capacity: 1_000_000 }).pipe(Replay.nStep(5))
 * ```
 */
import type * as Layer from "effect/Layer"
import { Catalogue } from "../config/index.ts"
import type { Chosen, Replay, ReplayError } from "./Contract.ts"
import * as Hindsight from "./Hindsight.ts"
import * as Offline from "./Offline.ts"
import * as Prioritized from "./Prioritized.ts"
import * as Rollout from "./Rollout.ts"
import * as Uniform from "./Uniform.ts"

// the contract

export { Replay, ReplayError } from "./Contract.ts"
export type { Chosen, Instance, Shape, Statistics } from "./Contract.ts"
export type { Batch, Valuation } from "./Reader.ts"
export type { Log, Rows, Transition } from "./Transitions.ts"

// the kinds

export { assemble } from "./Assembly.ts"
export { nStep } from "./NStep.ts"
export { layer as layerHindsight } from "./Hindsight.ts"
export {
  decode as decodeDataset,
  layer as layerDataset,
  layerRows as layerOffline,
  Source as DatasetSource
} from "./Offline.ts"
export { layer as layerPrioritized } from "./Prioritized.ts"
export { layer as layerRollout } from "./Rollout.ts"
export { layer as layerUniform, make as uniform } from "./Uniform.ts"

/** All kinds of replay. */
export const kinds = Catalogue.of<Chosen>("replay").with(
  Uniform.part,
  Prioritized.part,
  Hindsight.part,
  Rollout.part,
  Offline.part
)

/** The choices that a configuration has. */
export const Options = kinds.schema
export type Options = typeof Options.Type

// layers

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Replay, ReplayError> => kinds.make(options).layer
