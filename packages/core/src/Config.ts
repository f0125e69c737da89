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
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import { createHash } from "node:crypto"
import * as Suggestion from "./Suggestion.ts"

// errors

/** One mistake. */
export const Mistake = Schema.Struct({
  /** Names and indices joined by dots: `algorithm.hidden.0`; empty for the whole configuration. */
  path: Schema.String,
  /** What is allowed there. */
  allowed: Schema.String,
  /** The value given, shortened; absent where nothing was given. */
  given: Schema.optionalKey(Schema.String),
  suggestion: Schema.optionalKey(Schema.String)
})
export type Mistake = typeof Mistake.Type

const line = ({ allowed, given, path, suggestion }: Mistake): string =>
  `${path === "" ? "the configuration" : path}: ${allowed}` +
  (given === undefined ? "" : `, got ${given}`) +
  (suggestion === undefined ? "" : `; did you mean "${suggestion}"?`)

/** A configuration that was refused, with all of its mistakes. Its message has a line for each. */
export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  mistakes: Schema.Array(Mistake)
}) {
  override get message(): string {
    const count = this.mistakes.length === 1 ? "1 mistake" : `${this.mistakes.length} mistakes`
    return [`${count} in the configuration:`, ...this.mistakes.map((mistake) => `  ${line(mistake)}`)].join(
      "\n"
    )
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
  /** What is allowed, if the configuration breaks the rule. */
  readonly check: (config: A) => string | undefined
}

export interface Definition<S extends Schema.ConstraintDecoder<unknown>> {
  readonly schema: S
  readonly rules: ReadonlyArray<Rule<S["Type"]>>
  /** A valid input: parts of it stand in for mistaken ones while rules about the rest are checked. */
  readonly example: JsonRecord
}

/** `set path=value` from a command line. */
export interface Override {
  readonly path: string
  readonly value: unknown
}

type Path = ReadonlyArray<PropertyKey>

type JsonRecord = { readonly [key: string]: unknown }

// values by path

const isRecord = (u: unknown): u is JsonRecord => typeof u === "object" && u !== null && !Array.isArray(u)

const join = (path: Path): string => path.map(String).join(".")

const split = (path: string): ReadonlyArray<string> => (path === "" ? [] : path.split("."))

const child = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value[Number(key)]
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** The value at a path; `undefined` where there is none. */
export const at = (value: unknown, path: string): unknown => split(path).reduce(child, value)

const shown = (value: unknown): string => {
  const text = Formatter.format(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

// what schemas say of themselves

const checksOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  (ast.checks ?? []).flatMap((check) => {
    const expected = check.annotations?.expected
    return typeof expected === "string" ? [expected] : []
  })

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isObjects(ast)) return ast.propertySignatures.map(({ name }) => String(name))
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(keysOf) : []
}

const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<readonly [name: string, type: SchemaAST.AST]> => {
  if (SchemaAST.isObjects(ast)) return ast.propertySignatures.map(({ name, type }) => [String(name), type])
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(fieldsOf) : []
}

/** Every path of a schema: where a key that is unknown in one place may belong. */
const pathsOf = (ast: SchemaAST.AST, prefix: Path = []): ReadonlyArray<string> =>
  fieldsOf(ast).flatMap(([name, type]) => {
    const path = [...prefix, name]
    return [join(path), ...pathsOf(type, path)]
  })

/** The key whose literal values tell the members of a union apart, with those values. */
const discriminator = (
  ast: SchemaAST.Union
): { readonly key: string; readonly values: ReadonlyArray<string> } | undefined => {
  const tags = ast.types.flatMap(fieldsOf).filter(([, type]) => SchemaAST.isLiteral(type))
  const [first] = tags
  if (first === undefined) return undefined
  const values = tags.flatMap(([name, type]) =>
    name === first[0] && SchemaAST.isLiteral(type) ? [String(type.literal)] : []
  )
  return { key: first[0], values }
}

const literalsOf = (ast: SchemaAST.Union): ReadonlyArray<string> =>
  ast.types.flatMap((type) => (SchemaAST.isLiteral(type) ? [String(type.literal)] : []))

const quoted = (values: ReadonlyArray<string>): string => values.map((value) => `"${value}"`).join(", ")

const oneOf = (values: ReadonlyArray<string>): string =>
  values.length === 1 ? quoted(values) : `one of ${quoted(values)}`

/** What a schema takes, in words. */
const describe = (ast: SchemaAST.AST): string => {
  if (SchemaAST.isArrays(ast)) return "an array"
  if (SchemaAST.isObjects(ast)) return "an object"
  if (!SchemaAST.isUnion(ast)) {
    const type = SchemaIssue.defaultLeafHook(new SchemaIssue.InvalidType(ast)).replace(/^Expected /, "")
    return [type, ...checksOf(ast)].join(", ")
  }
  const literals = literalsOf(ast)
  const tag = discriminator(ast)
  const objects = ast.types.filter(SchemaAST.isObjects)
  const others = ast.types.filter((type) => !SchemaAST.isLiteral(type) && !SchemaAST.isObjects(type))
  return [
    ...(literals.length > 0 ? [oneOf(literals)] : []),
    ...others.map(describe),
    ...(objects.length > 0
      ? [tag === undefined ? "an object" : `an object whose "${tag.key}" is ${oneOf(tag.values)}`]
      : [])
  ].join(", or ")
}

// from issues to mistakes

const mistake = (path: Path, allowed: string, given: unknown, suggestion?: string): Mistake => ({
  path: join(path),
  allowed,
  ...(given === undefined ? {} : { given: shown(given) }),
  ...(suggestion === undefined ? {} : { suggestion })
})

/** No member of a union fits: says which ones there are. */
const noMember = (issue: SchemaIssue.AnyOf, path: Path): Mistake => {
  const tag = discriminator(issue.ast)
  const isTagged = tag !== undefined && isRecord(issue.input)
  const [at, values, given] = isTagged
    ? [[...path, tag.key], tag.values, child(issue.input, tag.key)]
    : [path, literalsOf(issue.ast), issue.input]
  const suggestion = typeof given === "string" ? Suggestion.nearest(given, values) : undefined
  return mistake(at, `expected ${isTagged ? oneOf(values) : describe(issue.ast)}`, given, suggestion)
}

const unknownKey = (issue: SchemaIssue.UnexpectedKey, path: Path, root: SchemaAST.AST): Mistake => {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  const sibling = Suggestion.nearest(key, keysOf(issue.ast))
  const elsewhere = pathsOf(root).find((known) => known.split(".").at(-1) === key)
  const suggestion = sibling === undefined ? elsewhere : join([...parent, sibling])
  return mistake(path, "unknown key", issue.input, suggestion)
}

/** The filters that a value did not pass, as one mistake. */
const unfiltered = (issue: SchemaIssue.Filter): string => {
  const own = issue.issue._tag === "InvalidValue" ? issue.issue.annotations?.message : undefined
  const message = issue.filter.annotations?.message ?? own
  if (typeof message === "string") return message
  const expected = issue.filter.annotations?.expected
  return `expected ${typeof expected === "string" ? expected : "a valid value"}`
}

const mistakesOf = (issue: SchemaIssue.Issue, path: Path, root: SchemaAST.AST): ReadonlyArray<Mistake> => {
  switch (issue._tag) {
    case "Pointer": {
      const inside = [...path, ...issue.path]
      if (issue.issue._tag !== "InvalidValue") return mistakesOf(issue.issue, inside, root)
      // A filter of the whole that points at one of its fields.
      const given = issue.path.map(String).reduce(child, issue.issue.input)
      return [mistake(inside, SchemaIssue.defaultLeafHook(issue.issue), given)]
    }
    case "Encoding":
      return mistakesOf(issue.issue, path, root)
    case "Filter":
      return issue.issue._tag === "InvalidValue"
        ? [mistake(path, unfiltered(issue), issue.input)]
        : mistakesOf(issue.issue, path, root)
    case "Composite": {
      const isPlain = (inner: SchemaIssue.Issue): inner is SchemaIssue.Filter =>
        inner._tag === "Filter" && inner.issue._tag === "InvalidValue"
      const filters = issue.issues.filter(isPlain)
      const others = issue.issues.filter((inner) => !isPlain(inner))
      const together = filters.map(unfiltered).join(" and ").replaceAll(" and expected", " and")
      return [
        ...(filters.length === 0 ? [] : [mistake(path, together, issue.input)]),
        ...others.flatMap((inner) => mistakesOf(inner, path, root))
      ]
    }
    case "AnyOf":
      return issue.issues.length === 0
        ? [noMember(issue, path)]
        : issue.issues.flatMap((inner) => mistakesOf(inner, path, root))
    case "MissingKey":
      return [mistake(path, "required, but missing", undefined)]
    case "UnexpectedKey":
      return [unknownKey(issue, path, root)]
    case "InvalidType":
      return [mistake(path, `expected ${describe(issue.ast)}`, issue.input)]
    default:
      return [mistake(path, SchemaIssue.defaultLeafHook(issue), issue.input)]
  }
}

// decoding

const STRICT = { errors: "all", onExcessProperty: "error", reportInput: true } as const

const overlaps = (a: string, b: string): boolean =>
  a === b || a === "" || b === "" || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)

