/** What a schema says of itself: the fields, kinds and bounds that it allows, for messages and for overrides. */
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as JsonPath from "./JsonPath.ts"

// pure core

/** Marks a schema of options that were decoded, and what they stand for made, elsewhere. */
export const CHOSEN = "ornstein/chosen"

/** Is it such a schema? Nothing that is written down is meant by it. */
export const isChosen = (ast: SchemaAST.AST): boolean => ast.annotations?.[CHOSEN] === true

const checksOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  (ast.checks ?? []).flatMap((check) => {
    const expected = check.annotations?.expected
    return typeof expected === "string" ? [expected] : []
  })

/** The names of a struct's fields, or of those of all structs of a union. */
export const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isObjects(ast)) return ast.propertySignatures.map(({ name }) => String(name))
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(keysOf) : []
}

/** The same with the types. */
export const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<readonly [name: string, type: SchemaAST.AST]> => {
  if (SchemaAST.isObjects(ast)) return ast.propertySignatures.map(({ name, type }) => [String(name), type])
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(fieldsOf) : []
}

/** May it be a plain value instead of an object, as a number that may move? */
const isPlainToo = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isUnion(ast) && ast.types.some((type) => !SchemaAST.isObjects(type) && !SchemaAST.isUnion(type))

/**
 * Every path of a schema: where a key that is unknown in one place may belong. What stands inside an object that can
 * be left out for a plain value belongs nowhere else.
 */
export const pathsOf = (ast: SchemaAST.AST, prefix: JsonPath.Path = []): ReadonlyArray<string> =>
  fieldsOf(ast).flatMap(([name, type]) => {
    const path = [...prefix, name]
    return [JsonPath.join(path), ...(isPlainToo(type) ? [] : pathsOf(type, path))]
  })

/** The paths at which a plain value or an object of this kind can stand. */
export const placesOf = (
  ast: SchemaAST.AST,
  kind: string,
  prefix: JsonPath.Path = []
): ReadonlyArray<string> => [
  ...new Set(
    fieldsOf(ast).flatMap(([name, type]) => {
      const path = [...prefix, name]
      if (!isPlainToo(type)) return placesOf(type, kind, path)
      return structsOf(type).some((struct) => isKind(struct, "kind", kind)) ? [JsonPath.join(path)] : []
    })
  )
]

const isTag = ([, type]: readonly [string, SchemaAST.AST]): boolean => SchemaAST.isLiteral(type)

/** The literal that a struct has under a key: its tag. */
const literalOf = (struct: SchemaAST.AST, key: string): ReadonlyArray<string> =>
  fieldsOf(struct).flatMap(([name, type]) =>
    name === key && SchemaAST.isLiteral(type) ? [String(type.literal)] : []
  )

/** The first tag of a struct: what it is called, and where. */
export const tagOf = (struct: SchemaAST.AST): { readonly key: string; readonly value: string } => {
  const [key] = fieldsOf(struct).find(isTag) ?? []
  if (key === undefined) throw new TypeError("options of a part have a tag that names it")
  return { key, value: literalOf(struct, key)[0] ?? "" }
}

/** The value of a struct's last tag, which tells it from those that share the others. */
export const kindOf = (struct: SchemaAST.AST): ReadonlyArray<string> => {
  const tag = fieldsOf(struct).findLast(isTag)
  return tag === undefined ? [] : literalOf(struct, tag[0])
}

