/** What a schema says of itself: the fields, kinds and bounds that it allows, for messages and for overrides. */
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as JsonPath from "./JsonPath.ts"

// pure core

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

/** Every path of a schema: where a key that is unknown in one place may belong. */
export const pathsOf = (ast: SchemaAST.AST, prefix: JsonPath.Path = []): ReadonlyArray<string> =>
  fieldsOf(ast).flatMap(([name, type]) => {
    const path = [...prefix, name]
    return [JsonPath.join(path), ...pathsOf(type, path)]
  })

/** The key whose literal values tell the members of a union apart, with those values. */
export const discriminator = (
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
  const others = ast.types.filter((type) => !SchemaAST.isLiteral(type) && !SchemaAST.isObjects(type))
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

/** The structs that can stand at a path. */
export const structsAt = (
  ast: SchemaAST.AST,
  path: ReadonlyArray<string>
): ReadonlyArray<SchemaAST.Objects> =>
  path.reduce<ReadonlyArray<SchemaAST.Objects>>(
    (structs, key) =>
      structs.flatMap(fieldsOf).flatMap(([name, type]) => (name === key ? structsOf(type) : [])),
    structsOf(ast)
  )

/** Is the struct the one whose `key` is the literal `value`? */
export const isKind = (struct: SchemaAST.Objects, key: string, value: unknown): boolean =>
  fieldsOf(struct).some(([name, type]) => name === key && SchemaAST.isLiteral(type) && type.literal === value)
