/**
 * JSON Schema without repetition: what stands in several places is defined once, under `$defs`, and referred to. A
 * schema of a configuration repeats itself much, since every number that may move is the same dozen of ramps.
 */
import * as JsonPath from "./JsonPath.ts"

// models

export interface Shared {
  readonly schema: JsonPath.JsonRecord
  readonly definitions: JsonPath.JsonRecord
}

/** A schema without its annotations, whose inner schemas are numbers of other nodes. */
interface Node {
  readonly body: JsonPath.JsonRecord
  readonly inside: ReadonlyArray<Inner>
  /** Letters, all that is inside included. */
  readonly size: number
}

/** A place in the body of a node where another node stands, with the annotations that it has there. */
interface Inner {
  readonly node: number
  readonly notes: JsonPath.JsonRecord
}

// pure core

/** What says something of a place, and does not change what may stand there. */
const NOTES = new Set(["title", "description", "default", "examples"])

/** What is shorter is repeated. */
const LEAST = 200

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = new Set(["items", "additionalProperties", "not"])
const LIST = new Set(["anyOf", "allOf", "oneOf", "prefixItems"])
const NAMED = new Set(["properties", "patternProperties"])

const HOLE = "\u0000node"

/** A schema with every schema directly inside it replaced. */
const mapInner = (
  schema: JsonPath.JsonRecord,
  replace: (inner: JsonPath.JsonRecord) => unknown
): JsonPath.JsonRecord => {
  const one = (value: unknown): unknown => (JsonPath.isRecord(value) ? replace(value) : value)
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (ONE.has(key)) return [key, one(value)]
      if (LIST.has(key) && Array.isArray(value)) return [key, value.map(one)]
      if (NAMED.has(key) && JsonPath.isRecord(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner)]))]
      }
      return [key, value]
    })
  )
}

const split = (
  schema: JsonPath.JsonRecord
): { readonly bare: JsonPath.JsonRecord; readonly notes: JsonPath.JsonRecord } => {
  const entries = Object.entries(schema)
  return {
    bare: Object.fromEntries(entries.filter(([key]) => !NOTES.has(key))),
    notes: Object.fromEntries(entries.filter(([key]) => NOTES.has(key)))
  }
}

/** The tag that tells a schema from its neighbours, or what it is otherwise. */
const nameOf = ({ anyOf, items, properties }: JsonPath.JsonRecord): string => {
  for (const tag of ["kind", "base"]) {
    const values = JsonPath.at(properties, `${tag}.enum`)
    if (Array.isArray(values) && typeof values[0] === "string") return values[0]
  }
  return anyOf === undefined ? (items === undefined ? "part" : "list") : "choice"
}

/** The same schema, in which what is long and stands in several places is defined once. */
export const share = (schema: JsonPath.JsonRecord): Shared => {
  const nodes: Array<Node> = []
  const known = new Map<string, number>()

  const intern = (bare: JsonPath.JsonRecord): number => {
    const inside: Array<Inner> = []
    const body = mapInner(bare, (inner) => {
      const { bare, notes } = split(inner)
      inside.push({ node: intern(bare), notes })
      return { [HOLE]: inside.length - 1 }
    })
    const own = JSON.stringify(body)
    const key = `${own}${JSON.stringify(inside)}`
    const found = known.get(key)
    if (found !== undefined) return found
    const size = inside.reduce((sum, { node }) => sum + (nodes[node]?.size ?? 0), own.length)
    known.set(key, nodes.push({ body, inside, size }) - 1)
    return nodes.length - 1
  }

  const root = intern(schema)
  const places = new Map<number, number>()
  for (const { inside } of nodes) {
    for (const { node } of inside) places.set(node, (places.get(node) ?? 0) + 1)
  }
  const names = new Map<number, string>()
  const taken = new Map<string, number>()
  for (const [at, { body, size }] of nodes.entries()) {
    if ((places.get(at) ?? 0) < 2 || size < LEAST) continue
    const name = nameOf(written(body, at))
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    names.set(at, count === 1 ? name : `${name}${count}`)
  }

  function written(body: JsonPath.JsonRecord, at: number): JsonPath.JsonRecord {
    return mapInner(body, (hole) => {
      const inner = nodes[at]?.inside[Number(hole[HOLE])]
      return inner === undefined ? hole : { ...referred(inner.node), ...inner.notes }
    })
  }
  function referred(at: number): JsonPath.JsonRecord {
    const name = names.get(at)
    return name === undefined ? written(nodes[at]?.body ?? {}, at) : { $ref: `#/$defs/${name}` }
  }

  return {
    schema: written(nodes[root]?.body ?? {}, root),
    definitions: Object.fromEntries(
      [...names].map(([at, name]) => [name, written(nodes[at]?.body ?? {}, at)])
    )
  }
}