/** The first tag of an input that decides between the structs of a union, but names none of them. */
export const choice = (
  ast: SchemaAST.Union,
  input: JsonPath.JsonRecord
):
  | {
      readonly key: string
      readonly values: ReadonlyArray<string>
      /** The structs that the tags before it leave. */
      readonly structs: ReadonlyArray<SchemaAST.Objects>
      readonly decided: ReadonlyArray<string>
    }
  | undefined => {
  let structs = structsOf(ast)
  const decided: Array<string> = []
  const keys = new Set(
    structs
      .flatMap(fieldsOf)
      .filter(isTag)
      .map(([name]) => name)
  )
  for (const key of keys) {
    const values = [...new Set(structs.flatMap((struct) => literalOf(struct, key)))]
    const given = JsonPath.child(input, key)
    // Constructors fill in a tag that all forms share.
    if (given === undefined && values.length === 1) continue
    const matching = structs.filter((struct) => isKind(struct, key, given))
    if (matching.length === 0 && values.length > 0) return { key, values, structs, decided }
    if (matching.length > 0) structs = matching
    decided.push(key)
  }
  return undefined
}

/** The key whose literal values tell the members of a union apart, with those values. */
export const discriminator = (
  ast: SchemaAST.Union
): { readonly key: string; readonly values: ReadonlyArray<string> } | undefined => {
  const first = ast.types.flatMap(fieldsOf).find(isTag)
  if (first === undefined) return undefined
  return { key: first[0], values: [...new Set(ast.types.flatMap((type) => literalOf(type, first[0])))] }
}

/** Those members of a union that are literals. */
export const literalsOf = (ast: SchemaAST.Union): ReadonlyArray<string> =>
  ast.types.flatMap((type) => (SchemaAST.isLiteral(type) ? [String(type.literal)] : []))

const quoted = (values: ReadonlyArray<string>): string => values.map((value) => `"${value}"`).join(", ")

/** `one of "a", "b"` */
export const oneOf = (values: ReadonlyArray<string>): string =>
  values.length === 1 ? quoted(values) : `one of ${quoted(values)}`

/** What a schema takes, in words. */
export const describe = (ast: SchemaAST.AST): string => {
  if (SchemaAST.isArrays(ast)) return "an array"
  if (SchemaAST.isObjects(ast)) return "an object"
  if (!SchemaAST.isUnion(ast)) {
    const type = SchemaIssue.defaultLeafHook(new SchemaIssue.InvalidType(ast)).replace(/^Expected /, "")
    return [type, ...checksOf(ast)].join(", ")
  }
  const literals = literalsOf(ast)
  const tag = discriminator(ast)
  const objects = ast.types.filter(SchemaAST.isObjects)
  const others = ast.types.filter(
    (type) => !SchemaAST.isLiteral(type) && !SchemaAST.isObjects(type) && !isChosen(type)
  )
  return [
    ...(literals.length > 0 ? [oneOf(literals)] : []),
    ...others.map(describe),
    ...(objects.length > 0
      ? [tag === undefined ? "an object" : `an object whose "${tag.key}" is ${oneOf(tag.values)}`]
      : [])
  ].join(", or ")
}

const structsOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.Objects> => {
  if (SchemaAST.isObjects(ast)) return [ast]
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(structsOf) : []
}

/** The types that can stand under a key: a field's, or an item's. */
const typesUnder = (ast: SchemaAST.AST, key: string): ReadonlyArray<SchemaAST.AST> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap((type) => typesUnder(type, key))
  if (SchemaAST.isArrays(ast)) return [...ast.elements, ...ast.rest]
  return fieldsOf(ast).flatMap(([name, type]) => (name === key ? [type] : []))
}

/** The structs that can stand at a path. */
export const structsAt = (
  ast: SchemaAST.AST,
  path: ReadonlyArray<string>
): ReadonlyArray<SchemaAST.Objects> =>
  path
    .reduce<ReadonlyArray<SchemaAST.AST>>(
      (types, key) => types.flatMap((type) => typesUnder(type, key)),
      [ast]
    )
    .flatMap(structsOf)

/** Is the struct the one whose `key` is the literal `value`? */
export const isKind = (struct: SchemaAST.Objects, key: string, value: unknown): boolean =>
  fieldsOf(struct).some(([name, type]) => name === key && SchemaAST.isLiteral(type) && type.literal === value)
