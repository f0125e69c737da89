/**
 * Fuses elementwise nodes of one shape that feed each other into one `FusedElementwise` loop: Adam's two moments, its
 * step and the target's moving average read their tensors once and write them once. The graph stays pure, so an
 * engine still decides what is overwritten when. Keeps every bit.
 */
import { Graph, Kernels, Shape } from "../graph/index.ts"

// models

/** A longer loop gains nothing and takes longer to compile. */
const longest = 128

/** Places of nodes in the graph that become one loop; ascending. */
type Group = ReadonlyArray<number>

// pure core: what may be fused

/**
 * Whether the nodes at `places` need what the nodes between them make of their results, where a node that is in a group
 * already stands for the whole of it. Nodes after `last` are in no group yet and cannot lead back.
 */
const hasCycle = (
  graph: Graph.Graph,
  readers: ReadonlyMap<Graph.ValueId, ReadonlyArray<number>>,
  groupOf: ReadonlyMap<number, Group>,
  places: Group,
  last: number
): boolean => {
  const members = new Set(places)
  const seen = new Set<number>()
  const next = (place: number): ReadonlyArray<number> =>
    (graph.nodes[place]?.outputs ?? [])
      .flatMap((value) => readers.get(value) ?? [])
      .filter((reader) => reader <= last)
  const waiting = places.flatMap(next).filter((place) => !members.has(place))
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (members.has(place)) return true
    if (seen.has(place)) continue
    for (const member of groupOf.get(place) ?? [place]) {
      seen.add(member)
      for (const reader of next(member)) waiting.push(reader)
    }
  }
  return false
}

/** The groups of at least two nodes. */
const groups = (graph: Graph.Graph): ReadonlyArray<Group> => {
  const places = new Map(graph.nodes.flatMap((node, i) => node.outputs.map((value) => [value, i] as const)))
  const readers = new Map<Graph.ValueId, Array<number>>()
  graph.nodes.forEach((node, i) => {
    for (const value of new Set(node.inputs)) readers.set(value, [...(readers.get(value) ?? []), i])
  })
  const shapeAt = (place: number): Shape.Shape => {
    const [output] = graph.nodes[place]?.outputs ?? []
    return output === undefined ? [] : Graph.spec(graph, output).shape
  }
  const groupOf = new Map<number, Group>()
  graph.nodes.forEach((node, i) => {
    if (!Kernels.isElementwise(node.kernel)) return
    groupOf.set(i, [i])
    for (const value of node.inputs) {
      const place = places.get(value)
      const theirs = place === undefined ? undefined : groupOf.get(place)
      const ours = groupOf.get(i) ?? [i]
      if (place === undefined || theirs === undefined || theirs === ours) continue
      const joined = [...theirs, ...ours].sort((a, b) => a - b)
      if (joined.length > longest || !Shape.equals(shapeAt(place), shapeAt(i))) continue
      if (hasCycle(graph, readers, groupOf, joined, i)) continue
      for (const member of joined) groupOf.set(member, joined)
    }
  })
  return [...new Set(groupOf.values())].filter((group) => group.length > 1)
}

// pure core: the fused node

const fuse = (graph: Graph.Graph, nodes: ReadonlyArray<Graph.Node>): Graph.Node => {
  const stepOf = new Map(nodes.flatMap(({ outputs }, k) => outputs.map((value) => [value, k] as const)))
  const inside = new Set(nodes)
  const readOutside = new Set([
    ...graph.nodes.filter((node) => !inside.has(node)).flatMap(({ inputs }) => inputs),
    ...graph.results.map(({ value }) => value)
  ])
  const inputs = [...new Set(nodes.flatMap((node) => node.inputs))].filter((value) => !stepOf.has(value))
  const outputs = [...stepOf.keys()].filter((value) => readOutside.has(value))
  const steps = nodes.map(({ attributes, inputs: operands, inputNames, kernel, outputs: [output = -1] }) => ({
    kernel,
    operands: operands.map((value): Graph.Step["operands"][number] => {
      const step = stepOf.get(value)
      return step === undefined ? { input: inputs.indexOf(value) } : { step }
    }),
    inputNames,
    attributes,
    dtype: Graph.spec(graph, output).dtype
  }))
  const attributes: Graph.Elementwise = { steps, outputs: outputs.map((value) => stepOf.get(value) ?? 0) }
  return {
    kernel: "FusedElementwise",
    inputs,
    inputNames: inputs.map((_, i) => String(i)),
    attributes,
    outputs,
    site: nodes.at(-1)?.site ?? ""
  }
}

// the pass

export const fuseElementwise = (graph: Graph.Graph): Graph.Graph => {
  const fused = new Map<Graph.Node, Graph.Node>()
  for (const group of groups(graph)) {
    const nodes = group.flatMap((place) => graph.nodes[place] ?? [])
    const node = fuse(graph, nodes)
    for (const old of nodes) fused.set(old, node)
  }
  const nodes = new Set(graph.nodes.map((node) => fused.get(node) ?? node))
  return { ...graph, nodes: Graph.inOrder([...nodes]) }
}
