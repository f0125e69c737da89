/**
 * Ramps: numbers that move along with a run, by a rule that is known before it. A learning rate that falls, noise that
 * dies out, a weight that warms up. Elsewhere they are called schedules; effect has another `Schedule`, for repetition.
 *
 * ```ts
 * const rate: Ramp.Timed = { kind: "warmup", steps: 1000, to: { kind: "cosine", from: 1e-3, to: 0, steps: 50_000 } }
 * Ramp.at(rate, 500) // 5e-4
 * ```
 *
 * A ramp is a function of a count from 0 and of nothing else, in doubles with the same bits on every machine; so a run
 * that is resumed goes on with the numbers that it would have had.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { Field, SchemaShape } from "../config/index.ts"
import { Elementary, Trigonometry } from "../random/index.ts"

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

/** A ramp that is made of no other; a plain number is a constant. */
export type Simple = number | Linear | Exponential | Cosine | Piecewise

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
  readonly parts: readonly [Part, ...ReadonlyArray<Part>]
  readonly last: Simple
}

export type Part = {
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

// pure core

/** 2^-(step / halfLife); 0 where nothing is left. */
const halved = (step: number, halfLife: number): number =>
  step > 1000 * halfLife ? 0 : Elementary.exp((-step / halfLife) * Math.LN2)

const alongCosine = ({ from, steps, to }: Cosine, step: number): number =>
  step >= steps ? to : to + (from - to) * (0.5 + 0.5 * Trigonometry.cos((Math.PI * step) / steps))

const alongPoints = ({ between = "line", points }: Piecewise, step: number): number => {
  const next = points.findIndex(({ at }) => at > step)
  const before = points.at(next === -1 ? -1 : next - 1)
  const after = points[next]
  if (next === 0 || before === undefined) return points[0].value
  if (after === undefined || between === "hold") return before.value
  return before.value + (after.value - before.value) * ((step - before.at) / (after.at - before.at))
}

const alongParts = ({ last, parts }: Sequence, step: number): number => {
  let rest = step
  for (const { ramp, steps } of parts) {
    if (rest < steps) return at(ramp, rest)
    rest -= steps
  }
  return at(last, rest)
}

/** The ramp's value at a step, counted from 0. */
export const at = (ramp: Timed, step: number): number => {
  if (typeof ramp === "number") return ramp
  switch (ramp.kind) {
    case "linear":
      return ramp.from - (ramp.from - ramp.to) * Math.min(1, step / ramp.steps)
    case "exponential":
      return ramp.to + (ramp.from - ramp.to) * halved(step, ramp.halfLife)
    case "cosine":
      return alongCosine(ramp, step)
    case "piecewise":
      return alongPoints(ramp, step)
    case "warmup": {
      const { from = 0, steps, to } = ramp
      return step < steps ? from + (at(to, 0) - from) * (step / steps) : at(to, step - steps)
    }
    case "sequence":
      return alongParts(ramp, step)
    case "product":
      return ramp.factors.reduce<number>((product, factor) => product * at(factor, step), 1)
  }
}

/** Does it never move? */
export const isConstant = (ramp: Timed): ramp is number => typeof ramp === "number"

/** The value in an update, the `update`-th and in the `step`-th step of the environment, both counted from 0. */
export const read = (ramp: Timed, step: number, update: number): number =>
  typeof ramp !== "number" && ramp.per === "update" ? at(ramp, update) : at(ramp, step)

interface Range {
  readonly least: number
  readonly most: number
}

const hull = (ranges: ReadonlyArray<Range>): Range => ({
  least: ranges.reduce((least, range) => Math.min(least, range.least), Number.POSITIVE_INFINITY),
  most: ranges.reduce((most, range) => Math.max(most, range.most), Number.NEGATIVE_INFINITY)
})

const of = (...values: ReadonlyArray<number>): Range =>
  hull(values.map((value) => ({ least: value, most: value })))

/** Bounds that a ramp never leaves; those of a product are reached only where all factors reach theirs at one time. */
export const range = (ramp: Timed): Range => {
  if (typeof ramp === "number") return of(ramp)
  switch (ramp.kind) {
    case "linear":
    case "exponential":
    case "cosine":
      return of(ramp.from, ramp.to)
    case "piecewise":
      return hull(ramp.points.map(({ value }) => of(value)))
    case "warmup":
      return hull([of(ramp.from ?? 0), range(ramp.to)])
    case "sequence":
      return hull([...ramp.parts.map(({ ramp }) => range(ramp)), range(ramp.last)])
    case "product":
      return ramp.factors
        .map(range)
        .reduce((a, b) => of(a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most))
  }
}

// schemas

/** What a number may be. */
export interface Bounds {
  /** As a constant. */
  readonly constant: Schema.Finite
  /** On its way, where it may touch what would switch a method off as a constant. */
  readonly value: Schema.Finite
}

const steps = Field.positiveInt

const simple = <C extends Schema.Struct.Fields>(value: Schema.Finite, clock: C) => {
  const from = value.annotate({ description: "the value at step 0" })
  const to = value.annotate({ description: "the value in the end" })
  const point = Schema.Struct({
    at: Field.nonNegativeInt.annotate({ description: "the step of this point" }),
    value: value.annotate({ description: "the value there" })
  })
  return [
    Schema.Struct({
      kind: Schema.Literal("linear"),
      from,
      to,
      steps: steps.annotate({ description: "steps from one to the other, in a straight line" }),
      ...clock
    }),
    Schema.Struct({
      kind: Schema.Literal("exponential"),
      from,
      to,
      halfLife: steps.annotate({ description: "steps in which half of the way is gone" }),
      ...clock
    }),
    Schema.Struct({
      kind: Schema.Literal("cosine"),
      from,
      to,
      steps: steps.annotate({ description: "steps from one to the other, along half a wave" }),
      ...clock
    }),
    Schema.Struct({
      kind: Schema.Literal("piecewise"),
      points: Schema.NonEmptyArray(point)
        .annotate({ description: "steps and the values there, in order" })
        .check(
          Schema.makeFilter((points) => {
            const late = points.findIndex(({ at }, i) => at <= (points[i - 1]?.at ?? -1))
            return late === -1
              ? true
              : { path: [late, "at"], issue: `is not after the point before it, at ${points[late - 1]?.at}` }
          })
        ),
      between: Schema.optionalKey(
        Schema.Literals(["line", "hold"]).annotate({
          description: "straight lines between points (the default), or each value held until the next one"
        })
      ),
      ...clock
    })
  ] as const
}

const composed = <C extends Schema.Struct.Fields>(value: Schema.Finite, clock: C) => {
  const inner = Schema.Union([value, ...simple(value, {})])
  const factor = Schema.Union([Schema.Finite, ...simple(Schema.Finite, {})])
  const isAllowed = Schema.is(value)
  return [
    Schema.Struct({
      kind: Schema.Literal("warmup"),
      from: Schema.optionalKey(value.annotate({ description: "the value at step 0; 0 if not given" })),
      steps: steps.annotate({ description: "steps in a straight line to where `to` begins" }),
      to: inner.annotate({ description: "a number, or the ramp that follows" }),
      ...clock
    }),
    Schema.Struct({
      kind: Schema.Literal("sequence"),
      parts: Schema.NonEmptyArray(
        Schema.Struct({
          ramp: inner.annotate({ description: "a number, or a ramp that is made of no other" }),
          steps: steps.annotate({ description: "how long it lasts" })
        })
      ).annotate({ description: "ramps one after the other, each from its start" }),
      last: inner.annotate({ description: "what follows for good" }),
      ...clock
    }),
    Schema.Struct({
      kind: Schema.Literal("product"),
      factors: Schema.NonEmptyArray(factor)
        .annotate({ description: "numbers or ramps, multiplied" })
        .check(
          Schema.makeFilter((factors) => {
            const { least, most } = range({ kind: "product", factors })
            const beyond = [...new Set([least, most])].filter((value) => !isAllowed(value))
            return beyond.length === 0
              ? true
              : `may multiply to ${beyond.join(" and ")}; expected ${SchemaShape.describe(value.ast).split(", ").at(-1)}`
          })
        ),
      ...clock
    })
  ] as const
}

/** The schema of a number or a ramp, by its type alone: what it is made of would fill a page. */
export interface Of<A extends Timed>
  extends Schema.Bottom<A, A, never, never, SchemaAST.AST, Of<A>, unknown, A> {}

/**
 * A number or a ramp within these bounds, where it is fixed what a step is.
 *
 * ```ts
 * const epsilon = Ramp.ramp(Ramp.unitInterval)
 * ```
 */
export const ramp = ({ constant, value }: Bounds): Of<Ramp> =>
  Schema.Union([constant, ...simple(value, {}), ...composed(value, {})])

const clock = {
  per: Schema.optionalKey(
    Schema.Literals(["step", "update"]).annotate({
      description: "what a step is: of the environment (the default), or an update"
    })
  )
}

/** The same for a number of the updates, which may count these instead. */
export const timed = ({ constant, value }: Bounds): Of<Timed> =>
  Schema.Union([constant, ...simple(value, clock), ...composed(value, clock)])

/** From 0 on. */
export const nonNegative: Bounds = { constant: Field.nonNegative, value: Field.nonNegative }

/** Above 0, or 0 on the way. */
export const positive: Bounds = { constant: Field.positive, value: Field.nonNegative }

/** From 0 to 1. */
export const unitInterval: Bounds = { constant: Field.unitInterval, value: Field.unitInterval }

/** Any number. */
export const finite: Bounds = { constant: Schema.Finite, value: Schema.Finite }
