/**
 * Configurations: strict decoding with every mistake named at once, rules across fields, overrides, and a hash.
 *
 * A `Definition` is the schema of a whole configuration and the rules that no single field can check. `decode` gives
 * the configuration with all defaults filled in, or one `ConfigError` that lists each mistake with its path, the value
 * given and what is allowed:
 *
 * ```text
 * 2 mistakes in the configuration:
 *   training.bacthSize: unknown key, got 64; did you mean "training.batchSize"?
 *   algorithm.tau: expected a value greater than 0, got 0
 * ```
 */
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Yaml from "effect/encoding/Yaml"
import { Digest } from "../host/index.ts"
import * as Fault from "./Fault.ts"
import * as JsonPath from "./JsonPath.ts"
import * as JsonText from "./JsonText.ts"
import * as Mistake from "./Mistake.ts"
import * as SharedSchema from "./SharedSchema.ts"
import * as SchemaShape from "./SchemaShape.ts"

// errors

/** A configuration that was refused, with all of its mistakes. Its message has a line for each. */
export class ConfigError
  extends Schema.TaggedError<ConfigError>()("ConfigError", {
    mistakes: Schema.Array(Mistake.Mistake),
    /** How many there are besides. */
    more: Schema.optionalKey(Schema.Int),
    /** The part whose options they are, where it is not a whole configuration. */
    part: Schema.optionalKey(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    const { mistakes, more = 0, part } = this
    const count = mistakes.length + more
    if (part !== undefined) {
      const rest = more === 0 ? [] : [`and ${more} more`]
      return `options of ${part}: ${[...mistakes.map((mistake) => Mistake.line(mistake, "the value")), ...rest].join("; ")}`
    }
    return [
      `${count === 1 ? "1 mistake" : `${count} mistakes`} in the configuration:`,
      ...mistakes.map((mistake) => `  ${Mistake.line(mistake)}`),
      ...(more === 0 ? [] : [`  and ${more} more`])
    ].join("\n")
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/**
 * What must hold between fields. A rule is skipped while one of the fields that it reads is itself mistaken, so that
 * one mistake is not told twice.
 */
export interface Rule<A> {
  /** Where the mistake is shown, and what else the rule reads. */
  readonly path: string
  readonly reads: ReadonlyArray<string>
  /** What is allowed, if the configuration breaks the rule: at its path, or at places inside it. */
  readonly check: (config: A) => string | ReadonlyArray<Refusal> | undefined
}

/** What is allowed at a path. */
export interface Refusal {
  readonly path: string
  readonly allowed: string
}

export interface Definition<S extends Schema.ConstraintDecoder<unknown>> {
  readonly schema: S
  readonly rules: ReadonlyArray<Rule<S["Type"]>>
  /** A valid input: parts of it stand in for mistaken ones while rules about the rest are checked. */
  readonly example: JsonPath.JsonRecord
  /**
   * Fills in what is left out and follows from other parts, before anything is decoded: an absent tag, say. Of an input
   * that is complete it changes nothing.
   */
  readonly complete?: (input: unknown) => unknown
  /** The tags that `complete` fills in, by path. */
  readonly optionalTags?: { readonly [path: string]: string }
}

/** Fields that name a part. */
const TAGS: ReadonlyArray<string> = ["kind", "base"]

/** `set path=value` from a command line. */
export interface Override {
  readonly path: string
  readonly value: unknown
}

// size

/** No configuration has more numbers, words, arrays and objects, or holds one in another deeper than this. */
const MOST_VALUES = 300_000
const MOST_DEPTH = 32

/** What is wrong with the size of an input, whose parts may be one value in many places. */
const oversized = (input: unknown): string | undefined => {
  const rest: Array<readonly [value: unknown, depth: number]> = [[input, 0]]
  let count = 0
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [value, depth] = next
    if (depth > MOST_DEPTH) return `expected at most ${MOST_DEPTH} objects and arrays inside each other`
    if (typeof value !== "object" || value === null) continue
    const inside: ReadonlyArray<unknown> = Array.isArray(value) ? value : Object.values(value)
    count += inside.length
    if (count > MOST_VALUES) return `expected at most ${MOST_VALUES} values`
    for (const item of inside) rest.push([item, depth + 1])
  }
  return undefined
}

// decoding

const STRICT = { errors: "all", onExcessProperty: "error", reportInput: true } as const

/** The rules that a configuration breaks; those that read a mistaken field are skipped. */
export const broken = <A>(
  rules: ReadonlyArray<Rule<A>>,
  config: A,
  mistaken: ReadonlyArray<string> = []
): ReadonlyArray<Mistake.Mistake> =>
  rules
    .filter(
      ({ path, reads }) => ![path, ...reads].some((read) => mistaken.some((m) => JsonPath.overlap(m, read)))
    )
    .flatMap(({ check, path }) => {
      const said = check(config)
      return typeof said === "string" ? [{ path, allowed: said }] : (said ?? [])
    })
    .map(({ allowed, path }) => Mistake.make(JsonPath.split(path), allowed, JsonPath.at(config, path)))

/** The value with the example's in place of what stands at the path. */
const repaired = (value: unknown, example: unknown, [key, ...rest]: ReadonlyArray<string>): unknown => {
  if (key === undefined || !JsonPath.isRecord(value)) return example
  const inner = repaired(JsonPath.child(value, key), JsonPath.child(example, key), rest)
  const others = Object.entries(value).filter(([name]) => name !== key)
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]])
}

