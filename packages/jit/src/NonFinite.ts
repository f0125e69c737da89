/**
 * Where a program's numbers stop being finite: the program is repeated on the oracle `tfjs:cpu`, and the value of every
 * node is looked at.
 *
 * ```ts
 * NonFinite.origin(program.traced, state, inputs) // { name: "Sqrt", site: "/home/a/Mine.ts:12:9" }
 * ```
 */
import * as TfjsEngine from "./engines/tfjs/TfjsEngine.ts"
import type * as Graph from "./graph/Graph.ts"
import type * as NdArray from "./graph/NdArray.ts"

// models

/** Where it began: an operation and the user's line that asked for it, or what the program was given. */
export interface Origin {
  /** The kernel's name, or the path of an input or a state. */
  readonly name: string
  /** `file:line:column`; `input` or `state` for what was given. */
  readonly site: string
}

type Arrays = ReadonlyMap<string, NdArray.NdArray>

// pure core

const isFinite = ({ data }: NdArray.NdArray): boolean => data.every((value) => Number.isFinite(value))

/** The graph with all of its values as outputs, by number. */
const opened = (graph: Graph.Graph): Graph.Graph => {
  const values = graph.nodes.flatMap(({ outputs }) => outputs)
  return { ...graph, results: values.map((value) => ({ role: "output", path: String(value), value })) }
}

/** The values of all nodes that are not finite. */
const broken = (graph: Graph.Graph, state: Arrays, inputs: Arrays): ReadonlySet<Graph.ValueId> => {
  const linked = TfjsEngine.cpu().link({ state, programs: new Map([["opened", opened(graph)]]) })
  const program = linked.programs.get("opened")
  for (const [path, { data }] of inputs) program?.inputs.get(path)?.data.set(data)
  program?.run()
  const given = graph.parameters.flatMap(({ path, role, value }) => {
    const array = (role === "state" ? state : inputs).get(path)
    return array === undefined || isFinite(array) ? [] : [value]
  })
  const made = Array.from(program?.outputs ?? [], ([path, array]) => (isFinite(array) ? [] : [Number(path)]))
  linked.dispose()
  return new Set([...given, ...made.flat()])
}

// combinators

/**
 * The first operation whose result is not finite although all that it was given is, and from which a result of the
 * program is not finite; nothing if all results are finite. An infinity on the way that ends up in no result, such as
 * that of a branch that is not taken, is none.
 */
export const origin = (graph: Graph.Graph, state: Arrays, inputs: Arrays): Origin | undefined => {
  const bad = broken(graph, state, inputs)
  const reaching = new Set(graph.results.map(({ value }) => value).filter((value) => bad.has(value)))
  for (const { inputs, outputs } of graph.nodes.toReversed()) {
    if (!outputs.some((value) => reaching.has(value))) continue
    for (const value of inputs) if (bad.has(value)) reaching.add(value)
  }
  const given = graph.parameters.find(({ value }) => reaching.has(value))
  if (given !== undefined) return { name: given.path, site: given.role }
  // In the order of the nodes it is the first: what is not finite among what it is given would have been made before.
  const node = graph.nodes.find(({ outputs }) => outputs.some((value) => reaching.has(value)))
  return node && { name: node.kernel, site: node.site }
}
