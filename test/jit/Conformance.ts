/**
 * What every engine must compute: each kernel of the table, and its gradient where it has one, on random shapes, as
 * `tfjs:cpu` computes it from the graph as it was traced. A case draws its shapes and attributes, so that a failure
 * repeats.
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import type { Draw } from "./Draw.ts"

// models

/** The numbers of an input: floats from `low` to `high`, or whole numbers from 0 up to, not including, `below`. */
export interface Input {
  readonly spec: NdArray.Spec
  readonly low: number
  readonly high: number
}

/** One program: its inputs, and what it computes of them. */
export interface Drawn {
  readonly inputs: ReadonlyArray<Input>
  readonly fn: (...inputs: ReadonlyArray<tf.Tensor>) => tf.Tensor | ReadonlyArray<tf.Tensor>
}

export interface Case {
  readonly name: string
  /** `close`: one elementwise kernel; `sum`: sums and products; `exact`: not a bit of difference. */
  readonly tolerance: "close" | "sum" | "exact"
  /** How many of the inputs, from the first, have gradients. */
  readonly gradients: number
  readonly draw: (draw: Draw) => Drawn
}

// constructors

export const floats = (shape: ReadonlyArray<number>, low = -2, high = 2): Input => ({
  spec: NdArray.spec(shape),
  low,
  high
})

export const ints = (shape: ReadonlyArray<number>, below: number): Input => ({
  spec: NdArray.spec(shape, "int32"),
  low: 0,
  high: below - 1
})

export const signed = (shape: ReadonlyArray<number>): Input => ({
  spec: NdArray.spec(shape, "int32"),
  low: -9,
  high: 9
})

export const bools = (shape: ReadonlyArray<number>): Input => ({
  spec: NdArray.spec(shape, "bool"),
  low: 0,
  high: 1
})

type Unary = (x: tf.Tensor) => tf.Tensor
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor

/** An elementwise kernel of one tensor, whose numbers lie from `low` to `high`. */
const unary = (name: string, f: Unary, low = -2, high = 2, gradients = 1): Case => ({
  name,
  tolerance: "close",
  gradients,
  draw: (draw) => ({ inputs: [floats(draw.shape(0, 4), low, high)], fn: f })
})

/** An elementwise kernel of two tensors that broadcast. */
const binary = (name: string, f: Binary, low = -2, high = 2, gradients = 2): Case => ({
  name,
  tolerance: "close",
  gradients,
  draw: (draw) => {
    const shape = draw.shape(0, 4)
    return { inputs: [floats(draw.narrower(shape), low, high), floats(shape, low, high)], fn: f }
  }
})

/** The same for gradients that TensorFlow.js has for equal shapes only. */
const likes = (name: string, f: Binary): Case => ({
  name,
  tolerance: "close",
  gradients: 2,
  draw: (draw) => {
    const shape = draw.shape(0, 4)
    return { inputs: [floats(shape), floats(shape)], fn: f }
  }
})

/** A kernel on whole numbers. */
const whole = (name: string, f: Binary): Case => ({
  name: `${name} of int32`,
  tolerance: "exact",
  gradients: 0,
  draw: (draw) => {
    const shape = draw.shape(0, 3)
    return { inputs: [signed(shape), signed(draw.narrower(shape))], fn: f }
  }
})

/** A reduction over some axes; without a gradient where ties would split it. */
const reduction = (
  name: string,
  f: (x: tf.Tensor, axes: Array<number>, keepDims: boolean) => tf.Tensor
): Case => ({
  name,
  tolerance: "sum",
  gradients: 1,
  draw: (draw) => {
    const shape = draw.shape(1, 4)
    const [axes, keepDims] = [draw.axes(shape.length), draw.bool()]
    return { inputs: [floats(shape)], fn: (x) => f(x, axes, keepDims) }
  }
})

/** A kernel that moves numbers. */
export const movement = (name: string, draw: (draw: Draw) => Drawn, gradients = 1): Case => ({
  name,
  tolerance: "exact",
  gradients,
  draw
})

