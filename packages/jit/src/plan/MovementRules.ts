/** Rules of kernels that move numbers, by places known when compiled or by index tensors. */
import { Attributes, NdArray } from "../graph/index.ts"
import * as Indexing from "./Indexing.ts"
import * as Movement from "./Movement.ts"
import * as Nest from "./Nest.ts"
import type * as Op from "./Op.ts"
import { type Context, refuse, type Rule, type Tasks, type Value } from "./Rule.ts"

// movement

const view = ({ buffer, shape }: Value, offset = 0): Op.View => ({
  buffer,
  offset,
  strides: Nest.strides(shape)
})

const moved = (
  { machine, node, outputs }: Context,
  pieces: ReadonlyArray<Op.Piece>,
  fill?: number
): Tasks => [
  Movement.task(machine, node.kernel, {
    dtype: outputs[0]?.dtype ?? "float32",
    results: outputs,
    pieces,
    fill
  })
]

/** Inputs one after the other along an axis of the output. */
export const concat: Rule = (context) => {
  const { node, inputs, output } = context
  const result = output()
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), result.shape.length)
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
export const pack: Rule = (context) => {
  const { node, inputs, output } = context
  const result = output()
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), result.shape.length)
  const to = view(result)
  const without = to.strides.filter((_, d) => d !== axis)
  const pieces = inputs.map((input, i) => ({
    shape: input.shape,
    from: view(input),
    to: { ...to, offset: i * (to.strides[axis] ?? 0), strides: without }
  }))
  return moved(context, pieces)
}

export const unpack: Rule = (context) => {
  const { node, input, outputs } = context
  const from = view(input(0))
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), from.strides.length)
  const without = from.strides.filter((_, d) => d !== axis)
  const pieces = outputs.map((output, i) => ({
    shape: output.shape,
    from: { ...from, offset: i * (from.strides[axis] ?? 0), strides: without },
    to: view(output)
  }))
  return moved(context, pieces)
}

export const splitV: Rule = (context) => {
  const { node, input, outputs } = context
  const from = view(input(0))
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), from.strides.length)
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

export const slice: Rule = (context) => {
  const from = view(context.input(0))
  const begin = Attributes.numbers(context.node.attributes["begin"])
  const offset = from.strides.reduce((sum, stride, d) => sum + stride * (begin[d] ?? 0), 0)
  const { shape } = context.output()
  return moved(context, [{ shape, from: { ...from, offset }, to: view(context.output()) }])
}

export const transpose: Rule = (context) => {
  const from = view(context.input(0))
  const perm = Attributes.numbers(context.node.attributes["perm"])
  const { shape } = context.output()
  const strides = shape.map((_, d) => from.strides[perm[d] ?? d] ?? 1)
  return moved(context, [{ shape, from: { ...from, strides }, to: view(context.output()) }])
}

/** Every dimension becomes two, repetitions and elements; repetitions read the same elements again. */
export const tile: Rule = (context) => {
  const { node, input, output } = context
  const x = input(0)
  const reps = Attributes.numbers(node.attributes["reps"])
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

export const pad: Rule = (context) => {
  const { node, input, output } = context
  const x = input(0)
  const { paddings } = node.attributes
  const before = Array.isArray(paddings) ? paddings.map((pair) => Attributes.numbers(pair)[0] ?? 0) : []
  const to = view(output())
  const offset = to.strides.reduce((sum, stride, d) => sum + stride * (before[d] ?? 0), 0)
  return moved(
    context,
    [{ shape: x.shape, from: view(x), to: { ...to, offset } }],
    Attributes.number(node, "constantValue", 0)
  )
}

export const fill: Rule = (context) => {
  const { value } = context.node.attributes
  return moved(
    context,
    [],
    typeof value === "boolean" ? Number(value) : Attributes.number(context.node, "value", 0)
  )
}

// indexing

export const gather: Rule = (context) => {
  const { machine, node, input, output } = context
  const [x, indices] = [input(0), input(1)]
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), x.shape.length)
  const batchDims = Attributes.number(node, "batchDims", 0)
  return [
    Indexing.gather(machine, node.kernel, {
      _tag: "Gather",
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

export const segmentSum: Rule = (context) => {
  const { machine, node, input, output } = context
  const [x, ids] = [input(0), input(1)]
  // What TensorFlow.js gives of whole numbers is said to be float32, and is not.
  if (x.dtype !== "float32") return refuse(context, `it is not supported for ${x.dtype}`)
  return [
    Indexing.segmentSum(machine, node.kernel, {
      _tag: "SegmentSum",
      x: x.buffer,
      ids: ids.buffer,
      output: output().buffer,
      dtype: x.dtype,
      count: NdArray.size(ids.shape),
      segments: Attributes.number(node, "numSegments", 0),
      inner: NdArray.size(x.shape.slice(ids.shape.length))
    })
  ]
}

export const oneHot: Rule = (context) => {
  const { machine, node, input, output } = context
  const indices = input(0)
  return [
    Indexing.oneHot(machine, node.kernel, {
      _tag: "OneHot",
      indices: indices.buffer,
      output: output().buffer,
      dtype: output().dtype,
      count: NdArray.size(indices.shape),
      depth: Attributes.number(node, "depth", 0),
      on: Attributes.number(node, "onValue", 1),
      off: Attributes.number(node, "offValue", 0)
    })
  ]
}
