/** The forms that a ramp can have, as programs and configurations write them. */
import type { Catalogue } from "../config/index.ts"

// models: types rather than interfaces, since those of a configuration must be seen to be JSON

/** `from` to `to` in a straight line over `steps` steps, then `to`. */
export type Linear = {
  readonly kind: "linear"
  readonly from: number
  readonly to: number
  readonly steps: number
}

/** `to + (from - to) / 2^(step / halfLife)`, a factor per step. */
export type Exponential = {
  readonly kind: "exponential"
  readonly from: number
  readonly to: number
  readonly halfLife: number
}

/**
 * `to + (from - to) (1 + cos(pi step / steps)) / 2`, then `to` (Loshchilov and Hutter, "SGDR: stochastic gradient descent
 * with warm restarts", 2017, without the restarts).
 */
export type Cosine = {
  readonly kind: "cosine"
  readonly from: number
  readonly to: number
  readonly steps: number
}

/** Through points: in straight lines, or each value held until the next point. */
export type Piecewise = {
  readonly kind: "piecewise"
  readonly points: readonly [Point, ...ReadonlyArray<Point>]
  readonly between?: "line" | "hold"
}

export type Point = {
  readonly at: number
  readonly value: number
}

/** What a ramp does: its value at every step, counted from 0, and bounds that it never leaves. */
export interface Motion {
  readonly at: (step: number) => number
  readonly least: number
  readonly most: number
}

/** A ramp that is none of ours: the options of a part. */
export type Own = Catalogue.Chosen<Motion>

/** A ramp that is made of no other; a plain number is a constant. */
export type Simple = number | Linear | Exponential | Cosine | Piecewise | Own

/** In a straight line from `from`, which is 0 if not given, to where another ramp begins; then that ramp, from its start. */
export type Warmup = {
  readonly kind: "warmup"
  readonly from?: number
  readonly steps: number
  readonly to: Simple
}

/** One after the other, each from its start; the last one for good. */
export type Sequence = {
  readonly kind: "sequence"
  readonly parts: readonly [Piece, ...ReadonlyArray<Piece>]
  readonly last: Simple
}

export type Piece = {
  readonly ramp: Simple
  readonly steps: number
}

/** All of them multiplied. */
export type Product = {
  readonly kind: "product"
  readonly factors: readonly [Simple, ...ReadonlyArray<Simple>]
}

/** What is not a constant. */
export type Moving = Exclude<Simple, number> | Warmup | Sequence | Product

/** A plain number is a constant. */
export type Ramp = number | Moving

/** What a step of a ramp is: a step of the environment (the default), or an update of the learner. */
export type Clock = "step" | "update"

/** A ramp with a clock of its own choice. */
export type Timed = number | (Moving & { readonly per?: Clock })
