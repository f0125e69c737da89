/**
 * Bases: what a configuration's algorithm begins with. A base is a part that makes a learner, and that brings along what
 * it is run with unless a configuration says otherwise: exploration, replay, the rhythm of training.
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Exploration from "@ornstein/core/Exploration"
import type * as Learner from "@ornstein/core/Learner"
import type * as Part from "@ornstein/core/Part"
import * as Replay from "@ornstein/core/Replay"
import type * as Training from "@ornstein/core/Training"
import type * as Algorithm from "./Algorithm.ts"

// models

/** What is wrong with a composition, and the field of the base's options that shows it. */
export interface Refusal {
  readonly path: ReadonlyArray<string | number>
  readonly allowed: string
  readonly error: Algorithm.VariantConflict | Algorithm.IdleOption
}

interface Composed<Tag extends string, R> {
  /** The kind of environment that it learns in. */
  readonly _tag: Tag
  /** Without the variants that were refused. */
  readonly learner: Learner.Learner<R>
  readonly refusals: ReadonlyArray<Refusal>
  /** The bytes that its networks take at least, with targets and moments, where observations have so many numbers. */
  readonly leastBytes: (observation: number) => number
}

/** A learner from its options, and all that is wrong with them. */
export type Composition =
  | Composed<"Continuous", Environment.Continuous>
  | Composed<"Discrete", Environment.Discrete>

/** What a base is run with unless a configuration says otherwise, as a configuration says it. */
export interface Defaults {
  readonly exploration: { readonly kind: string }
  readonly replay: { readonly kind: string }
  /** What differs from the defaults of `Training.Options`. */
  readonly training: Partial<Training.Options>
}

export interface Base extends Part.Any<Composition> {
  /** The kind of environment that it learns in. */
  readonly environment: Composition["_tag"]
  readonly defaults: Defaults
}

/** A base whose options are of a schema `M`. */
export interface Of<E extends Composition["_tag"], M extends Part.Member> extends Part.Part<M, Composition> {
  readonly environment: E
  readonly defaults: Defaults
}

// constructors

/** A base is a part, and what it is run with. */
export const of = <const E extends Composition["_tag"], M extends Part.Member>(
  environment: E,
  defaults: Defaults,
  part: Part.Part<M, Composition>
): Of<E, M> => ({ ...part, environment, defaults })

// what bases are run with

/** A deterministic policy adds noise of 0.1 to its actions, as TD3's authors do. */
export const deterministic: Defaults = {
  exploration: Exploration.Options.make({ kind: "gaussian", sigma: 0.1 }),
  replay: Replay.Options.make({ kind: "uniform" }),
  training: {}
}

/** A stochastic policy explores by its own samples. */
export const stochastic: Defaults = {
  ...deterministic,
  exploration: Exploration.Options.make({ kind: "none" })
}

/** A minibatch is a whole rollout of the policy's own actions, from the first step on. */
export const onPolicy = (replay: Replay.Options): Defaults => ({
  exploration: Exploration.Options.make({ kind: "none" }),
  replay,
  training: { warmup: 0, learningStarts: 0, batchSize: replay.capacity }
})

// pure core

/** What an actor-critic composes, with so many weights: nothing of it can be refused. */
export const discrete = (
  learner: Learner.Learner<Environment.Discrete>,
  weights: (observation: number) => number
): Composition => ({
  _tag: "Discrete",
  learner,
  refusals: [],
  // One network, and two moments of each number.
  leastBytes: (observation) => 4 * 3 * weights(observation)
})
