/**
 * A traced program as data: kernels of TensorFlow.js in an order in which they can run, every shape known. Passes
 * are functions `Graph => Graph`; engines run what is left; `print` shows it.
 *
 * ```text
 * state  %0 actor.0.w   float32[3, 256]
 * input  %1 observation float32[64, 3]
 * %2 = BatchMatMul(%1, %0) {transposeA: false, transposeB: false} : float32[64, 256]
 * ```
 */
import type * as NdArray from "./NdArray.ts"

// models

/** The index of a value in `Graph.values`. */
export type ValueId = number

/** What a kernel may be told besides its inputs: the plain attributes of TensorFlow.js. */
export type Attribute =
  | number
  | boolean
  | string
  | null
  | undefined
  | ReadonlyArray<Attribute>
  | { readonly [name: string]: Attribute }

export type Attributes = { readonly [name: string]: Attribute }

export interface Node {
  /** TensorFlow.js' name of the kernel, or `FusedElementwise`. */
  readonly kernel: string
  /** In TensorFlow.js' order of the kernel's named inputs (`inputNames`). */
  readonly inputs: ReadonlyArray<ValueId>
  /** The kernel's names of its inputs (`x`, `a`, `b`, ...; numbered `0`, `1`, ... where the kernel takes a list). */
  readonly inputNames: ReadonlyArray<string>
  readonly attributes: Attributes
  readonly outputs: ReadonlyArray<ValueId>
  /** Where the user's code asked for it (`file:line:column`), for error messages. */
  readonly site: string
}

/** A value that comes from outside. `state` lives in the engine's memory between calls; `input` is set by the caller. */
export interface Parameter {
  readonly role: "state" | "input"
  readonly path: string
  readonly value: ValueId
}

export interface Constant {
  readonly value: ValueId
  readonly data: NdArray.Data
}

/** A value that the caller sees: an `output`, or the new value of the `state` at `path`. */
export interface Result {
  readonly role: "state" | "output"
  readonly path: string
  readonly value: ValueId
}

export interface Graph {
  readonly values: ReadonlyArray<NdArray.Spec>
  readonly parameters: ReadonlyArray<Parameter>
  readonly constants: ReadonlyArray<Constant>
  /** In an order in which they can run. */
  readonly nodes: ReadonlyArray<Node>
  /** A state whose result is its own parameter is not listed: it did not change. */
  readonly results: ReadonlyArray<Result>
}

/**
 * The attributes of a `FusedElementwise` node: a straight line of elementwise kernels evaluated together, one
 * element at a time. All of the node's outputs have one shape; inputs broadcast to it.
 */
export type Elementwise = {
  readonly steps: ReadonlyArray<Step>
  /** Which steps the node's outputs are, in their order. */
  readonly outputs: ReadonlyArray<number>
}

export type Step = {
  readonly kernel: string
  /** `{ input: k }` is the node's k-th input, `{ step: k }` the value of an earlier step. */
  readonly operands: ReadonlyArray<{ readonly input: number } | { readonly step: number }>
  readonly inputNames: ReadonlyArray<string>
  readonly attributes: Attributes
  readonly dtype: NdArray.DType
}

// constructors

const attribute = (u: unknown): Attribute => {
  if (u === null || u === undefined) return u
  if (typeof u === "number" || typeof u === "boolean" || typeof u === "string") return u
  if (Array.isArray(u)) return u.map(attribute)
  if (typeof u === "object" && Object.getPrototypeOf(u) === Object.prototype) return attributes(u)
  throw new TypeError(`an attribute must be plain data, not a ${typeof u}`)
}

/** A copy of a kernel's attributes. Throws a `TypeError` if they are not plain data. */
export const attributes = (u: object): Attributes =>
  Object.fromEntries(Object.entries(u).map(([name, value]) => [name, attribute(value)]))

// accessors

const isElementwise = (u: object): u is Elementwise => "steps" in u && "outputs" in u

/** What a `FusedElementwise` node computes. */
export const elementwise = (node: Node): Elementwise => {
  if (isElementwise(node.attributes)) return node.attributes
  throw new TypeError(`${node.kernel} is not a fused loop`)
}

/** The shape and element type of a value. */
export const spec = (graph: Graph, value: ValueId): NdArray.Spec => {
  const found = graph.values[value]
  if (found === undefined) throw new RangeError(`the graph has no value %${value}`)
  return found
}

/** The node that makes each value that a node makes. */
export const producers = (graph: Graph): ReadonlyMap<ValueId, Node> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)))

/** How often each value is read, by nodes and as a result. */
export const uses = (graph: Graph): ReadonlyMap<ValueId, number> => {
  const counts = new Map<ValueId, number>()
  const count = (value: ValueId) => counts.set(value, (counts.get(value) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(count)
  for (const { value } of graph.results) count(value)
  return counts
}

export const constants = (graph: Graph): ReadonlyMap<ValueId, NdArray.Data> =>
  new Map(graph.constants.map(({ data, value }) => [value, data]))

// combinators

/** Reads `replacement(value)` wherever `value` was read. */
export const substitute = (graph: Graph, replacements: ReadonlyMap<ValueId, ValueId>): Graph => {
  if (replacements.size === 0) return graph
  const replace = (value: ValueId): ValueId => {
    const next = replacements.get(value)
    return next === undefined ? value : replace(next)
  }
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(replace) })),
    results: graph.results.map((result) => ({ ...result, value: replace(result.value) }))
  }
}

