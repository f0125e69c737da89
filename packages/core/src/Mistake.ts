/** What is wrong in a configuration, one by one: made from the issues of its schema, in words for people. */
import * as Formatter from "effect/Formatter"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as JsonPath from "./JsonPath.ts"
import * as Printable from "./Printable.ts"
import * as SchemaShape from "./SchemaShape.ts"
import * as Suggestion from "./Suggestion.ts"

// models

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

/** `algorithm.tau: expected a value greater than 0, got 0` */
export const line = ({ allowed, given, path, suggestion }: Mistake): string =>
  `${path === "" ? "the configuration" : Printable.inline(path)}: ${allowed}` +
  (given === undefined ? "" : `, got ${given}`) +
  (suggestion === undefined ? "" : `; did you mean "${suggestion}"?`)

// from issues to mistakes

const shown = (value: unknown): string => {
  const text = Formatter.format(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** The mistake at a path; a value of `undefined` was not given. */
export const make = (path: JsonPath.Path, allowed: string, given: unknown, suggestion?: string): Mistake => ({
  path: JsonPath.join(path),
  allowed,
  ...(given === undefined ? {} : { given: shown(given) }),
  ...(suggestion === undefined ? {} : { suggestion })
})

/** No member of a union fits: says which ones there are. */
const noMember = (issue: SchemaIssue.AnyOf, path: JsonPath.Path): Mistake => {
  const tag = SchemaShape.discriminator(issue.ast)
  const isTagged = tag !== undefined && JsonPath.isRecord(issue.input)
  const [at, values, given] = isTagged
    ? [[...path, tag.key], tag.values, JsonPath.child(issue.input, tag.key)]
    : [path, SchemaShape.literalsOf(issue.ast), issue.input]
  const suggestion = typeof given === "string" ? Suggestion.nearest(given, values) : undefined
  return make(
    at,
    `expected ${isTagged ? SchemaShape.oneOf(values) : SchemaShape.describe(issue.ast)}`,
    given,
    suggestion
  )
}

const unknownKey = (issue: SchemaIssue.UnexpectedKey, path: JsonPath.Path, root: SchemaAST.AST): Mistake => {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  const sibling = Suggestion.nearest(key, SchemaShape.keysOf(issue.ast))
  const elsewhere = SchemaShape.pathsOf(root).find((known) => known.split(".").at(-1) === key)
  const suggestion = sibling === undefined ? elsewhere : JsonPath.join([...parent, sibling])
  return make(path, "unknown key", issue.input, suggestion)
}

/** The filters that a value did not pass, as one mistake. */
const unfiltered = (issue: SchemaIssue.Filter): string => {
  const own = issue.issue._tag === "InvalidValue" ? issue.issue.annotations?.message : undefined
  const message = issue.filter.annotations?.message ?? own
  if (typeof message === "string") return message
  const expected = issue.filter.annotations?.expected
  return `expected ${typeof expected === "string" ? expected : "a valid value"}`
}

const mistakesOf = (
  issue: SchemaIssue.Issue,
  path: JsonPath.Path,
  root: SchemaAST.AST
): ReadonlyArray<Mistake> => {
  switch (issue._tag) {
    case "Pointer": {
      const inside = [...path, ...issue.path]
      if (issue.issue._tag !== "InvalidValue") return mistakesOf(issue.issue, inside, root)
      // A filter of the whole that points at one of its fields.
      const given = issue.path.map(String).reduce(JsonPath.child, issue.issue.input)
      return [make(inside, SchemaIssue.defaultLeafHook(issue.issue), given)]
    }
    case "Encoding":
      return mistakesOf(issue.issue, path, root)
    case "Filter":
      return issue.issue._tag === "InvalidValue"
        ? [make(path, unfiltered(issue), issue.input)]
        : mistakesOf(issue.issue, path, root)
    case "Composite": {
      const isPlain = (inner: SchemaIssue.Issue): inner is SchemaIssue.Filter =>
        inner._tag === "Filter" && inner.issue._tag === "InvalidValue"
      const filters = issue.issues.filter(isPlain)
      const others = issue.issues.filter((inner) => !isPlain(inner))
      const together = filters.map(unfiltered).join(" and ").replaceAll(" and expected", " and")
      return [
        ...(filters.length === 0 ? [] : [make(path, together, issue.input)]),
        ...others.flatMap((inner) => mistakesOf(inner, path, root))
      ]
    }
    case "AnyOf":
      return issue.issues.length === 0
        ? [noMember(issue, path)]
        : issue.issues.flatMap((inner) => mistakesOf(inner, path, root))
    case "MissingKey":
      return [make(path, "required, but missing", undefined)]
    case "UnexpectedKey":
      return [unknownKey(issue, path, root)]
    case "InvalidType":
      return [make(path, `expected ${SchemaShape.describe(issue.ast)}`, issue.input)]
    default:
      return [make(path, SchemaIssue.defaultLeafHook(issue), issue.input)]
  }
}

/** Every mistake that an issue of a schema stands for. */
export const fromIssue = (
  schema: { readonly ast: SchemaAST.AST },
  issue: SchemaIssue.Issue
): ReadonlyArray<Mistake> => mistakesOf(issue, [], schema.ast)