/** A product: stacks, both transposes, every small size. */
const product = (name: string, stacked: boolean): Case => ({
  name,
  tolerance: "sum",
  gradients: 2,
  draw: (draw) => {
    const sizes = () => draw.pick(draw.size(), draw.int(1, 40))
    const [m, k, n] = [sizes(), sizes(), sizes()]
    const [transposeA, transposeB] = [draw.bool(), draw.bool()]
    const outer = stacked ? draw.shape(1, 2).map((size) => Math.min(size, 4)) : []
    return {
      inputs: [
        floats([...outer, ...(transposeA ? [k, m] : [m, k])]),
        floats([...outer, ...(transposeB ? [n, k] : [k, n])])
      ],
      fn: (a, b) => tf.matMul(a, b, transposeA, transposeB)
    }
  }
})

const dense = (activation: "linear" | "relu" | "relu6" | "elu" | "sigmoid" | "leakyrelu"): Case => ({
  name: `fused product, ${activation}`,
  tolerance: "sum",
  gradients: 3,
  draw: (draw) => {
    const [m, k, n] = [draw.size(), draw.size(), draw.size()]
    return {
      inputs: [floats([m, k]), floats([k, n]), floats([n])],
      fn: (x, w, b) => tf.fused.matMul({ a: x, b: w, bias: b, activation })
    }
  }
})

const layer = (name: string, f: Unary): Case => ({
  name: `layer, ${name}`,
  tolerance: "sum",
  gradients: 3,
  draw: (draw) => {
    const [m, k, n] = [draw.size(), draw.size(), draw.pick(draw.size(), 33)]
    return {
      inputs: [floats([m, k]), floats([k, n]), floats([n])],
      fn: (x, w, b) => f(tf.add(tf.matMul(x, w), b))
    }
  }
})

const activations: Readonly<Record<string, Unary>> = {
  none: (x) => x,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  tanh: tf.tanh
}