/** The nodes in an order in which they can run, as near to the given one as that is. */
export const inOrder = (nodes: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)))
  const ordered = new Set<Node>()
  const started = new Set<Node>()
  // A stack of its own: a long chain of nodes would overflow the language's.
  const waiting = nodes.toReversed()
  for (let node = waiting.at(-1); node !== undefined; node = waiting.at(-1)) {
    const first = !started.has(node)
    started.add(node)
    const needed = first ? node.inputs.flatMap((value) => makers.get(value) ?? []) : []
    const missing = needed.filter((maker) => !started.has(maker))
    for (const maker of missing.toReversed()) waiting.push(maker)
    if (missing.length === 0) {
      waiting.pop()
      ordered.add(node)
    }
  }
  return [...ordered]
}

// printing

const showSpec = ({ dtype, shape }: NdArray.Spec): string => `${dtype}[${shape.join(", ")}]`

/** One text for one attribute: unlike JSON it tells infinities, NaN and -0 apart. */
export const showAttribute = (attribute: Attribute): string => {
  if (typeof attribute === "number") return Object.is(attribute, -0) ? "-0" : String(attribute)
  if (Array.isArray(attribute)) return `[${attribute.map(showAttribute).join(", ")}]`
  if (typeof attribute !== "object" || attribute === null) return String(attribute)
  const fields = Object.entries(attribute).map(([name, value]) => `${name}: ${showAttribute(value)}`)
  return `{${fields.join(", ")}}`
}

const isFused = (attributes: Attributes): boolean => Array.isArray(attributes["steps"])

/** `f = Multiply(a, b)` for each step of a fused loop; `a`, `b`, ... are its inputs, `$0`, `$1`, ... its steps. */
const showSteps = (node: Node): ReadonlyArray<string> => {
  const { outputs, steps } = elementwise(node)
  return steps.map(({ attributes, dtype, kernel, operands }, k) => {
    const operand = (o: Step["operands"][number]) =>
      "input" in o ? `%${node.inputs[o.input]}` : `$${o.step}`
    const place = outputs.indexOf(k)
    const result = place === -1 ? "" : ` -> %${node.outputs[place]}`
    const told = Object.keys(attributes).length === 0 ? "" : ` ${showAttribute(attributes)}`
    return `    $${k} = ${kernel}(${operands.map(operand).join(", ")})${told} : ${dtype}${result}`
  })
}

/** A text that a person can read, one line for each parameter, constant, node and result. */
export const print = (graph: Graph): string => {
  const of = (value: ValueId) => showSpec(spec(graph, value))
  const node = (n: Node): ReadonlyArray<string> => {
    const made = n.outputs.map((value) => `%${value}`).join(", ")
    const read = n.inputs.map((value) => `%${value}`).join(", ")
    const told =
      isFused(n.attributes) || Object.keys(n.attributes).length === 0 ? "" : ` ${showAttribute(n.attributes)}`
    const line = `${made} = ${n.kernel}(${read})${told} : ${n.outputs.map(of).join(", ")}`
    return isFused(n.attributes) ? [line, ...showSteps(n)] : [line]
  }
  const numbers = (data: NdArray.Data) =>
    data.length > 4 ? `${[...data.subarray(0, 4)].join(", ")}, ...` : [...data].join(", ")
  return [
    ...graph.parameters.map(({ path, role, value }) => `${role.padEnd(6)} %${value} ${path} ${of(value)}`),
    ...graph.constants.map(({ data, value }) => `const  %${value} ${of(value)} = ${numbers(data)}`),
    ...graph.nodes.flatMap(node),
    ...graph.results.map(
      ({ path, role, value }) => `${role === "state" ? "next  " : "output"} %${value} ${path}`
    )
  ].join("\n")
}

/** The graph of some of its parameters, constants and nodes, which need nothing of the rest; values are numbered anew. */
export const restrict = (
  graph: Graph,
  { constants, nodes, parameters }: Pick<Graph, "constants" | "nodes" | "parameters">
): Graph => {
  const kept = [
    ...parameters.map(({ value }) => value),
    ...constants.map(({ value }) => value),
    ...nodes.flatMap(({ outputs }) => outputs)
  ]
  const numbers = new Map(kept.map((value, i) => [value, i]))
  const renumber = (value: ValueId): ValueId => numbers.get(value) ?? value
  return {
    values: kept.flatMap((value) => graph.values[value] ?? []),
    parameters: parameters.map((p) => ({ ...p, value: renumber(p.value) })),
    constants: constants.map((c) => ({ ...c, value: renumber(c.value) })),
    nodes: nodes.map((n) => ({ ...n, inputs: n.inputs.map(renumber), outputs: n.outputs.map(renumber) })),
    results: graph.results.map((r) => ({ ...r, value: renumber(r.value) }))
  }
}
