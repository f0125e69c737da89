/**
 * The graph of a policy for any number of rows, as data that JSON keeps: what a file holds of it. A size that grows
 * with the rows is written `{"rows": k}`, k for each of them; everything else is the same for every number.
 *
 * ```text
 * {"shape": [{"rows": 1}, 3], "dtype": "float32"}    [rows, 3]
 * {"number": "-0"}                                    what JSON cannot hold: "-0", "Infinity", "-Infinity"
 * ```
 *
 * It is found by tracing the policy on two rows and on three: a number that is 2 k there and 3 k here is k for each row.
 */
import * as Attributes from "@ornstein/jit/Attributes"
import * as Graph from "@ornstein/jit/Graph"
import * as Kernels from "@ornstein/jit/Kernels"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Schema from "effect/Schema"

// models

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))

const Rows = Schema.Struct({ rows: Count })

const Open = Schema.Struct({ number: Schema.Literals(["-0", "Infinity", "-Infinity"]) })

/** A number, or what it is for each row. */
const Size = Schema.Union([Count, Rows])

type Attribute =
  | number
  | boolean
  | string
  | null
  | typeof Rows.Type
  | typeof Open.Type
  | ReadonlyArray<Attribute>

const Attribute: Schema.Codec<Attribute> = Schema.Union([
  Schema.Finite,
  Schema.Boolean,
  Schema.String,
  Schema.Null,
  Rows,
  Open,
  Schema.Array(Schema.suspend((): Schema.Codec<Attribute> => Attribute))
])

const Role = Schema.Literals(["state", "input"])

export const Template = Schema.Struct({
  values: Schema.Array(
    Schema.Struct({ shape: Schema.Array(Size), dtype: Schema.Literals(["float32", "int32", "bool"]) })
  ),
  parameters: Schema.Array(Schema.Struct({ role: Role, path: Schema.String, value: Count })),
  /** Values whose numbers are given: as the array `constants.VALUE` of a file. */
  constants: Schema.Array(Count),
  nodes: Schema.Array(
    Schema.Struct({
      kernel: Schema.String,
      inputs: Schema.Array(Count),
      inputNames: Schema.Array(Schema.String),
      attributes: Schema.Record(Schema.String, Attribute),
      outputs: Schema.Array(Count)
    })
  ),
  outputs: Schema.Array(Schema.Struct({ path: Schema.String, value: Count }))
})
export type Template = typeof Template.Type

// errors

/** Why a graph is not that of any number of rows. */
export class RowsFault extends Error {
  override readonly name = "RowsFault"
}

// from graphs

const plain = (n: number): Attribute => {
  if (Object.is(n, -0)) return { number: "-0" }
  if (n === Number.POSITIVE_INFINITY) return { number: "Infinity" }
  if (n === Number.NEGATIVE_INFINITY) return { number: "-Infinity" }
  if (Number.isNaN(n)) throw new RowsFault("an attribute is not a number")
  return n
}

/** What is `a` for two rows and `b` for three. */
const join = (a: Graph.Attribute, b: Graph.Attribute, where: string): Attribute => {
  if (typeof a === "number" && typeof b === "number") {
    if (Object.is(a, b)) return plain(a)
    if (3 * a === 2 * b && Number.isInteger(a / 2)) return { rows: a / 2 }
    throw new RowsFault(`${where} is ${a} for two rows and ${b} for three`)
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.map((item: Graph.Attribute, i) => join(item, b[i], where))
  }
  if ((typeof a === "boolean" || typeof a === "string" || a === null) && a === b) return a
  throw new RowsFault(`${where} is another for two rows than for three`)
}

const joinSizes = (
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>,
  where: string
): ReadonlyArray<typeof Size.Type> => {
  if (a.length !== b.length) throw new RowsFault(`${where} has another rank for two rows than for three`)
  return a.map((n, i) => {
    const size = join(n, b[i], where)
    if (typeof size === "number" || (typeof size === "object" && size !== null && "rows" in size)) return size
    throw new RowsFault(`${where} has no sizes`)
  })
}

const sameList = (a: ReadonlyArray<unknown>, b: ReadonlyArray<unknown>): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])

const joinNodes = (a: Graph.Node, b: Graph.Node, i: number): Template["nodes"][number] => {
  const where = `${a.kernel} (${a.site})`
  const isSame =
    a.kernel === b.kernel &&
    sameList(a.inputs, b.inputs) &&
    sameList(a.inputNames, b.inputNames) &&
    sameList(a.outputs, b.outputs)
  if (!isSame) throw new RowsFault(`its node ${i}, ${where}, is another for two rows than for three`)
  const names = [...new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)])].filter(
    (name) => a.attributes[name] !== undefined || b.attributes[name] !== undefined
  )
  const attributes = names.map(
    (name) => [name, join(a.attributes[name], b.attributes[name], `"${name}" of ${where}`)] as const
  )
  const { inputNames, inputs, kernel, outputs } = a
  return { kernel, inputs, inputNames, attributes: Object.fromEntries(attributes), outputs }
}