/**
 * The configuration that an input describes, with all defaults, or all of its mistakes. Rules are also checked beside
 * mistaken fields, as far as they do not read them.
 */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(
  { complete = (whole) => whole, example, rules, schema }: Definition<S>,
  given: unknown
): Result.Result<S["Type"], ConfigError> => {
  const size = oversized(given)
  if (size !== undefined) {
    return Result.fail(new ConfigError({ mistakes: [Mistake.make([], size, undefined)] }))
  }
  const parse = Schema.decodeUnknownResult(schema, STRICT)
  const input = complete(given)
  const parsed = parse(input)
  if (Result.isSuccess(parsed)) {
    const mistakes = broken(rules, parsed.success)
    return mistakes.length === 0 ? Result.succeed(parsed.success) : Result.fail(new ConfigError({ mistakes }))
  }
  const { mistakes, more } = Mistake.fromIssue(schema, parsed.failure.issue)
  if (more > 0) return Result.fail(new ConfigError({ mistakes, more }))
  const mistaken = mistakes.map(({ path }) => path)
  const whole = mistaken.map((path) => JsonPath.split(path)[0] ?? "")
  for (const paths of [mistaken, whole]) {
    const rest = parse(paths.reduce((value, path) => repaired(value, example, JsonPath.split(path)), input))
    if (Result.isSuccess(rest)) {
      return Result.fail(new ConfigError({ mistakes: [...mistakes, ...broken(rules, rest.success, paths)] }))
    }
  }
  return Result.fail(new ConfigError({ mistakes }))
}

// overrides

