/**
 * Lowers a graph to tasks on buffers: one rule for every kernel of TensorFlow.js. Views of a value (reshapes) share
 * its buffer; a kernel without elements becomes nothing.
 */
import { EngineError } from "../Engine.ts"
import type { Attribute, Elementwise as ElementwiseAttributes, Graph, Node, Step, ValueId } from "../Graph.ts"
import * as NdArray from "../NdArray.ts"
import * as Elementwise from "./Elementwise.ts"
import * as ElementwiseKernels from "./ElementwiseKernels.ts"
import * as Indexing from "./Indexing.ts"
import * as Movement from "./Movement.ts"
import * as Nest from "./Nest.ts"
import * as Product from "./Product.ts"
import * as Reduction from "./Reduction.ts"
import * as Scan from "./Scan.ts"
import type { BufferId, Task } from "./Task.ts"

// errors

const fix = "Express it with supported kernels, or run it on the engine tfjs:cpu"

const refuse = (node: Node, why: string): never => {
  throw new EngineError({ engine: "wasm", reason: `kernel ${node.kernel} at ${node.site}: ${why}`, fix })
}

// models

export interface Lowered {
  readonly tasks: ReadonlyArray<Task>
  /** Bytes of every buffer. */
  readonly buffers: ReadonlyArray<number>
  /** The buffer that holds each value of the graph. */
  readonly bufferOf: ReadonlyMap<ValueId, BufferId>
}

interface Value extends NdArray.Spec {
  readonly buffer: BufferId
}

/** What rules see of the graph: a node's values and a place for new ones. */
interface Context {
  readonly node: Node
  readonly input: (i: number) => Value
  readonly inputs: ReadonlyArray<Value>
  readonly output: (i?: number) => Value
  readonly outputs: ReadonlyArray<Value>
  /** The number that an input is, where it is a constant of one element. */
  readonly constant: (i: number) => number | undefined
  readonly temporary: (spec: NdArray.Spec) => Value
}

type Tasks = ReadonlyArray<Task | undefined>
type Rule = (context: Context) => Tasks

// pure core: attributes

const numbers = (attribute: Attribute): ReadonlyArray<number> =>
  typeof attribute === "number"
    ? [attribute]
    : Array.isArray(attribute)
      ? attribute.filter((n) => typeof n === "number")
      : []

const number = (node: Node, name: string, otherwise: number): number => {
  const value = node.attributes[name]
  return typeof value === "number" ? value : otherwise
}

const flag = (node: Node, name: string): boolean => node.attributes[name] === true

const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

// pure core: elementwise

const fused = (
  { node, inputs, constant }: Context,
  steps: ReadonlyArray<Step>,
  results: ReadonlyArray<{ readonly value: Value; readonly step: number }>,
  operands: ReadonlyArray<Value> = inputs
): Tasks => [
  Elementwise.task(node.kernel, {
    shape: results[0]?.value.shape ?? [],
    operands: operands.map(({ buffer, shape, dtype }, i) => ({
      buffer,
      shape,
      dtype,
      constant: operands === inputs ? constant(i) : undefined
    })),
    steps,
    results: results.map(({ value: { buffer, dtype }, step }) => ({ buffer, dtype, step })),
    unsupported: (kernel, dtype) => refuse(node, `${kernel} is not supported for ${dtype}`)
  })
]

const elementwise: Rule = (context) => {
  const { node, inputs, output } = context
  const step: Step = {
    kernel: node.kernel,
    operands: inputs.map((_, input) => ({ input })),
    inputNames: node.inputNames,
    attributes: node.attributes,
    dtype: output().dtype
  }
  return fused(context, [step], [{ value: output(), step: 0 }])
}

const isStep = (u: unknown): u is Step =>
  typeof u === "object" && u !== null && "kernel" in u && "operands" in u

const isElementwiseAttributes = (u: unknown): u is ElementwiseAttributes =>
  typeof u === "object" &&
  u !== null &&
  "steps" in u &&
  Array.isArray(u.steps) &&
  u.steps.every(isStep) &&
  "outputs" in u &&
  Array.isArray(u.outputs)

const fusedElementwise: Rule = (context) => {
  const { node, outputs } = context
  const { attributes } = node
  if (!isElementwiseAttributes(attributes))
    return refuse(node, "its attributes are not those of a fused kernel")
  return fused(
    context,
    attributes.steps,
    attributes.outputs.map((step, i) => ({ value: outputs[i] ?? context.output(i), step }))
  )
}

// pure core: products

