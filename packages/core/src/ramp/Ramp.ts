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
 *
 * A ramp of your own is a part (`make`). A program names it with `kinds.choose`, a configuration by its kind.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { Catalogue, Field, Part, SchemaShape, Slot } from "../config/index.ts"
import { Elementary, Trigonometry } from "../random/index.ts"
import type { Cosine, Motion, Moving, Own, Piecewise, Ramp, Sequence, Timed } from "./Form.ts"

// models

export type {
  Clock,
  Cosine,
  Exponential,
  Linear,
  Motion,
  Moving,
  Own,
  Piece,
  Piecewise,
  Point,
  Product,
  Ramp,
  Sequence,
  Simple,
  Timed,
  Warmup
} from "./Form.ts"

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
  if (kinds.isChosen(ramp)) return kinds.make(ramp).at(step)
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
  if (kinds.isChosen(ramp)) {
    const { least, most } = kinds.make(ramp)
    return { least, most }
  }
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

type Fields = { readonly [option: PropertyKey]: Part.Member }

/** The options of a kind of ramp, beside its name. */
type Named<K extends string, F> = { readonly kind: Schema.tag<K> } & F

/** Where a ramp stands: what its values may be, and the fields that every ramp has there. */
interface Place<C extends Fields> {
  readonly value: Schema.Finite
  readonly clock: C
}

/** A kind of ramp, whose options have the bounds of the place that takes it. */
export interface Kind extends Part.Any<Motion> {
  readonly within: (place: Place<Fields>) => Part.Member
}

const per = {
  per: Schema.optionalKey(
    Schema.Literals(["step", "update"]).annotate({
      description: "what a step is: of the environment (the default), or an update"
    })
  )
}

interface KindOf<K extends string, F extends Fields>
  extends Omit<Part.Any<Motion>, "members">,
    Pick<Part.Part<Schema.Struct<Named<K, F & typeof per>>, Motion>, "members" | "make"> {
  readonly within: <C extends Fields>(place: Place<C>) => Schema.Struct<Named<K, F & C>>
}

/**
 * A kind of ramp as a part. `options` are given the schema of the values that are allowed where the ramp stands, for the
 * options that are such values.
 *
 * ```ts
 * const triangle = Ramp.make("triangle", {
 *   description: "up and down between two values",
 *   source: "Smith, Cyclical learning rates for training neural networks, 2017",
 *   options: (value: Schema.Finite) => ({
 *     low: value.annotate({ description: "where it begins" }),
 *     high: value.annotate({ description: "where it turns" }),
 *     period: Field.positiveInt.annotate({ description: "steps until it is back" })
 *   }),
 *   example: { low: 0, high: 1, period: 10 },
 *   make: ({ high, low, period }) => ({
 *     at: (step) => low + (high - low) * (1 - Math.abs(1 - (2 * (step % period)) / period)),
 *     least: low,
 *     most: high
 *   })
 * })
 * ```
 */
export const make = <const K extends string, F extends Fields>(
  kind: K,
  part: {
    readonly description: string
    readonly source: Part.Source
    readonly departures?: ReadonlyArray<string>
    readonly options: (value: Schema.Finite) => F
    readonly example: Part.Input<Schema.Struct<Named<K, F>>>
    readonly make: (options: Schema.Struct<Named<K, F>>["Type"]) => Motion
  }
): KindOf<K, F> => {
  const own: Named<K, F> = { kind: Schema.tag(kind), ...part.options(Schema.Finite) }
  const { members: _, ...rest } = Part.from([Schema.Struct(own)], part)
  const within: KindOf<K, F>["within"] = ({ clock, value }) => {
    const fields: Named<K, F & typeof clock> = { kind: Schema.tag(kind), ...part.options(value), ...clock }
    return Schema.Struct(fields)
  }
  return {
    ...rest,
    members: [within({ value: Schema.Finite, clock: per })],
    make: rest.construct,
    within
  }
}

/** What marks a slot for ramps. */
class RampSlot {
  readonly value: Schema.Finite
  readonly clock: Fields
  constructor({ clock, value }: Place<Fields>) {
    this.value = value
    this.clock = clock
  }
}

/** What is beyond the values that are allowed, if anything. */
const beyond = (value: Schema.Finite, { least, most }: Range): string | undefined => {
  const isAllowed = Schema.is(value)
  const wrong = [...new Set([least, most])].filter((value) => !isAllowed(value))
  return wrong.length === 0
    ? undefined
    : `${wrong.join(" and ")}; expected ${SchemaShape.describe(value.ast).split(", ").at(-1)}`
}

/** A slot for ramps: any of these, or one of your own whose values are allowed. */
const slot = <const Members extends ReadonlyArray<Part.Member>>(place: Place<Fields>, members: Members) => {
  const isOwn = (u: unknown): u is Own =>
    kinds.isChosen(u) && beyond(place.value, kinds.make(u)) === undefined
  const own = Schema.declare(isOwn, { [SchemaShape.CHOSEN]: true })
  return Schema.Union([...members, own]).annotate(Slot.mark(new RampSlot(place)))
}

const steps = Field.positiveInt

/** What one of ours does. */
const motion = (ramp: Moving): Motion => ({ at: (step) => at(ramp, step), ...range(ramp) })

const from = (value: Schema.Finite) => value.annotate({ description: "the value at step 0" })
const to = (value: Schema.Finite) => value.annotate({ description: "the value in the end" })

const OURS = "our own"

