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
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import * as Assembly from "./Assembly.ts"
import { Replay, type ReplayError } from "./Contract.ts"
import * as Hindsight from "./Hindsight.ts"
import * as Offline from "./Offline.ts"
import * as Prioritized from "./Prioritized.ts"
import * as Reader from "./Reader.ts"
import * as Rollout from "./Rollout.ts"
import type * as Transitions from "./Transitions.ts"
import * as Uniform from "./Uniform.ts"

// the contract

export { Replay, ReplayError } from "./Contract.ts"
export type { Instance, Shape } from "./Contract.ts"
export type { Batch, Valuation } from "./Reader.ts"
export type { Log, Rows, Transition } from "./Transitions.ts"

// the kinds

export { assemble } from "./Assembly.ts"
export { layer as layerHindsight } from "./Hindsight.ts"
export { layer as layerDataset, layerRows as layerOffline } from "./Offline.ts"
export { layer as layerPrioritized } from "./Prioritized.ts"
export { layer as layerRollout } from "./Rollout.ts"
export { layer as layerUniform, make as uniform } from "./Uniform.ts"

/** The choices that a configuration has. */
export const Options = Schema.Union([
  Uniform.Options,
  Prioritized.Options,
  Hindsight.Options,
  Rollout.Options,
  Offline.Options
])
export type Options = typeof Options.Type

// pure core

/** The bytes that a replay takes from the start, and at most so many more where it is compact; a dataset is not counted. */
export const bytes = (options: Options, shape: Transitions.Shape): number => {
  switch (options.kind) {
    case "uniform":
      return Uniform.bytes(options, shape)
    case "prioritized":
      return Prioritized.bytes(options, shape)
    case "hindsight":
    case "rollout":
      return Assembly.bytes(options, shape)
    case "offline":
      return 0
  }
}

// decorators

/** The same replay with up to n steps in each transition it gives: see `Reader.nStep`. */
export const nStep = (n: number) => {
  const steps = Field.make("nStep", Field.positiveInt, n)
  return <E, R>(self: Layer.Layer<Replay, E, R>): Layer.Layer<Replay, E, R> =>
    Layer.effect(
      Replay,
      Replay.useSync(({ capacity, make, name }) => ({
        name: `${name}, ${steps} steps`,
        capacity,
        make: (shape, reader) =>
          reader === undefined ? make(shape, Reader.nStep(steps)) : Effect.fail(Assembly.refuseReader(name))
      }))
    ).pipe(Layer.provide(self))
}

/** The layer that a configuration chose. */
export const layer = (options: Options): Layer.Layer<Replay, ReplayError> => {
  switch (options.kind) {
    case "uniform":
      return options.nStep === 1 ? Uniform.layer(options) : nStep(options.nStep)(Uniform.layer(options))
    case "prioritized":
      return options.nStep === 1
        ? Prioritized.layer(options)
        : nStep(options.nStep)(Prioritized.layer(options))
    case "hindsight":
      return Hindsight.layer(options)
    case "rollout":
      return Rollout.layer(options)
    case "offline":
      return options.nStep === 1 ? Offline.layer(options) : nStep(options.nStep)(Offline.layer(options))
  }
}
