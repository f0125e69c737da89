/** What is wrong in a configuration, one by one: made from the issues of its schema, in words for people. */
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
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
export const line = ({ allowed, given, path, suggestion }: Mistake, whole = "the configuration"): string =>
  `${path === "" ? whole : Printable.inline(path)}: ${allowed}` +
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

const STRICT = { errors: "all", onExcessProperty: "error", reportInput: true } as const

/** Mistakes are made when they are asked for: of 200,000 unknown keys nobody reads more than some. */
type Later = () => Mistake

/** What is wrong with a field whose struct is not known yet, if no struct that could be meant takes it. */
const ofField = (
  structs: ReadonlyArray<SchemaAST.AST>,
  path: JsonPath.Path,
  value: unknown,
  root: SchemaAST.AST
): ReadonlyArray<Later> => {
  const key = String(path.at(-1))
  const types = structs
    .flatMap(SchemaShape.fieldsOf)
    .flatMap(([name, type]) => (name === key ? [Schema.make<Schema.ConstraintDecoder<unknown>>(type)] : []))
  if (types.length === 0) return [() => unknownKey(structs, value, path, root)]
  const refused = types.flatMap((type) => {
    const parsed = Schema.decodeUnknownResult(type, STRICT)(value)
    return Result.isFailure(parsed) ? [parsed.failure.issue] : []
  })
  return refused.length === types.length
    ? refused.slice(0, 1).flatMap((issue) => laterOf(issue, path, root))
    : []
}

/** No member of a union fits: says which ones there are, and what is wrong with the fields beside the tag. */
const noMember = (
  issue: SchemaIssue.AnyOf,
  path: JsonPath.Path,
  root: SchemaAST.AST
): ReadonlyArray<Later> => {
  const { input } = issue
  const choice = JsonPath.isRecord(input) ? SchemaShape.choice(issue.ast, input) : undefined
  if (choice === undefined || !JsonPath.isRecord(input)) {
    const literals = SchemaShape.literalsOf(issue.ast)
    const suggestion = typeof input === "string" ? Suggestion.nearest(input, literals) : undefined
    return [() => make(path, `expected ${SchemaShape.describe(issue.ast)}`, input, suggestion)]
  }
  const { key, structs, values } = choice
  const given = JsonPath.child(input, key)
  const suggestion = typeof given === "string" ? Suggestion.nearest(given, values) : undefined
  const meant = structs.filter((struct) => SchemaShape.isKind(struct, key, suggestion))
  const allowed = SchemaShape.oneOf(values)
  const tag =
    given === undefined
      ? make([...path, key], `required, but missing: ${allowed}`, undefined)
      : make([...path, key], `expected ${allowed}`, given, suggestion)
  const others = Object.entries(input).filter(([name]) => !choice.decided.includes(name) && name !== key)
  return [
    () => tag,
    ...others.flatMap(([name, value]) =>
      ofField(meant.length === 0 ? structs : meant, [...path, name], value, root)
    )
  ]
}

const unknownKey = (
  structs: ReadonlyArray<SchemaAST.AST>,
  value: unknown,
  path: JsonPath.Path,
  root: SchemaAST.AST
): Mistake => {
  const key = String(path.at(-1))
  const parent = path.slice(0, -1)
  const others = SchemaShape.structsAt(root, parent.map(String)).filter((struct) =>
    SchemaShape.keysOf(struct).includes(key)
  )
  const kinds = [...new Set(others.flatMap(SchemaShape.kindOf))]
  if (kinds.length > 0) {
    return make(path, `no key of this kind; ${SchemaShape.oneOf(kinds)} has it`, value)
  }
  const sibling = Suggestion.nearest(key, structs.flatMap(SchemaShape.keysOf))
  // A ramp inside another counts what that one counts, so a key of the inner one may belong further out.
  const outer = parent
    .map((_, i) => parent.slice(0, -1 - i).map(String))
    .find((place) =>
      SchemaShape.structsAt(root, place).some((struct) => SchemaShape.keysOf(struct).includes(key))
    )
  const elsewhere =
    outer !== undefined
      ? JsonPath.join([...outer, key])
      : SchemaShape.pathsOf(root).find((known) => known.split(".").at(-1) === key)
  const suggestion = sibling === undefined ? elsewhere : JsonPath.join([...parent, sibling])
  return make(path, "unknown key", value, suggestion)
}

/** The filters that a value did not pass, as one mistake. */
const unfiltered = (issue: SchemaIssue.Filter): string => {
  const own = issue.issue._tag === "InvalidValue" ? issue.issue.annotations?.message : undefined
  const message = issue.filter.annotations?.message ?? own
  if (typeof message === "string") return message
  const expected = issue.filter.annotations?.expected
  return `expected ${typeof expected === "string" ? expected : "a valid value"}`
}

