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
import type * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Config from "./Config.ts"
import * as Fault from "./Fault.ts"
import * as JsonPath from "./JsonPath.ts"
import type * as Part from "./Part.ts"

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
  readonly make: (options: Options<P>) => A
  /** The same of options whose type is not known. Throws a `TypeError` where they are no part's. */
  readonly construct: (options: unknown) => A
  /** This catalogue and more. Throws a `DuplicatePart` where a name is taken. */
  readonly with: <const Q extends ReadonlyArray<Part.Any<A>>>(...parts: Q) => Catalogue<A, P | Q[number]>
}

// constructors

const from = <A, P extends Part.Any<A>>(name: string, parts: ReadonlyArray<P>): Catalogue<A, P> => {
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
  return {
    name,
    parts,
    schema,
    find: (kind) => byKind.get(kind),
    decode: (input) => Config.decode({ schema, rules: [], example: {} }, input),
    partOf,
    make: (options) => partOf(options).construct(options),
    construct: (options) => partOf(options).construct(options),
    with: (...more) => from<A, P | (typeof more)[number]>(name, [...parts, ...more])
  }
}

/** A catalogue for parts that make an `A`, still empty. */
export const of = <A>(name: string): Catalogue<A, never> => from<A, never>(name, [])

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