/** The rules that a configuration breaks; those that read a mistaken field are skipped. */
export const broken = <A>(
  rules: ReadonlyArray<Rule<A>>,
  config: A,
  mistaken: ReadonlyArray<string> = []
): ReadonlyArray<Mistake> =>
  rules
    .filter(({ path, reads }) => ![path, ...reads].some((read) => mistaken.some((m) => overlaps(m, read))))
    .flatMap(({ check, path }): ReadonlyArray<Mistake> => {
      const allowed = check(config)
      return allowed === undefined ? [] : [mistake(split(path), allowed, at(config, path))]
    })

/** The value with the example's in place of what stands at the path. */
const repaired = (value: unknown, example: unknown, [key, ...rest]: ReadonlyArray<string>): unknown => {
  if (key === undefined || !isRecord(value)) return example
  const inner = repaired(child(value, key), child(example, key), rest)
  const others = Object.entries(value).filter(([name]) => name !== key)
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]])
}

/**
 * The configuration that an input describes, with all defaults, or all of its mistakes. Rules are also checked beside
 * mistaken fields, as far as they do not read them.
 */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(
  { example, rules, schema }: Definition<S>,
  input: unknown
): Result.Result<S["Type"], ConfigError> => {
  const parse = Schema.decodeUnknownResult(schema, STRICT)
  const parsed = parse(input)
  if (Result.isSuccess(parsed)) {
    const mistakes = broken(rules, parsed.success)
    return mistakes.length === 0 ? Result.succeed(parsed.success) : Result.fail(new ConfigError({ mistakes }))
  }
  const mistakes = mistakesOf(parsed.failure.issue, [], schema.ast)
  const mistaken = mistakes.map(({ path }) => path)
  const whole = mistaken.map((path) => split(path)[0] ?? "")
  for (const paths of [mistaken, whole]) {
    const rest = parse(paths.reduce((value, path) => repaired(value, example, split(path)), input))
    if (Result.isSuccess(rest)) {
      return Result.fail(new ConfigError({ mistakes: [...mistakes, ...broken(rules, rest.success, paths)] }))
    }
  }
  return Result.fail(new ConfigError({ mistakes }))
}