const linear = make("linear", {
  description: "in a straight line from one value to another",
  source: OURS,
  options: (value: Schema.Finite) => ({
    from: from(value),
    to: to(value),
    steps: steps.annotate({ description: "steps from one to the other, in a straight line" })
  }),
  example: { from: 1, to: 0, steps: 10 },
  make: motion
})

const exponential = make("exponential", {
  description: "by a factor per step towards a value",
  source: OURS,
  options: (value: Schema.Finite) => ({
    from: from(value),
    to: to(value),
    halfLife: steps.annotate({ description: "steps in which half of the way is gone" })
  }),
  example: { from: 1, to: 0, halfLife: 10 },
  make: motion
})

const cosine = make("cosine", {
  description: "along half a wave from one value to another",
  source: {
    authors: "Loshchilov and Hutter",
    year: 2017,
    title: "SGDR: stochastic gradient descent with warm restarts",
    link: "https://arxiv.org/abs/1608.03983"
  },
  departures: ["without the restarts"],
  options: (value: Schema.Finite) => ({
    from: from(value),
    to: to(value),
    steps: steps.annotate({ description: "steps from one to the other, along half a wave" })
  }),
  example: { from: 1, to: 0, steps: 10 },
  make: motion
})

const piecewise = make("piecewise", {
  description: "through points",
  source: OURS,
  options: (value: Schema.Finite) => ({
    points: Schema.NonEmptyArray(
      Schema.Struct({
        at: Field.nonNegativeInt.annotate({ description: "the step of this point" }),
        value: value.annotate({ description: "the value there" })
      })
    )
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
    )
  }),
  example: { points: [{ at: 5, value: 1 }], between: "hold" },
  make: motion
})

/** A slot for ramps that are made of no other, where it is fixed what a step is. */
const inner = (value: Schema.Finite) => {
  const place = { value, clock: {} }
  return slot(place, [
    value,
    linear.within(place),
    exponential.within(place),
    cosine.within(place),
    piecewise.within(place)
  ])
}

const warmup = make("warmup", {
  description: "in a straight line to where another ramp begins",
  source: "Goyal et al., Accurate, large minibatch SGD, 2017",
  options: (value: Schema.Finite) => ({
    from: Schema.optionalKey(value.annotate({ description: "the value at step 0; 0 if not given" })),
    steps: steps.annotate({ description: "steps in a straight line to where `to` begins" }),
    to: inner(value).annotate({ description: "a number, or the ramp that follows" })
  }),
  example: { from: 0, steps: 10, to: 1 },
  make: motion
})

const sequence = make("sequence", {
  description: "one ramp after the other",
  source: OURS,
  options: (value: Schema.Finite) => ({
    parts: Schema.NonEmptyArray(
      Schema.Struct({
        ramp: inner(value).annotate({ description: "a number, or a ramp that is made of no other" }),
        steps: steps.annotate({ description: "how long it lasts" })
      })
    ).annotate({ description: "ramps one after the other, each from its start" }),
    last: inner(value).annotate({ description: "what follows for good" })
  }),
  example: { parts: [{ ramp: 1, steps: 10 }], last: 0 },
  make: motion
})

const product = make("product", {
  description: "numbers and ramps multiplied",
  source: OURS,
  options: (value: Schema.Finite) => ({
    factors: Schema.NonEmptyArray(inner(Schema.Finite))
      .annotate({ description: "numbers or ramps, multiplied" })
      .check(
        Schema.makeFilter((factors) => {
          const wrong = beyond(value, range({ kind: "product", factors }))
          return wrong === undefined ? true : `may multiply to ${wrong}`
        })
      )
  }),
  example: { factors: [2, 0.5] },
  make: motion
})

const schema = <C extends Fields>(constant: Schema.Finite, place: Place<C>) =>
  slot(place, [
    constant,
    linear.within(place),
    exponential.within(place),
    cosine.within(place),
    piecewise.within(place),
    warmup.within(place),
    sequence.within(place),
    product.within(place)
  ])

/** All kinds of ramp. */
export const kinds: Catalogue.Catalogue<Motion, Kind> = Catalogue.of<Motion>("ramp").with<
  ReadonlyArray<Kind>
>(linear, exponential, cosine, piecewise, warmup, sequence, product)

/** Fills slots for ramps with those of a catalogue that are not ours. */
export const fill =
  ({ making, parts }: Catalogue.Catalogue<Motion, Kind>): Slot.Fill =>
  (slot) =>
    slot instanceof RampSlot
      ? parts
          .filter(({ kind }) => kinds.find(kind) === undefined)
          .map((part) =>
            making(part, part.within(slot), (motion) => {
              const wrong = beyond(slot.value, motion)
              return wrong === undefined ? undefined : `may become ${wrong}`
            })
          )
      : []

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
export const ramp = ({ constant, value }: Bounds): Of<Ramp> => schema(constant, { value, clock: {} })

/** The same for a number of the updates, which may count these instead. */
export const timed = ({ constant, value }: Bounds): Of<Timed> => schema(constant, { value, clock: per })

/** From 0 on. */
export const nonNegative: Bounds = { constant: Field.nonNegative, value: Field.nonNegative }

/** Above 0, or 0 on the way. */
export const positive: Bounds = { constant: Field.positive, value: Field.nonNegative }

/** From 0 to 1. */
export const unitInterval: Bounds = { constant: Field.unitInterval, value: Field.unitInterval }

/** Any number. */
export const finite: Bounds = { constant: Schema.Finite, value: Schema.Finite }