/** Every kernel. */
export const cases: ReadonlyArray<Case> = [
  product("BatchMatMul", false),
  product("BatchMatMul of stacks", true),
  ...(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const).map(dense),
  ...Object.entries(activations).map(([name, f]) => layer(name, f)),
  binary("Add", tf.add),
  binary("Sub", tf.sub),
  binary("Multiply", tf.mul),
  binary("RealDiv", tf.div, 0.5, 3),
  ...[tf.maximum, tf.minimum, tf.squaredDifference].flatMap((f) => [
    binary(f.name, f, -2, 2, 0),
    likes(`${f.name} of equal shapes`, f)
  ]),
  binary("FloorDiv", tf.floorDiv, 0.5, 9, 0),
  binary("Pow of two tensors", tf.pow, 0.25, 3),
  ...[2, 3, 0.5, 1.5, -1, -2].map((n) => unary(`Pow ${n}`, (x) => tf.pow(x, n), 0.25, 3)),
  unary("Pow 3 of negative numbers", (x) => tf.pow(x, 3), -3, -0.25),
  ...[tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual].flatMap((compare) => [
    binary(compare.name, compare, -2, 2, 0),
    whole(compare.name, compare)
  ]),
  ...[tf.logicalAnd, tf.logicalOr].map(
    (f): Case => ({
      name: f.name,
      tolerance: "exact",
      gradients: 0,
      draw: (draw) => {
        const shape = draw.shape(0, 3)
        return { inputs: [bools(shape), bools(draw.narrower(shape))], fn: (a, b) => f(a, b) }
      }
    })
  ),
  movement("LogicalNot", (draw) => ({ inputs: [bools(draw.shape(0, 3))], fn: (x) => tf.logicalNot(x) }), 0),
  ...[tf.add, tf.sub, tf.mul, tf.maximum, tf.minimum, tf.squaredDifference].map((f) => whole(f.name, f)),
  unary("Neg", tf.neg),
  unary("Abs", tf.abs),
  unary("Sign", tf.sign),
  unary("Square", tf.square),
  unary("Sqrt", tf.sqrt, 0.1, 9),
  unary("Rsqrt", tf.rsqrt, 0.1, 9),
  unary("Reciprocal", tf.reciprocal, 0.1, 9),
  unary("Exp", tf.exp, -9, 9),
  unary("Expm1", tf.expm1),
  unary("Log", tf.log, 0.01, 9),
  unary("Log1p", tf.log1p, -0.9, 9),
  unary("Tanh", tf.tanh, -9, 9),
  unary("Sigmoid", tf.sigmoid, -9, 9),
  unary("Softplus", tf.softplus, -20, 20),
  unary("Relu", tf.relu),
  unary("Relu6", tf.relu6, -9, 9),
  unary("LeakyRelu", (x) => tf.leakyRelu(x, 0.3)),
  unary("Elu", tf.elu, -9, 9),
  unary("Selu", tf.selu, -9, 9),
  unary("Step", (x) => tf.step(x, 0.25), -2, 2, 0),
  unary("ClipByValue", (x) => tf.clipByValue(x, -0.5, 1)),
  unary("ZerosLike", (x) => tf.add(tf.zerosLike(x), x)),
  unary("OnesLike", (x) => tf.add(tf.onesLike(x), x)),
  unary("Cast to whole numbers", (x) => tf.cast(x, "int32"), -9, 9, 0),
  unary("Cast to truth values", (x) => tf.cast(tf.relu(x), "bool"), -9, 9, 0),
  movement(
    "Cast of whole numbers",
    (draw) => ({ inputs: [signed(draw.shape(0, 3))], fn: (x) => tf.cast(x, "float32") }),
    0
  ),
  movement(
    "Cast of truth values",
    (draw) => ({ inputs: [bools(draw.shape(0, 3))], fn: (x) => tf.cast(x, "float32") }),
    0
  ),
  {
    name: "Select",
    tolerance: "exact",
    gradients: 2,
    draw: (draw) => {
      const shape = draw.shape(1, 3)
      return {
        inputs: [floats(shape), floats(shape), bools(shape)],
        fn: (a, b, condition) => tf.where(condition, a, b)
      }
    }
  },
  {
    name: "AddN",
    tolerance: "sum",
    gradients: 3,
    draw: (draw) => {
      const shape = draw.shape(0, 3)
      return { inputs: [floats(shape), floats(shape), floats(shape)], fn: (...xs) => tf.addN([...xs]) }
    }
  },
  reduction("Sum", (x, axes, keepDims) => tf.sum(x, axes, keepDims)),
  reduction("Mean", (x, axes, keepDims) => tf.mean(x, axes, keepDims)),
  reduction("Max", (x, axes, keepDims) => tf.max(x, axes, keepDims)),
  reduction("Min", (x, axes, keepDims) => tf.min(x, axes, keepDims)),
  {
    name: "Prod",
    tolerance: "sum",
    gradients: 1,
    draw: (draw) => {
      const shape = draw.shape(1, 2)
      const [axis, keepDims] = [draw.int(0, shape.length - 1), draw.bool()]
      return { inputs: [floats(shape, 0.5, 1.5)], fn: (x) => tf.prod(x, axis, keepDims) }
    }
  },
  unary("Sum of everything", (x) => tf.sum(x)),
  unary("Mean of squares", (x) => tf.mean(tf.square(x))),
  ...[tf.all, tf.any].map(
    (f): Case =>
      movement(
        f.name,
        (draw) => {
          const shape = draw.shape(1, 3)
          const [axes, keepDims] = [draw.axes(shape.length), draw.bool()]
          return { inputs: [bools(shape)], fn: (x) => f(x, axes, keepDims) }
        },
        0
      )
  ),
  ...[tf.argMax, tf.argMin].map(
    (f): Case =>
      movement(
        f.name,
        (draw) => {
          const shape = draw.shape(1, 3)
          const axis = draw.int(0, shape.length - 1)
          return { inputs: [floats(shape)], fn: (x) => f(x, axis) }
        },
        0
      )
  ),
  {
    name: "Softmax",
    tolerance: "sum",
    gradients: 1,
    draw: (d) => ({ inputs: [floats(d.shape(1, 3), -5, 5)], fn: (x) => tf.softmax(x) })
  },
  {
    name: "LogSoftmax",
    tolerance: "sum",
    gradients: 1,
    draw: (d) => ({ inputs: [floats(d.shape(1, 3), -5, 5)], fn: (x) => tf.logSoftmax(x) })
  },
  {
    name: "logSumExp",
    tolerance: "sum",
    gradients: 1,
    draw: (d) => ({ inputs: [floats(d.shape(1, 3), -5, 5)], fn: (x) => tf.logSumExp(x, -1) })
  },
  ...(["cumsum", "cumprod"] as const).map(
    (name): Case => ({
      name,
      tolerance: "sum",
      gradients: name === "cumsum" ? 1 : 0,
      draw: (draw) => {
        const shape = draw.shape(1, 3)
        // TensorFlow.js' gradient is right for the last axis only.
        const axis = name === "cumsum" ? shape.length - 1 : draw.int(0, shape.length - 1)
        const [exclusive, reverse] = [draw.bool(), draw.bool()]
        return { inputs: [floats(shape)], fn: (x) => tf[name](x, axis, exclusive, reverse) }
      }
    })
  ),
  movement("Reshape", (draw) => {
    const shape = draw.shape(1, 4)
    return {
      inputs: [floats(shape)],
      fn: (x) => tf.neg(tf.expandDims(tf.reshape(tf.square(x), shape.toReversed()), 0))
    }
  }),
  movement("Transpose", (draw) => {
    const shape = draw.shape(1, 4)
    const order = draw.permutation(shape.length)
    return { inputs: [floats(shape)], fn: (x) => tf.transpose(x, order) }
  }),
  movement("Slice", (draw) => {
    const shape = draw.shape(1, 4)
    const begin = shape.map((n) => draw.int(0, n - 1))
    const size = shape.map((n, axis) => draw.int(1, n - (begin[axis] ?? 0)))
    return { inputs: [floats(shape)], fn: (x) => tf.slice(x, begin, size) }
  }),
  movement("SplitV", (draw) => {
    const shape = draw.shape(1, 3)
    const axis = draw.int(0, shape.length - 1)
    const size = (shape[axis] ?? 1) + 1
    shape[axis] = size
    const first = draw.int(1, size - 1)
    return { inputs: [floats(shape)], fn: (x) => tf.split(x, [first, size - first], axis) }
  }),
  movement("Tile", (draw) => {
    const shape = draw.shape(1, 3).map((n) => Math.min(n, 5))
    const reps = shape.map(() => draw.int(1, 3))
    return { inputs: [floats(shape)], fn: (x) => tf.tile(x, reps) }
  }),
  movement(
    "BroadcastTo",
    (draw) => {
      const shape = draw.shape(1, 3)
      return {
        inputs: [floats(shape.map((n) => (draw.bool() ? 1 : n)))],
        fn: (x) => tf.broadcastTo(x, shape)
      }
    },
    0
  ),
  movement("PadV2", (draw) => {
    const shape = draw.shape(1, 3)
    const paddings = shape.map((): [number, number] => [draw.int(0, 3), draw.int(0, 3)])
    return { inputs: [floats(shape)], fn: (x) => tf.pad(x, paddings, 0.5) }
  }),
  movement(
    "Concat",
    (draw) => {
      const shape = draw.shape(1, 3)
      const axis = draw.int(0, shape.length - 1)
      const other = shape.map((n, i) => (i === axis ? draw.size() : n))
      return { inputs: [floats(shape), floats(other)], fn: (a, b) => tf.concat([a, b, a], axis) }
    },
    2
  ),
  movement(
    "Pack",
    (draw) => {
      const shape = draw.shape(0, 3)
      const axis = draw.int(0, shape.length)
      return { inputs: [floats(shape), floats(shape)], fn: (a, b) => tf.stack([a, b], axis) }
    },
    2
  ),
  movement("Unpack", (draw) => {
    const shape = draw.shape(1, 3).map((n) => Math.max(n, 2))
    const axis = draw.int(0, shape.length - 1)
    return { inputs: [floats(shape)], fn: (x) => tf.unstack(x, axis) }
  }),
  {
    name: "GatherV2",
    tolerance: "sum",
    gradients: 1,
    draw: (draw) => {
      const shape = draw.shape(1, 3)
      const axis = draw.int(0, shape.length - 1)
      return {
        inputs: [floats(shape), ints([draw.size()], shape[axis] ?? 1)],
        fn: (x, indices) => tf.gather(x, tf.cast(indices, "int32"), axis)
      }
    }
  },
  {
    name: "UnsortedSegmentSum",
    tolerance: "sum",
    gradients: 0,
    draw: (draw) => {
      const shape = draw.shape(1, 3)
      const segments = draw.int(1, 5)
      return {
        inputs: [floats(shape), ints([shape[0] ?? 1], segments)],
        fn: (x, ids) => tf.unsortedSegmentSum(x, tf.cast(tf.reshape(ids, [-1]), "int32"), segments)
      }
    }
  },
  movement(
    "OneHot",
    (draw) => {
      const [shape, depth] = [draw.shape(1, 2), draw.int(2, 6)]
      return { inputs: [ints(shape, depth + 1)], fn: (x) => tf.oneHot(x, depth, 0.75, -0.25, "float32") }
    },
    0
  ),
  movement("Fill", (draw) => {
    const shape = draw.shape(0, 3)
    const { fill: full } = tf
    return { inputs: [floats(shape)], fn: (x) => tf.add(x, full(shape, 3)) }
  })
]