/** Does it begin like an object or a list, which no plain word does? */
const isNested = (text: string): boolean => /^\s*[[{]/.test(text)

/** A value on a command line: JSON; an object or a list as YAML writes it in a line; or else a plain word. */
const parseValue = (text: string): Result.Result<unknown, string> => {
  const json = JsonText.parse(text)
  if (Result.isSuccess(json)) return Result.succeed(json.success)
  if (json.failure.isJson) return Result.fail(json.failure.reason)
  if (!isNested(text)) return Result.succeed(text)
  return Result.try({
    try: (): unknown => Yaml.parse(text),
    catch: () => `is neither JSON nor YAML in one line, such as [{kind: none, x: 1}]`
  })
}

/** Reads `path=value`: `training.seed=3`, `exploration={"kind":"none"}`, `exploration={kind: none}`, `exploration.kind=none`. */
export const parseOverride = (text: string): Result.Result<Override, ConfigError> => {
  const equals = text.indexOf("=")
  const path = text.slice(0, Math.max(0, equals)).trim()
  if (path === "" || path.split(".").includes("") || path.split(".").length > MOST_DEPTH) {
    const allowed = "expected path=value, as in training.seed=3"
    return Result.fail(new ConfigError({ mistakes: [{ path: "set", allowed, given: JSON.stringify(text) }] }))
  }
  const value = text.slice(equals + 1)
  const parsed = parseValue(value)
  if (Result.isFailure(parsed)) {
    const mistake = Mistake.make([path], parsed.failure, isNested(value) ? value : undefined)
    return Result.fail(new ConfigError({ mistakes: [mistake] }))
  }
  return Result.succeed({ path, value: parsed.success })
}

/** An array with another item; an index beyond its end leaves gaps, which `decode` refuses. */
const withItem = (items: ReadonlyArray<unknown>, index: number, item: unknown): ReadonlyArray<unknown> =>
  Array.from({ length: Math.max(items.length, index + 1) }, (_, i) => (i === index ? item : items[i]))

const isIndex = (key: string): boolean => /^\d+$/.test(key)

/** `target` with the value at a path. `defaults` is what stands there if nothing is given. */
const put = (
  target: unknown,
  defaults: unknown,
  [key, ...rest]: ReadonlyArray<string>,
  value: unknown
): unknown => {
  if (key === undefined) return value
  const inner = put(JsonPath.child(target, key), JsonPath.child(defaults, key), rest, value)
  const items = target ?? defaults
  if (isIndex(key) && Array.isArray(items)) return withItem(items, Number(key), inner)
  return { ...(JsonPath.isRecord(target) ? target : {}), [key]: inner }
}

/**
 * The input with the kind of a part beside a field that is to be set in it, where the part is what stands there if nothing
 * is given. What `complete` fills in, it knows better: it is asked after everything was set.
 */
const withTag = <S extends Schema.ConstraintDecoder<unknown>>(
  { optionalTags = {} }: Definition<S>,
  target: unknown,
  defaults: unknown,
  { path }: Override
): unknown =>
  JsonPath.split(path).reduce<unknown>((whole, key, i, keys) => {
    const holder = keys.slice(0, i)
    const place = JsonPath.join(holder)
    const part = JsonPath.at(defaults, place)
    if (JsonPath.at(whole, place) !== undefined || TAGS.includes(key)) return whole
    const tag = TAGS.find((name) => typeof JsonPath.child(part, name) === "string")
    if (tag === undefined || (holder.length === 1 && optionalTags[place] === tag)) return whole
    return put(whole, defaults, [...holder, tag], JsonPath.child(part, tag))
  }, target)

/** Before a part becomes of another kind: without the fields that only the old kind has. */
const forKind = (
  schema: Schema.ConstraintDecoder<unknown>,
  target: unknown,
  { path, value }: Override
): unknown => {
  const keys = JsonPath.split(path)
  const [holder, tag] = [keys.slice(0, -1), keys.at(-1) ?? ""]
  const part = JsonPath.at(target, JsonPath.join(holder))
  const kinds = SchemaShape.structsAt(schema.ast, holder).filter((struct) =>
    SchemaShape.isKind(struct, tag, value)
  )
  if (!JsonPath.isRecord(part) || kinds.length === 0) return target
  const known = new Set(kinds.flatMap(SchemaShape.keysOf))
  const kept = Object.fromEntries(Object.entries(part).filter(([key]) => known.has(key)))
  return put(target, undefined, holder, kept)
}

/** What stands where nothing is given; `undefined` if the input is mistaken. */
const defaultsOf = <S extends Schema.ConstraintDecoder<unknown>>(
  definition: Definition<S>,
  input: unknown
): unknown => Result.getOrElse(decode({ ...definition, rules: [] }, input), () => undefined)

/**
 * The input with overrides applied in order. Paths that do not exist yet are created; items of arrays are named by
 * their index, also those of a default. When a part becomes of another `kind`, fields that both kinds have are kept.
 * A path that leads nowhere is found by `decode`.
 */
export const override = <S extends Schema.ConstraintDecoder<unknown>>(
  definition: Definition<S>,
  input: unknown,
  overrides: ReadonlyArray<Override>
): unknown => overridden(definition, input, defaultsOf(definition, input), overrides)

const overridden = <S extends Schema.ConstraintDecoder<unknown>>(
  definition: Definition<S>,
  input: unknown,
  defaults: unknown,
  overrides: ReadonlyArray<Override>
): unknown =>
  overrides.reduce<unknown>((target, override) => {
    const part = withTag(definition, forKind(definition.schema, target, override), defaults, override)
    return put(part, defaults, JsonPath.split(override.path), override.value)
  }, input)

/** What is wrong with an override beside earlier ones: it must not set what another one sets, or part of it. */
const repeated = (earlier: ReadonlyArray<Override>, { path }: Override): ReadonlyArray<Mistake.Mistake> => {
  const other = earlier.find((each) => JsonPath.overlap(each.path, path))
  if (other === undefined) return []
  const allowed =
    other.path === path ? "is set twice; set it once" : `is set beside ${other.path}; set one of them`
  return [Mistake.make([path], allowed, undefined)]
}

/** An index beyond the end of its array, but for the one behind the last item. */
const beyond = (input: unknown, { path }: Override): ReadonlyArray<Mistake.Mistake> => {
  const keys = JsonPath.split(path)
  const at = keys.findIndex((key, i) => {
    const items = JsonPath.at(input, JsonPath.join(keys.slice(0, i)))
    return isIndex(key) && Array.isArray(items) && Number(key) > items.length
  })
  const items = JsonPath.at(input, JsonPath.join(keys.slice(0, at)))
  return at >= 0 && Array.isArray(items)
    ? [Mistake.make(keys.slice(0, at + 1), `expected an index from 0 to ${items.length}`, undefined)]
    : []
}

/**
 * The configuration that an input describes with overrides in the form of `parseOverride`, or all mistakes of both. No
 * two of them may set the same field.
 */
export const decodeWith = <S extends Schema.ConstraintDecoder<unknown>>(
  definition: Definition<S>,
  input: unknown,
  texts: ReadonlyArray<string>
): Result.Result<S["Type"], ConfigError> => {
  if (texts.length === 0) return decode(definition, input)
  const parsed = texts.map(parseOverride)
  const sound = parsed.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
  const twice = sound.map((override, i) => repeated(sound.slice(0, i), override))
  const once = sound.filter((_, i) => twice[i]?.length === 0)
  // Which parts there are decides what stands in them if nothing is given.
  const kinds = once.filter(({ path }) => TAGS.includes(JsonPath.split(path).at(-1) ?? ""))
  const before = defaultsOf(definition, input)
  const defaults = defaultsOf(definition, overridden(definition, input, before, kinds)) ?? before
  const given = JsonPath.isRecord(defaults) ? defaults : input
  const lost = once.map((override) => beyond(given, override))
  const set = once.filter((_, i) => lost[i]?.length === 0)
  const decoded = decode(definition, overridden(definition, input, defaults, set))
  const mistakes = [
    ...parsed.flatMap((result) => (Result.isFailure(result) ? result.failure.mistakes : [])),
    ...twice.flat(),
    ...lost.flat()
  ]
  if (mistakes.length === 0) return decoded
  const { mistakes: others, more = 0 } = Result.isFailure(decoded) ? decoded.failure : { mistakes: [] }
  return Result.fail(new ConfigError({ mistakes: [...mistakes, ...others], ...(more === 0 ? {} : { more }) }))
}

// identity

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (!JsonPath.isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, canonical(value[key])])
  )
}