// overrides

/** Reads `path=value`; the value is JSON, or a plain word: `training.seed=3`, `exploration={"kind":"none"}`. */
export const parseOverride = (text: string): Result.Result<Override, ConfigError> => {
  const equals = text.indexOf("=")
  const path = text.slice(0, Math.max(0, equals)).trim()
  if (path === "" || path.split(".").includes("")) {
    const allowed = "expected path=value, as in training.seed=3"
    return Result.fail(new ConfigError({ mistakes: [{ path: "set", allowed, given: shown(text) }] }))
  }
  const value = text.slice(equals + 1)
  return Result.succeed({
    path,
    value: Result.getOrElse(
      Result.try(() => JSON.parse(value) as unknown),
      () => value
    )
  })
}

const TAGS: ReadonlySet<string> = new Set(["kind", "base"])

const put = (target: unknown, [key, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (key === undefined) return value
  const next = put(child(target, key), rest, value)
  if (/^\d+$/.test(key) && (Array.isArray(target) || target === undefined)) {
    const items: ReadonlyArray<unknown> = target ?? []
    // An index beyond the end leaves gaps, which `decode` refuses.
    return Array.from({ length: Math.max(items.length, Number(key) + 1) }, (_, i) =>
      i === Number(key) ? next : items[i]
    )
  }
  // Another kind has other fields: it begins with its own defaults.
  const isNewKind = TAGS.has(key) && rest.length === 0 && child(target, key) !== value
  return { ...(isRecord(target) && !isNewKind ? target : {}), [key]: next }
}

/**
 * The input with overrides applied in order. Paths that do not exist yet are created, items of arrays are named by
 * their index; choosing another `kind` starts that part anew with its defaults. Where the input without overrides is
 * valid, they apply to it with its defaults filled in. A path that leads nowhere is found by `decode`.
 */
export const override = <S extends Schema.ConstraintDecoder<unknown>>(
  definition: Definition<S>,
  input: unknown,
  overrides: ReadonlyArray<Override>
): unknown =>
  overrides.reduce<unknown>(
    (target, { path, value }) => put(target, split(path), value),
    Result.getOrElse(decode({ ...definition, rules: [] }, input), () => input)
  )

// identity

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, canonical(value[key])])
  )
}

/** SHA-256 of the configuration as JSON with sorted keys: the order in which a file gives them does not matter. */
export const hash = (config: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(canonical(config)))
    .digest("hex")

/**
 * JSON Schema (2020-12) of a configuration file, strict as `decode` is. The key `$schema`, by which a file names it for
 * editors, is allowed.
 */
export const jsonSchema = ({ schema }: { readonly schema: Schema.Top }, title: string): JsonRecord => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const { properties } = document.schema
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...document.schema,
    properties: { $schema: { type: "string" }, ...(isRecord(properties) ? properties : {}) },
    ...(Object.keys(document.definitions).length === 0 ? {} : { $defs: document.definitions })
  }
}