/** Programs with tensors that have no elements. */
export const empty: ReadonlyArray<{ readonly name: string; readonly drawn: Drawn }> = [
  {
    name: "elementwise",
    drawn: { inputs: [floats([0, 3]), floats([3])], fn: (a, b) => tf.relu(tf.add(a, b)) }
  },
  {
    name: "product without rows",
    drawn: { inputs: [floats([0, 3]), floats([3, 2])], fn: (a, b) => tf.matMul(a, b) }
  },
  {
    name: "product without columns",
    drawn: { inputs: [floats([2, 3]), floats([3, 0])], fn: (a, b) => tf.matMul(a, b) }
  },
  {
    name: "product of nothing",
    drawn: { inputs: [floats([2, 0]), floats([0, 3])], fn: (a, b) => tf.matMul(a, b) }
  },
  { name: "sum of nothing", drawn: { inputs: [floats([2, 0])], fn: (x) => tf.sum(x, 1) } },
  { name: "sum without rows", drawn: { inputs: [floats([0, 3])], fn: (x) => tf.sum(x, 0) } },
  {
    name: "concat with nothing",
    drawn: { inputs: [floats([0, 3]), floats([2, 3])], fn: (a, b) => tf.concat([a, b]) }
  },
  { name: "transpose", drawn: { inputs: [floats([0, 3])], fn: (x) => tf.transpose(x) } }
]