/** SHA-256 of the configuration as JSON with sorted keys: the order in which a file gives them does not matter. */
export const hash = (config: unknown): string => Digest.of(JSON.stringify(canonical(config)))

/** The members of a union, none of which needs the tag. */
const withoutRequired = (union: unknown, tag: string): unknown => {
  if (Array.isArray(union)) return union.map((item: unknown) => withoutRequired(item, tag))
  if (!JsonPath.isRecord(union)) return union
  return Object.fromEntries(
    Object.entries(union).map(([key, value]) => {
      if (key === "required" && Array.isArray(value)) return [key, value.filter((name) => name !== tag)]
      return [key, key === "anyOf" || key === "allOf" ? withoutRequired(value, tag) : value]
    })
  )
}

/** The same at a path, in each member of a union that has it. */
const withoutRequiredAt = (schema: unknown, path: ReadonlyArray<string>, tag: string): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return withoutRequired(schema, tag)
  if (Array.isArray(schema)) return schema.map((item: unknown) => withoutRequiredAt(item, path, tag))
  if (!JsonPath.isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (name === "anyOf" || name === "allOf") return [name, withoutRequiredAt(value, path, tag)]
      if (name !== "properties" || !JsonPath.isRecord(value) || value[key] === undefined) return [name, value]
      return [name, { ...value, [key]: withoutRequiredAt(value[key], rest, tag) }]
    })
  )
}

/**
 * JSON Schema (2020-12) of a configuration file, strict as `decode` is. The key `$schema`, by which a file names it for
 * editors, is allowed.
 */
export const jsonSchema = (
  {
    optionalTags = {},
    schema
  }: { readonly schema: Schema.Top } & Pick<Definition<Schema.Never>, "optionalTags">,
  title: string
): JsonPath.JsonRecord => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const whole = Object.entries(optionalTags).reduce<unknown>(
    (schema, [path, tag]) => withoutRequiredAt(schema, JsonPath.split(path), tag),
    document.schema
  )
  const properties = JsonPath.child(whole, "properties")
  const shared = SharedSchema.share({
    ...document.schema,
    properties: { $schema: { type: "string" }, ...(JsonPath.isRecord(properties) ? properties : {}) }
  })
  const definitions = { ...document.definitions, ...shared.definitions }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...shared.schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
}