const product: Rule = ({ node, inputs, output }) => {
  const [a, b, bias, prelu] = inputs
  if (a === undefined || b === undefined) return refuse(node, "it needs two matrices")
  const [x, y] = [a, b]
  const given = node.attributes["activation"]
  const name = typeof given === "string" ? given : "linear"
  const linear = name === "linear"
  const activation = linear ? undefined : ElementwiseKernels.activation(name)
  if (prelu !== undefined || (!linear && activation === undefined)) {
    return refuse(node, `the activation ${name} is not supported in a product`)
  }
  const columns = output().shape.at(-1)
  if (bias !== undefined && NdArray.size(bias.shape) !== 1 && NdArray.size(bias.shape) !== columns) {
    return refuse(node, `a bias of shape [${bias.shape.join(", ")}] is not supported`)
  }
  if (![a, b, output()].every(({ dtype }) => dtype === "float32")) {
    return refuse(node, "matrices must be float32")
  }
  return [
    Product.task({
      a: x,
      b: y,
      bias,
      output: output(),
      transposeA: flag(node, "transposeA"),
      transposeB: flag(node, "transposeB"),
      activation,
      attributes: node.attributes
    })
  ]
}

// pure core: reductions

const reduced = (
  { node }: Context,
  kind: Reduction.Kind,
  input: Value,
  axis: Attribute,
  output: Value
): Task | undefined => {
  const { shape } = input
  const axes = axis === undefined || axis === null ? shape.map((_, d) => d) : numbers(axis)
  if (input.dtype === "bool" && kind !== "All" && kind !== "Any") {
    return refuse(node, "it is not supported for bool")
  }
  return Reduction.task(node.kernel, {
    kind,
    input: input.buffer,
    output: output.buffer,
    dtype: input.dtype,
    shape,
    axes: new Set(axes.map((d) => axisOf(d, shape.length)))
  })
}

const reduction =
  (kind: Reduction.Kind): Rule =>
  (context) => [
    reduced(
      context,
      kind,
      context.input(0),
      context.node.attributes["axis"] ?? context.node.attributes["reductionIndices"],
      context.output()
    )
  ]

/** `exp(x - max) / sum(exp(x - max))` along the last axis. */
const softmax: Rule = (context) => {
  const x = context.input(0)
  const y = context.output()
  const last = x.shape.length - 1
  const one = { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype }
  const [largest, power, sum] = [context.temporary(one), context.temporary(x), context.temporary(one)]
  const step = (kernel: string, operands: Step["operands"]): Step => ({
    kernel,
    operands,
    inputNames: [],
    attributes: {},
    dtype: "float32"
  })
  return [
    reduced(context, "Max", x, last, largest),
    ...fused(
      context,
      [step("Sub", [{ input: 0 }, { input: 1 }]), step("Exp", [{ step: 0 }])],
      [{ value: power, step: 1 }],
      [x, largest]
    ),
    reduced(context, "Sum", power, last, sum),
    ...fused(context, [step("RealDiv", [{ input: 0 }, { input: 1 }])], [{ value: y, step: 0 }], [power, sum])
  ]
}

const scan =
  (multiplies: boolean): Rule =>
  (context) => {
    const { node, input, output } = context
    const { buffer, shape, dtype } = input(0)
    if (dtype === "bool") return refuse(node, "it is not supported for bool")
    const axis = axisOf(number(node, "axis", 0), shape.length)
    return [
      Scan.task(node.kernel, {
        input: buffer,
        output: output().buffer,
        dtype,
        outer: NdArray.size(shape.slice(0, axis)),
        size: shape[axis] ?? 1,
        inner: NdArray.size(shape.slice(axis + 1)),
        product: multiplies,
        exclusive: flag(node, "exclusive"),
        reverse: flag(node, "reverse")
      })
    ]
  }

// pure core: movement

const view = ({ buffer, shape }: Value, offset = 0): Movement.View => ({
  buffer,
  offset,
  strides: Nest.strides(shape)
})

const moved = ({ node, outputs }: Context, pieces: ReadonlyArray<Movement.Piece>, fill?: number): Tasks => [
  Movement.task(node.kernel, { dtype: outputs[0]?.dtype ?? "float32", results: outputs, pieces, fill })
]