/** Elementwise kernels on the numbers where functions break. */
export const edges: ReadonlyArray<number> = [
  0,
  1e-45,
  1e-38,
  1e-7,
  0.1,
  0.5,
  1,
  1.5,
  2,
  6,
  7,
  16,
  17,
  20,
  87,
  88.7,
  89,
  103,
  104,
  1e10,
  3e38,
  Number.POSITIVE_INFINITY
].flatMap((x) => [x, -x])

export const edgeKernels: ReadonlyArray<Unary> = [
  tf.neg,
  tf.abs,
  tf.sign,
  tf.square,
  tf.sqrt,
  tf.rsqrt,
  tf.reciprocal,
  tf.exp,
  tf.expm1,
  tf.log,
  tf.log1p,
  tf.tanh,
  tf.sigmoid,
  tf.softplus,
  tf.relu,
  tf.relu6,
  // The oracle computes exp(x) - 1, which is 0 for small x.
  ...[tf.elu, tf.selu].map(
    (f) => (x: tf.Tensor) => f(tf.where(tf.less(tf.abs(x), 1e-6), tf.zerosLike(x), x))
  ),
  (x) => tf.leakyRelu(x, 0.3),
  (x) => tf.step(x, 0.5),
  (x) => tf.clipByValue(x, -1, 1),
  (x) => tf.maximum(x, 1),
  (x) => tf.minimum(1, x),
  (x) => tf.where(tf.less(x, 0), x, tf.zerosLike(x))
]