/** Without the parameters of the state that no node reads, values numbered anew. */
export const pruned = (graph: Graph.Graph): Graph.Graph => {
  const live = new Set(graph.results.map(({ value }) => value))
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((value) => live.has(value))) for (const value of node.inputs) live.add(value)
  }
  const parameters = graph.parameters.filter(({ role, value }) => role === "input" || live.has(value))
  const constants = graph.constants.filter(({ value }) => live.has(value))
  const nodes = graph.nodes.filter(({ outputs }) => outputs.some((value) => live.has(value)))
  return Graph.restrict(graph, { parameters, constants, nodes })
}

type Shape = Template["values"][number]["shape"]

const along = (shape: Shape, axis: number | undefined): boolean =>
  axis !== undefined && typeof shape.at(axis) === "object"

/** Does the node sum, compare or multiply along the rows, so that one row depends on the others? */
const mixesRows = ({ attributes, inputs, kernel }: Graph.Node, shapes: ReadonlyArray<Shape>): boolean => {
  const [a = [], b = []] = inputs.map((value) => shapes[value] ?? [])
  const kind = Kernels.find(kernel)?.kind
  if (kind === "product") {
    return (
      along(a, attributes["transposeA"] === true ? -2 : -1) ||
      along(b, attributes["transposeB"] === true ? -1 : -2)
    )
  }
  if (kind !== "reduction" && kind !== "scan") return false
  const owner = { attributes: { axis: attributes["dim"], ...attributes } }
  return Attributes.reducedAxes(owner, a.length).some((axis) => along(a, axis))
}

/**
 * The template of a graph that was traced for two rows and for three. Throws a `RowsFault` if they are not one program,
 * or if one row depends on another: by a mean over them, say.
 */
export const of = (two: Graph.Graph, three: Graph.Graph): Template => {
  if (two.nodes.length !== three.nodes.length || two.values.length !== three.values.length) {
    throw new RowsFault("it is another program for two rows than for three")
  }
  two.constants.forEach(({ data, value }, i) => {
    const other = three.constants[i]
    if (other?.value !== value || !NdArray.sameBits(data, other.data)) {
      throw new RowsFault("it has other constants for two rows than for three")
    }
  })
  const shapes = two.values.map(({ shape }, i) =>
    joinSizes(shape, three.values[i]?.shape ?? [], `the value %${i}`)
  )
  const mixing = two.nodes.find((node) => mixesRows(node, shapes))
  if (mixing !== undefined) throw new RowsFault(`${mixing.kernel} (${mixing.site}) mixes rows`)
  return {
    values: two.values.map(({ dtype }, i) => ({ shape: shapes[i] ?? [], dtype })),
    parameters: two.parameters,
    constants: two.constants.map(({ value }) => value),
    nodes: two.nodes.flatMap((node, i) => {
      const other = three.nodes[i]
      return other === undefined ? [] : [joinNodes(node, other, i)]
    }),
    outputs: two.results.map(({ path, value }) => ({ path, value }))
  }
}

// to graphs

const sizeAt = (size: typeof Size.Type, rows: number): number =>
  typeof size === "number" ? size : size.rows * rows

const attributeAt = (attribute: Attribute, rows: number): Graph.Attribute => {
  if (typeof attribute !== "object" || attribute === null) return attribute
  if ("rows" in attribute) return attribute.rows * rows
  if ("number" in attribute) return Number(attribute.number)
  return attribute.map((item) => attributeAt(item, rows))
}

/** The graph for this many rows, with these constants by value. Nothing of it has been checked. */
export const at = (
  { constants, nodes, outputs, parameters, values }: Template,
  numbers: ReadonlyMap<Graph.ValueId, NdArray.Data>,
  rows: number
): Graph.Graph => ({
  values: values.map(({ dtype, shape }) => ({ dtype, shape: shape.map((size) => sizeAt(size, rows)) })),
  parameters,
  constants: constants.flatMap((value) => {
    const data = numbers.get(value)
    return data === undefined ? [] : [{ value, data }]
  }),
  nodes: nodes.map((node, i) => ({
    ...node,
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([name, value]) => [name, attributeAt(value, rows)])
    ),
    site: `node ${i} of a saved policy`
  })),
  results: outputs.map(({ path, value }) => ({ role: "output", path, value }))
})