/** Inputs one after the other along an axis of the output. */
const concat: Rule = (context) => {
  const { node, inputs, output } = context
  const result = output()
  const axis = axisOf(number(node, "axis", 0), result.shape.length)
  const stride = Nest.strides(result.shape)[axis] ?? 1
  let at = 0
  const pieces = inputs.map((input) => {
    const piece = { shape: input.shape, from: view(input), to: view(result, at * stride) }
    at += input.shape[axis] ?? 0
    return piece
  })
  return moved(context, pieces)
}

/** Inputs side by side along a new axis of the output. */
const pack: Rule = (context) => {
  const { node, inputs, output } = context
  const result = output()
  const axis = axisOf(number(node, "axis", 0), result.shape.length)
  const to = view(result)
  const without = to.strides.filter((_, d) => d !== axis)
  const pieces = inputs.map((input, i) => ({
    shape: input.shape,
    from: view(input),
    to: { ...to, offset: i * (to.strides[axis] ?? 0), strides: without }
  }))
  return moved(context, pieces)
}

const unpack: Rule = (context) => {
  const { node, input, outputs } = context
  const from = view(input(0))
  const axis = axisOf(number(node, "axis", 0), from.strides.length)
  const without = from.strides.filter((_, d) => d !== axis)
  const pieces = outputs.map((output, i) => ({
    shape: output.shape,
    from: { ...from, offset: i * (from.strides[axis] ?? 0), strides: without },
    to: view(output)
  }))
  return moved(context, pieces)
}

const splitV: Rule = (context) => {
  const { node, input, outputs } = context
  const from = view(input(0))
  const axis = axisOf(number(node, "axis", 0), from.strides.length)
  let at = 0
  const pieces = outputs.map((output) => {
    const piece = {
      shape: output.shape,
      from: { ...from, offset: at * (from.strides[axis] ?? 0) },
      to: view(output)
    }
    at += output.shape[axis] ?? 0
    return piece
  })
  return moved(context, pieces)
}

const slice: Rule = (context) => {
  const from = view(context.input(0))
  const begin = numbers(context.node.attributes["begin"])
  const offset = from.strides.reduce((sum, stride, d) => sum + stride * (begin[d] ?? 0), 0)
  const { shape } = context.output()
  return moved(context, [{ shape, from: { ...from, offset }, to: view(context.output()) }])
}

const transpose: Rule = (context) => {
  const from = view(context.input(0))
  const perm = numbers(context.node.attributes["perm"])
  const { shape } = context.output()
  const strides = shape.map((_, d) => from.strides[perm[d] ?? d] ?? 1)
  return moved(context, [{ shape, from: { ...from, strides }, to: view(context.output()) }])
}

/** Every dimension becomes two, repetitions and elements; repetitions read the same elements again. */
const tile: Rule = (context) => {
  const { node, input, output } = context
  const x = input(0)
  const reps = numbers(node.attributes["reps"])
  const [from, to] = [view(x), view(output())]
  return moved(context, [
    {
      shape: x.shape.flatMap((size, d) => [reps[d] ?? 1, size]),
      from: { ...from, strides: from.strides.flatMap((stride) => [0, stride]) },
      to: {
        ...to,
        strides: to.strides.flatMap((stride, d) => [stride * (x.shape[d] ?? 1), stride])
      }
    }
  ])
}

const pad: Rule = (context) => {
  const { node, input, output } = context
  const x = input(0)
  const { paddings } = node.attributes
  const before = Array.isArray(paddings) ? paddings.map((pair) => numbers(pair)[0] ?? 0) : []
  const to = view(output())
  const offset = to.strides.reduce((sum, stride, d) => sum + stride * (before[d] ?? 0), 0)
  return moved(
    context,
    [{ shape: x.shape, from: view(x), to: { ...to, offset } }],
    number(node, "constantValue", 0)
  )
}

const fill: Rule = (context) => {
  const { value } = context.node.attributes
  return moved(context, [], typeof value === "boolean" ? Number(value) : number(context.node, "value", 0))
}

// pure core: indexing

const gather: Rule = (context) => {
  const { node, input, output } = context
  const [x, indices] = [input(0), input(1)]
  const axis = axisOf(number(node, "axis", 0), x.shape.length)
  const batchDims = number(node, "batchDims", 0)
  return [
    Indexing.gather(node.kernel, {
      x: x.buffer,
      indices: indices.buffer,
      output: output().buffer,
      dtype: x.dtype,
      batch: NdArray.size(x.shape.slice(0, batchDims)),
      outer: NdArray.size(x.shape.slice(batchDims, axis)),
      size: x.shape[axis] ?? 1,
      count: NdArray.size(indices.shape.slice(batchDims)),
      inner: NdArray.size(x.shape.slice(axis + 1))
    })
  ]
}