/** Of members of a union that share their tags so far, the one that comes nearest. */
const fewest = (members: ReadonlyArray<ReadonlyArray<Later>>): ReadonlyArray<Later> =>
  members.reduce((best, member) => (member.length < best.length ? member : best))

/** How many places are named that take what was given where it is not taken. */
const PLACES = 6

/** Of an object that was given where none is taken: where such a one is, first in the same section. */
const others = (input: unknown, path: JsonPath.Path, root: SchemaAST.AST): string => {
  const kind = JsonPath.child(input, "kind")
  if (typeof kind !== "string") return ""
  const isNear = (place: string): boolean => place.split(".")[0] === String(path[0])
  const all = SchemaShape.placesOf(root, kind)
  const places = [...all.filter(isNear), ...all.filter((place) => !isNear(place))]
  if (places.length === 0) return ""
  const more = places.length > PLACES ? ` and ${places.length - PLACES} more` : ""
  return ` (no object; "${kind}" can stand at ${places.slice(0, PLACES).join(", ")}${more})`
}

const laterOf = (
  issue: SchemaIssue.Issue,
  path: JsonPath.Path,
  root: SchemaAST.AST
): ReadonlyArray<Later> => {
  switch (issue._tag) {
    case "Pointer": {
      const inside = [...path, ...issue.path]
      if (issue.issue._tag !== "InvalidValue") return laterOf(issue.issue, inside, root)
      // A filter of the whole that points at one of its fields.
      const given = issue.path.map(String).reduce(JsonPath.child, issue.issue.input)
      const said = SchemaIssue.defaultLeafHook(issue.issue)
      return [() => make(inside, said, given)]
    }
    case "Encoding":
      return laterOf(issue.issue, path, root)
    case "Filter":
      return issue.issue._tag === "InvalidValue"
        ? [() => make(path, unfiltered(issue), issue.input)]
        : laterOf(issue.issue, path, root)
    case "Composite": {
      const isPlain = (inner: SchemaIssue.Issue): inner is SchemaIssue.Filter =>
        inner._tag === "Filter" && inner.issue._tag === "InvalidValue"
      const filters = issue.issues.filter(isPlain)
      const others = issue.issues.filter((inner) => !isPlain(inner))
      const together = filters.map(unfiltered).join(" and ").replaceAll(" and expected", " and")
      return [
        ...(filters.length === 0 ? [] : [() => make(path, together, issue.input)]),
        ...others.flatMap((inner) => laterOf(inner, path, root))
      ]
    }
    case "AnyOf": {
      // A second tag that is missing or unknown has choices too, though members share the first.
      const isUndecided = JsonPath.isRecord(issue.input) && SchemaShape.choice(issue.ast, issue.input)
      const issues = issue.issues.filter(
        (inner) => inner._tag !== "InvalidType" || !SchemaShape.isChosen(inner.ast)
      )
      return isUndecided || issues.length === 0
        ? noMember(issue, path, root)
        : fewest(issues.map((inner) => laterOf(inner, path, root)))
    }
    case "MissingKey": {
      const last = path.at(-1)
      // An item of a list that has too few.
      if (typeof last === "number") {
        return [
          () =>
            make(
              path.slice(0, -1),
              `expected at least ${last === 0 ? "1 item" : `${last + 1} items`}`,
              undefined
            )
        ]
      }
      return [() => make(path, "required, but missing", undefined)]
    }
    case "UnexpectedKey":
      return [() => unknownKey([issue.ast], issue.input, path, root)]
    case "InvalidType":
      return [
        () =>
          make(
            path,
            `expected ${SchemaShape.describe(issue.ast)}${others(issue.input, path, root)}`,
            issue.input
          )
      ]
    default:
      return [() => make(path, SchemaIssue.defaultLeafHook(issue), issue.input)]
  }
}

/** At most so many mistakes are told one by one. */
export const MOST = 30

/** The mistakes that an issue of a schema stands for, and how many there are besides. */
export const fromIssue = (
  schema: { readonly ast: SchemaAST.AST },
  issue: SchemaIssue.Issue
): { readonly mistakes: ReadonlyArray<Mistake>; readonly more: number } => {
  const later = laterOf(issue, [], schema.ast)
  const all = later.slice(0, MOST).map((make) => make())
  // Members of a union that look alike find the same mistake.
  const mistakes = all.filter((mistake, i) => all.findIndex((other) => line(other) === line(mistake)) === i)
  return { mistakes, more: Math.max(0, later.length - MOST) }
}
