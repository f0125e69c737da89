/**
 * The names of the streams of random numbers that a run reads, each once: two of the same name do not compile, and a
 * misspelt one does not either. What a stream is for is said here; the numbers follow from the key and the name.
 *
 * ```ts
 * const warmup = Streams.of(Key.make(seed), "warmup")
 * const action = Key.uniform(Key.fold(warmup, step))
 * ```
 */
import * as Key from "./Key.ts"

// models

const NAMES = {
  // of a run
  init: "the first parameters of the networks",
  warmup: "random actions of the first steps, by step",
  policy: "the noise of a stochastic policy, by step",
  decision: "which of several actions is taken, by step",
  minibatch: "which transitions a minibatch is made of, by update; of a measurement, by step",
  update: "what updates draw, by name and update",
  perturbation: "noise on the policy's parameters, by episode",
  distance: "the noise that is measured, by step",
  // of a lane of a run
  lane: "everything of a lane after the first, by its number",
  environment: "what the episodes of a lane begin with and meet, by episode",
  exploration: "noise on the actions of a lane, by step",
  // below those
  scale: "how large the noise of a lane is, by episode",
  mixture: "the random actions of an exploration, by step",
  hindsight: "which rows of a minibatch get another goal, and which",
  // of an evaluation
  evaluation: "what evaluated episodes begin with and meet, by episode"
} as const

/** The name of a stream. */
export type Name = keyof typeof NAMES

export const names: { readonly [name in Name]: string } = NAMES

// pure core

/** The key of a stream. */
export const of = (key: Key.Key, name: Name): Key.Key => Key.fold(key, name)

/** The key of a lane of a run: that of the run for the first. */
export const ofLane = (key: Key.Key, lane: number): Key.Key =>
  lane === 0 ? key : Key.fold(of(key, "lane"), lane)
