/**
 * Lowers a graph to tasks on buffers: one rule for every kernel of TensorFlow.js. Views of a value (reshapes) share
 * its buffer; a kernel without elements becomes nothing.
 */
import { type Graph, Kernels, NdArray } from "../graph/index.ts"
import * as ElementwiseRules from "./ElementwiseRules.ts"
import type { Machine } from "./Machine.ts"
import * as MovementRules from "./MovementRules.ts"
import * as ReductionRules from "./ReductionRules.ts"
import { refuse, type Rule, type Value } from "./Rule.ts"
import type { BufferId } from "./Buffers.ts"
import type { Task } from "./Task.ts"

// models

export interface Lowered {
  readonly tasks: ReadonlyArray<Task>
  /** Bytes of every buffer. */
  readonly buffers: ReadonlyArray<number>
  /** The buffer that holds each value of the graph. */
  readonly bufferOf: ReadonlyMap<Graph.ValueId, BufferId>
}

// pure core

/** Whether the result is the input under another shape: no task, the same buffer. */
const isView = (kernel: string): boolean => Kernels.find(kernel)?.kind === "view"

const rules: { readonly [kernel: string]: Rule } = {
  All: ReductionRules.reduction("All"),
  Any: ReductionRules.reduction("Any"),
  ArgMax: ReductionRules.reduction("ArgMax"),
  ArgMin: ReductionRules.reduction("ArgMin"),
  BatchMatMul: ReductionRules.product,
  Concat: MovementRules.concat,
  Cumprod: ReductionRules.scan(true),
  Cumsum: ReductionRules.scan(false),
  Fill: MovementRules.fill,
  FusedElementwise: ElementwiseRules.fusedElementwise,
  GatherV2: MovementRules.gather,
  Max: ReductionRules.reduction("Max"),
  Mean: ReductionRules.reduction("Mean"),
  Min: ReductionRules.reduction("Min"),
  OneHot: MovementRules.oneHot,
  Pack: MovementRules.pack,
  PadV2: MovementRules.pad,
  Prod: ReductionRules.reduction("Prod"),
  Slice: MovementRules.slice,
  Softmax: ReductionRules.softmax,
  SplitV: MovementRules.splitV,
  Sum: ReductionRules.reduction("Sum"),
  Tile: MovementRules.tile,
  Transpose: MovementRules.transpose,
  Unpack: MovementRules.unpack,
  UnsortedSegmentSum: MovementRules.segmentSum,
  _FusedMatMul: ReductionRules.product
}

const ruleOf = (kernel: string): Rule | undefined =>
  rules[kernel] ?? (Kernels.isElementwise(kernel) ? ElementwiseRules.elementwise : undefined)

/** The values that become states, and those that are views of them. */
const lastingValues = ({ nodes, results }: Graph.Graph): ReadonlySet<Graph.ValueId> => {
  const lasting = new Set(results.flatMap(({ role, value }) => (role === "state" ? [value] : [])))
  for (const { inputs, kernel, outputs } of nodes.toReversed()) {
    const [from] = inputs
    if (isView(kernel) && from !== undefined && outputs.some((id) => lasting.has(id))) lasting.add(from)
  }
  return lasting
}

// constructors

/** Whether the engine has the kernel. */
export const supports = (kernel: string): boolean => isView(kernel) || ruleOf(kernel) !== undefined

/** Throws an `EngineError` that names the kernel, and the line that asked for it, where there is no rule. */
export const lower = (machine: Machine, graph: Graph.Graph): Lowered => {
  const buffers: Array<number> = []
  const bufferOf = new Map<Graph.ValueId, BufferId>()
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]))
  const lasting = lastingValues(graph)
  const allocate = ({ shape, dtype }: NdArray.Spec): BufferId =>
    buffers.push(NdArray.size(shape) * NdArray.bytesOf(dtype)) - 1
  const valueOf = (id: Graph.ValueId): Value => {
    const spec = graph.values[id]
    if (spec === undefined) throw new RangeError(`the graph has no value %${id}`)
    const buffer = bufferOf.get(id) ?? allocate(spec)
    bufferOf.set(id, buffer)
    return { ...spec, buffer, lasts: lasting.has(id) }
  }
  for (const { value } of [...graph.parameters, ...graph.constants]) valueOf(value)

  const tasks = graph.nodes.flatMap((node): ReadonlyArray<Task> => {
    const inputs = node.inputs.map((id) =>
      bufferOf.has(id) ? valueOf(id) : refuse({ machine, node }, `it reads %${id} before it is made`)
    )
    if (isView(node.kernel)) {
      const [from] = inputs
      const [to] = node.outputs
      if (from !== undefined && to !== undefined) bufferOf.set(to, from.buffer)
      return []
    }
    const rule = ruleOf(node.kernel)
    if (rule === undefined) return refuse({ machine, node }, "the engine does not have it")
    const outputs = node.outputs.map(valueOf)
    const at = (values: ReadonlyArray<Value>, i: number): Value =>
      values[i] ?? refuse({ machine, node }, `it has no value number ${i}`)
    return rule({
      machine,
      node,
      inputs,
      outputs,
      input: (i) => at(inputs, i),
      output: (i = 0) => at(outputs, i),
      constant: (i) => {
        const data = constants.get(node.inputs[i] ?? -1)
        return data?.length === 1 ? data[0] : undefined
      },
      temporary: (spec) => ({ ...spec, buffer: allocate(spec), lasts: false })
    }).filter((task) => task !== undefined)
  })
  return { tasks, buffers, bufferOf }
}
