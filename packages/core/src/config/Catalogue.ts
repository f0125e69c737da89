/**
 * Catalogues: all parts that stand for one choice. A catalogue gives the schema of the choice (a union over the parts'
 * options), finds a part by its name, makes what a configuration chose, and is extended without being changed:
 *
 * ```ts
 * const variants = Catalogue.of<Algorithm.Variant>("variant").with(TwinCritics.part, Huber.part)
 * const mine = variants.with(absolute)
 * const options = Result.getOrThrow(mine.decode({ kind: "absolute" }))
 * const variant = mine.make(options)
 * ```
 */
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Config from "./Config.ts"
import * as Fault from "./Fault.ts"
import * as Field from "./Field.ts"
import * as JsonPath from "./JsonPath.ts"
import type * as Part from "./Part.ts"
import * as SchemaShape from "./SchemaShape.ts"
import * as Slot from "./Slot.ts"

// errors

/** Two parts of a catalogue would be told apart by nothing. */
export class DuplicatePart
  extends Schema.TaggedError<DuplicatePart>()("DuplicatePart", {
    /** What the catalogue's parts are. */
    catalogue: Schema.String,
    kind: Schema.String
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  readonly fix = "Give this one another name"
  get what() {
    return `there is a ${this.catalogue} "${this.kind}" already`
  }
  override get message() {
    return Fault.message(this)
  }
}

// models

/** The options that a configuration may choose. */
export type Options<P extends Part.Any> = P["members"][number]["Type"]

declare const product: unique symbol

/**
 * Options of a part that stands in no catalogue of the place that takes them: what they stand for was made of them when
 * they were decoded. They look as they are written; a type, not an interface, since those of a configuration are JSON.
 */
export type Chosen<A> = { readonly [product]: A }

/** The options of a place that takes the parts of a catalogue, and parts of others that make the same. */
export type Open<A, P extends Part.Any> = Schema.Union<
  ReadonlyArray<P["members"][number] | Schema.declare<Chosen<A>>>
>

export interface Catalogue<A, P extends Part.Any<A>> {
  /** What its parts are: "variant", "world". */
  readonly name: string
  readonly parts: ReadonlyArray<P>
  /** The options of any of them, told apart by their tag. */
  readonly schema: Schema.Union<ReadonlyArray<P["members"][number]>>
  readonly find: (kind: string) => P | undefined
  /** The options that an input chooses, with all defaults, or all of its mistakes. */
  readonly decode: (input: unknown) => Result.Result<Options<P>, Config.ConfigError>
  /** The part that options belong to. Throws a `TypeError` if there is none. */
  readonly partOf: (options: unknown) => P
  readonly make: (options: Options<P> | Chosen<A>) => A
  /** The same of options whose type is not known. Throws a `TypeError` where they are no part's. */
  readonly construct: (options: unknown) => A
  /** This catalogue and more. Throws a `DuplicatePart` where a name is taken. */
  readonly with: <const Q extends ReadonlyArray<Part.Any<A>>>(...parts: Q) => Catalogue<A, P | Q[number]>
  /** The schema of a slot (`Slot`): the options of any of its parts, and of parts that are chosen. */
  readonly open: Open<A, P>
  /** Fills the slots of this catalogue, and of those that it was made `with`, with the parts that these have not. */
  readonly fill: Slot.Fill
  /**
   * Options of a part that need not be in any catalogue, for a slot: `Ddpg.make({ actorOptimizer: choose(lion, {}) })`.
   * Throws a `ConfigError` that names every mistake.
   */
  readonly choose: <M extends Part.Member>(
    part: Pick<Part.Part<M, A>, "kind" | "members" | "make">,
    input: Part.Input<M>
  ) => Chosen<A>
  /** The schema of a part's options that makes something of them; `refuse` says what is wrong with it, if anything. */
  readonly making: (
    part: Part.Any<A>,
    member: Part.Member,
    refuse?: (product: A) => string | undefined
  ) => Schema.Top
  /** Was something made of these options already? */
  readonly isChosen: (options: unknown) => options is Chosen<A>
}

/** What catalogues that were made `with` each other share: what was made of options that were decoded. */
interface Family<A> {
  readonly made: WeakMap<object, A>
}

/** The mark of a slot. */
interface Mark {
  readonly family: unknown
  readonly kinds: ReadonlySet<string>
}

const isMark = (u: unknown): u is Mark => JsonPath.isRecord(u) && u["kinds"] instanceof Set

// constructors

/** Makes what options stand for when they are decoded, so that a slot elsewhere need not know their part. */
const making =
  <A>({ made }: Family<A>): Catalogue<A, never>["making"] =>
  (part, { ast }, refuse = () => undefined) =>
    Schema.make<Schema.Codec<object>>(ast).check(
      Schema.makeFilter((options) => {
        const product = Result.try({ try: () => part.construct(options), catch: String })
        if (Result.isFailure(product)) return `cannot be made: ${product.failure}`
        made.set(options, product.success)
        return refuse(product.success)
      })
    )

const from = <A, P extends Part.Any<A>>(
  name: string,
  parts: ReadonlyArray<P>,
  family: Family<A>
): Catalogue<A, P> => {
  const byKind = new Map<string, P>()
  for (const part of parts) {
    if (byKind.has(part.kind)) throw new DuplicatePart({ catalogue: name, kind: part.kind })
    byKind.set(part.kind, part)
  }
  const partOf = (options: unknown): P => {
    const found = parts.find(({ kind, tag }) => JsonPath.child(options, tag) === kind)
    if (found === undefined) throw new TypeError(`these are the options of no ${name}`)
    return found
  }
  const schema = Schema.Union(parts.flatMap(({ members }): ReadonlyArray<P["members"][number]> => members))
  const isChosen = (options: unknown): options is Chosen<A> =>
    JsonPath.isRecord(options) && family.made.has(options)
  const construct = (options: unknown): A =>
    (JsonPath.isRecord(options) ? family.made.get(options) : undefined) ?? partOf(options).construct(options)
  const own: Mark = { family, kinds: new Set(byKind.keys()) }
  return {
    name,
    parts,
    schema,
    open: Schema.Union([
      ...schema.members,
      Schema.declare(isChosen, { [SchemaShape.CHOSEN]: true })
    ]).annotate(Slot.mark(own)),
    fill: (slot) =>
      isMark(slot) && slot.family === family
        ? parts
            .filter(({ kind }) => !slot.kinds.has(kind))
            .flatMap((part) => part.members.map((member) => making(family)(part, member)))
        : [],
    choose: (part, input) => {
      const options = Field.make(part.kind, Schema.Union(part.members), input)
      if (!JsonPath.isRecord(options)) throw new TypeError(`options of "${part.kind}" are no record`)
      family.made.set(options, part.make(options))
      if (!isChosen(options)) throw new TypeError(`"${part.kind}" makes nothing`)
      return options
    },
    making: making(family),
    isChosen,
    find: (kind) => byKind.get(kind),
    decode: (input) => Config.decode({ schema, rules: [], example: {} }, input),
    partOf,
    make: construct,
    construct,
    with: (...more) => from<A, P | (typeof more)[number]>(name, [...parts, ...more], family)
  }
}

/** A catalogue for parts that make an `A`, still empty. */
export const of = <A>(name: string): Catalogue<A, never> => from<A, never>(name, [], { made: new WeakMap() })

// combinators

/** Where the parts that a configuration chose stand in it: at the path, or at each item of a list there. */
const chosen = (config: unknown, path: string): ReadonlyArray<readonly [path: string, options: unknown]> => {
  const value = JsonPath.at(config, path)
  if (!Array.isArray(value)) return value === undefined ? [] : [[path, value]]
  return value.map((item: unknown, i) => [`${path}.${i}`, item] as const)
}

/**
 * What the parts of a catalogue require, as rules of a configuration that chooses one of them, or a list of them, at a
 * path. A mistake is shown at the field that the requirement names, in the part that makes it.
 */
export const rules = <C>(
  { parts }: { readonly parts: ReadonlyArray<Part.Any> },
  path: string,
  facts: (config: C) => Part.Facts
): ReadonlyArray<Config.Rule<C>> =>
  parts.flatMap(({ kind, requires, tag }) =>
    requires.map(({ at, check, reads = [] }) => ({
      path,
      reads,
      check: (config) =>
        chosen(config, path).flatMap(([place, options]) => {
          if (JsonPath.child(options, tag) !== kind) return []
          const allowed = check(options, facts(config))
          return allowed === undefined ? [] : [{ path: `${place}.${at === "" ? tag : at}`, allowed }]
        })
    }))
  )
