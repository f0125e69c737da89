/**
 * Slots: places in a schema that take a part of some catalogue, such as an optimizer in the options of an algorithm, and
 * that are open for parts of others. The schema of a slot is a union over the parts that are known where it stands; an
 * experiment fills slots, wherever they are, with the parts that it knows besides:
 *
 * ```ts
 * const optimizers = Optimizers.all.with(lion)
 * const schema = Slot.filled(Ddpg.Options, [optimizers.fill])
 * ```
 */
import * as Arr from "effect/Array"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Member } from "./Part.ts"
import * as SchemaShape from "./SchemaShape.ts"

// models

/** The schemas of further parts for a slot: none where it is another catalogue's. */
export type Fill = (slot: unknown) => ReadonlyArray<Schema.Top>

// pure core

const KEY = "ornstein/slot"

/** Marks the schema of a slot; what the mark is, whoever fills the slot knows. */
export const mark = (slot: unknown): { readonly [KEY]: unknown } => ({ [KEY]: slot })

/** The same node, where nothing in it is another. */
const mapped = (
  types: ReadonlyArray<SchemaAST.AST>,
  f: (ast: SchemaAST.AST) => SchemaAST.AST
): ReadonlyArray<SchemaAST.AST> => {
  const next = types.map(f)
  return next.every((type, i) => type === types[i]) ? types : next
}

const members = (
  ast: SchemaAST.Union,
  fills: ReadonlyArray<Fill>,
  walk: (ast: SchemaAST.AST) => SchemaAST.AST
): ReadonlyArray<SchemaAST.AST> => {
  const slot = ast.annotations?.[KEY]
  const inside = mapped(ast.types, walk)
  if (slot === undefined) return inside
  const more = fills.flatMap((fill) => fill(slot)).map((schema) => walk(schema.ast))
  // Whoever fills slots knows all of their parts: nothing that was made elsewhere is left to be taken as it is.
  return [...inside.filter((type) => !SchemaShape.isChosen(type)), ...more]
}

const walked = (
  ast: SchemaAST.AST,
  fills: ReadonlyArray<Fill>,
  walk: (ast: SchemaAST.AST) => SchemaAST.AST
): SchemaAST.AST => {
  const encoding =
    ast.encoding === undefined
      ? undefined
      : Arr.map(ast.encoding, (link) => {
          const to = walk(link.to)
          return to === link.to ? link : new SchemaAST.Link(to, link.transformation)
        })
  const isSame = encoding === undefined || encoding.every((link, i) => link === ast.encoding?.[i])
  const { annotations, checks, context } = ast
  if (SchemaAST.isUnion(ast)) {
    const types = members(ast, fills, walk)
    return isSame && types === ast.types
      ? ast
      : new SchemaAST.Union(types, ast.options, annotations, checks, encoding, context, ast.encodingChecks)
  }
  if (SchemaAST.isArrays(ast)) {
    const [elements, rest] = [mapped(ast.elements, walk), mapped(ast.rest, walk)]
    return isSame && elements === ast.elements && rest === ast.rest
      ? ast
      : new SchemaAST.Arrays(
          ast.isMutable,
          elements,
          rest,
          annotations,
          checks,
          encoding,
          context,
          ast.encodingChecks
        )
  }
  if (SchemaAST.isObjects(ast)) {
    const types = ast.propertySignatures.map(({ type }) => type)
    const next = mapped(types, walk)
    return isSame && next === types
      ? ast
      : new SchemaAST.Objects(
          ast.propertySignatures.map(({ name }, i) => new SchemaAST.PropertySignature(name, next[i]!)),
          ast.indexSignatures,
          annotations,
          checks,
          encoding,
          context,
          ast.encodingChecks
        )
  }
  return ast
}

// combinators

/** The schema of the same values, with more parts in its slots at any depth. */
export const filled = <S extends Member>(
  schema: S,
  fills: ReadonlyArray<Fill>
): Schema.Codec<S["Type"], S["Encoded"]> => {
  const known = new Map<SchemaAST.AST, SchemaAST.AST>()
  const walk = (ast: SchemaAST.AST): SchemaAST.AST => {
    const found = known.get(ast) ?? walked(ast, fills, walk)
    known.set(ast, found)
    return found
  }
  return Schema.make(walk(schema.ast))
}