const segmentSum: Rule = (context) => {
  const { node, input, output } = context
  const [x, ids] = [input(0), input(1)]
  if (x.dtype === "bool") return refuse(node, "it is not supported for bool")
  return [
    Indexing.segmentSum(node.kernel, {
      x: x.buffer,
      ids: ids.buffer,
      output: output().buffer,
      dtype: x.dtype,
      count: NdArray.size(ids.shape),
      segments: number(node, "numSegments", 0),
      inner: NdArray.size(x.shape.slice(ids.shape.length))
    })
  ]
}

const oneHot: Rule = (context) => {
  const { node, input, output } = context
  const indices = input(0)
  return [
    Indexing.oneHot(node.kernel, {
      indices: indices.buffer,
      output: output().buffer,
      dtype: output().dtype,
      count: NdArray.size(indices.shape),
      depth: number(node, "depth", 0),
      on: number(node, "onValue", 1),
      off: number(node, "offValue", 0)
    })
  ]
}

// pure core: the table

/** Kernels whose result is the input under another shape: no task, the same buffer. */
const VIEWS: ReadonlySet<string> = new Set(["Identity", "Reshape", "ExpandDims", "Squeeze"])

const rules: { readonly [kernel: string]: Rule } = {
  All: reduction("All"),
  Any: reduction("Any"),
  ArgMax: reduction("ArgMax"),
  ArgMin: reduction("ArgMin"),
  BatchMatMul: product,
  Concat: concat,
  Cumprod: scan(true),
  Cumsum: scan(false),
  Fill: fill,
  FusedElementwise: fusedElementwise,
  GatherV2: gather,
  Max: reduction("Max"),
  Mean: reduction("Mean"),
  Min: reduction("Min"),
  OneHot: oneHot,
  Pack: pack,
  PadV2: pad,
  Prod: reduction("Prod"),
  Slice: slice,
  Softmax: softmax,
  SplitV: splitV,
  Sum: reduction("Sum"),
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
  UnsortedSegmentSum: segmentSum,
  _FusedMatMul: product
}

const ruleOf = (kernel: string): Rule | undefined =>
  rules[kernel] ?? (ElementwiseKernels.isElementwise(kernel) ? elementwise : undefined)

// constructors

/** Whether the engine has the kernel. */
export const supports = (kernel: string): boolean => VIEWS.has(kernel) || ruleOf(kernel) !== undefined

/** Throws an `EngineError` that names the kernel, and the line that asked for it, where there is no rule. */
export const lower = (graph: Graph): Lowered => {
  const buffers: Array<number> = []
  const bufferOf = new Map<ValueId, BufferId>()
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]))
  const allocate = ({ shape, dtype }: NdArray.Spec): BufferId =>
    buffers.push(NdArray.size(shape) * Elementwise.bytesOf(dtype)) - 1
  const valueOf = (id: ValueId): Value => {
    const spec = graph.values[id]
    if (spec === undefined) throw new RangeError(`the graph has no value %${id}`)
    const buffer = bufferOf.get(id) ?? allocate(spec)
    bufferOf.set(id, buffer)
    return { ...spec, buffer }
  }
  for (const { value } of [...graph.parameters, ...graph.constants]) valueOf(value)

  const tasks = graph.nodes.flatMap((node): ReadonlyArray<Task> => {
    const inputs = node.inputs.map((id) =>
      bufferOf.has(id) ? valueOf(id) : refuse(node, `it reads %${id} before it is made`)
    )
    if (VIEWS.has(node.kernel)) {
      const [from] = inputs
      const [to] = node.outputs
      if (from !== undefined && to !== undefined) bufferOf.set(to, from.buffer)
      return []
    }
    const rule = ruleOf(node.kernel)
    if (rule === undefined) return refuse(node, "the engine does not have it")
    const outputs = node.outputs.map(valueOf)
    const at = (values: ReadonlyArray<Value>, i: number): Value =>
      values[i] ?? refuse(node, `it has no value number ${i}`)
    return rule({
      node,
      inputs,
      outputs,
      input: (i) => at(inputs, i),
      output: (i = 0) => at(outputs, i),
      constant: (i) => {
        const data = constants.get(node.inputs[i] ?? -1)
        return data?.length === 1 ? data[0] : undefined
      },
      temporary: (spec) => ({ ...spec, buffer: allocate(spec) })
    }).filter((task) => task !== undefined)
  })
  return { tasks, buffers, bufferOf }
}
