/**
 * Parts: everything about one choice of a configuration in one value. What it is called, its options with their
 * descriptions and bounds, the paper that it is from, what it needs of the rest, an example, and how to make it:
 *
 * ```ts
 * export const part = Part.make("absolute", {
 *   description: "the critics' errors by their size",
 *   source: "for this lesson",
 *   options: {
 *     scale: Field.positive.annotate({ description: "weight of an error of 1" }).pipe(Field.withDefault(1))
 *   },
 *   example: { scale: 2 },
 *   make: ({ scale }) => Algorithm.variant("absolute", () => ({ regression: (_m, _c, d) => tf.mul(tf.abs(d), scale) }))
 * })
 * ```
 *
 * A part of your own is worth the same as ours: put into a `Catalogue`, its options are checked, its name is suggested
 * and it is listed like all others.
 */
import * as Schema from "effect/Schema"
import * as Field from "./Field.ts"
import * as SchemaShape from "./SchemaShape.ts"

// models

/** Where the truth of a part comes from, if it was published. */
export interface Paper {
  readonly authors: string
  readonly year: number
  readonly title: string
  readonly link: string
}

/** A paper, or in words what else the part was taken from: another library at a version, or that it is our own. */
export type Source = Paper | string

/** What a part may know of the experiment that it is in, besides its own options. */
export interface Facts {
  /** The world as the learner meets it: behind its wrappers. */
  readonly world: {
    readonly id: string
    /** Numbers in an observation. */
    readonly observation: number
    /** Dimensions of a box of actions, or how many actions a list has. */
    readonly action: number
    readonly isDiscrete: boolean
    readonly hasGoals: boolean
    readonly timeLimit: number | undefined
  }
  readonly learner: {
    readonly base: string
    /** The discount per step. */
    readonly gamma: number
    /** Does it learn once from each rollout of its own actions? */
    readonly isOnPolicy: boolean
  }
  readonly training: {
    /** Environments that step in turn. */
    readonly lanes: number
  }
}

/** One thing that must hold of a part's options, by themselves or beside the rest of the experiment. */
export interface Requirement<in O> {
  /** The field where a mistake is shown; empty for the part's name. */
  readonly at: string
  /** What else is read: paths in the whole configuration. While one of them is mistaken itself, this is not asked. */
  readonly reads?: ReadonlyArray<string>
  /** What is allowed, where the options break it. */
  readonly check: (options: O, facts: Facts) => string | undefined
}

/** A schema that needs nothing to decode. */
export interface Member extends Schema.Top {
  readonly DecodingServices: never
  readonly EncodingServices: never
}

/** What every part shows, whatever its options are. */
export interface Any<out A = unknown> {
  /** The key of a configuration that names the part: `kind`, or `base`. */
  readonly tag: string
  /** The part's name there. */
  readonly kind: string
  /** Its options; several forms where a second tag tells them apart. */
  readonly members: ReadonlyArray<Member>
  readonly description: string
  readonly source: Source
  /** In what it differs from its paper, on purpose. */
  readonly departures: ReadonlyArray<string>
  readonly requires: ReadonlyArray<Requirement<unknown>>
  readonly example: unknown
  /** Makes it of options that were decoded; throws a `TypeError` where they are another part's. */
  readonly construct: (options: unknown) => A
}

export interface Part<M extends Member, A> extends Any<A> {
  readonly members: ReadonlyArray<M>
  /** Options, each set to something, that are valid. */
  readonly example: Input<M>
  readonly make: (options: M["Type"]) => A
}

/** What is written of a part's options: those with a default may be left out. */
export type Input<M extends Member> = M["~type.make"]

interface Described<M extends Member, A> {
  readonly description: string
  readonly source: Source
  readonly departures?: ReadonlyArray<string>
  readonly requires?: ReadonlyArray<Requirement<M["Type"]>>
  readonly example: Input<M>
  readonly make: (options: M["Type"]) => A
}

// constructors

/** A part of options that have their tag already, in one form or in several that a second tag tells apart. */
export const from = <const Members extends readonly [Member, ...ReadonlyArray<Member>], A>(
  members: Members,
  part: Described<Members[number], A>
): Part<Members[number], A> => {
  const { departures = [], description, example, make, requires = [], source } = part
  const { key: tag, value: kind } = SchemaShape.tagOf(members[0].ast)
  const isOwn = Schema.is(Schema.Union(members))
  return {
    tag,
    kind,
    members,
    description,
    source,
    departures,
    example,
    make,
    requires: requires.map(({ check, ...requirement }) => ({
      ...requirement,
      check: (options, facts) => (isOwn(options) ? check(options, facts) : undefined)
    })),
    construct: (options) => {
      if (!isOwn(options)) throw new TypeError(`these are no options of "${kind}"`)
      return make(options)
    }
  }
}

/** The options of a part that is named by `kind`. */
type Named<Kind extends string, F> = { readonly kind: Schema.tag<Kind> } & F

/** A part that is named by `kind`; `options` are its fields besides. */
export const make = <Kind extends string, F extends { readonly [option: PropertyKey]: Member }, A>(
  kind: Kind,
  part: { readonly options: F } & Described<Schema.Struct<Named<Kind, F>>, A>
): Part<Schema.Struct<Named<Kind, F>>, A> => {
  const fields: Named<Kind, F> = { kind: Schema.tag(kind), ...part.options }
  return from([Schema.Struct(fields)], part)
}

// combinators

/**
 * Makes a part in a program: the options are checked, and those left out take their defaults. Throws a `ConfigError`
 * that names every mistake.
 */
export const of = <M extends Member, A>(
  { kind, make, members }: Pick<Part<M, A>, "kind" | "members" | "make">,
  input: Input<M>
): A => make(Field.make(kind, Schema.Union(members), input))
