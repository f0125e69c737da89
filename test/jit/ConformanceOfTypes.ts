/**
 * What every engine must compute besides floats: each kernel for each other element type that it takes, scans with each
 * of their attributes, and what is found by indices. `Conformance.ts` has the kernels of floats and their gradients.
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import { bools, type Case, floats, type Input, ints, movement, signed } from "./Conformance.ts"
import type { Draw } from "./Draw.ts"

// models

type Tensors = tf.Tensor | ReadonlyArray<tf.Tensor>

// constructors

/** Inputs of a type, with numbers that all differ from what fills a gap. */
const inputs: { readonly [dtype in NdArray.DType]: (shape: ReadonlyArray<number>) => Input } = {
  float32: floats,
  int32: signed,
  bool: bools
}

const dtypes: ReadonlyArray<NdArray.DType> = ["float32", "int32", "bool"]
const others: ReadonlyArray<"int32" | "bool"> = ["int32", "bool"]

/** Whole numbers around the places from 0 to `size`, some of them outside. */
const around = (shape: ReadonlyArray<number>, size: number): Input => ({
  spec: NdArray.spec(shape, "int32"),
  low: -2,
  high: size + 1
})

/** A list of indices, which TensorFlow.js wants of one axis. */
const list = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1])

/** Moves numbers of every type but floats. `f` draws what is done to a tensor of a shape. */
const moves = (
  name: string,
  lowestRank: number,
  f: (
    draw: Draw,
    shape: Array<number>,
    dtype: "int32" | "bool"
  ) => (...xs: ReadonlyArray<tf.Tensor>) => Tensors,
  count = 1
): ReadonlyArray<Case> =>
  others.map((dtype) =>
    movement(
      `${name} of ${dtype}`,
      (draw) => {
        const shape = draw.shape(lowestRank, 3).map((n) => Math.min(n, 9))
        return {
          inputs: Array.from({ length: count }, () => inputs[dtype](shape)),
          fn: f(draw, shape, dtype)
        }
      },
      0
    )
  )

const reduces = (
  name: string,
  dtype: "int32" | "bool",
  f: (x: tf.Tensor, axes: Array<number>, keepDims: boolean) => tf.Tensor,
  tolerance: Case["tolerance"] = "exact"
): Case => ({
  name: `${name} of ${dtype}`,
  tolerance,
  gradients: 0,
  draw: (draw) => {
    const shape = draw.shape(1, 4)
    const [axes, keepDims] = [draw.axes(shape.length), draw.bool()]
    return { inputs: [inputs[dtype](shape)], fn: (x) => f(x, axes, keepDims) }
  }
})

const wholes = (name: string, f: (x: tf.Tensor) => tf.Tensor, dtype: "int32" | "bool" = "int32"): Case =>
  movement(`${name} of ${dtype}`, (draw) => ({ inputs: [inputs[dtype](draw.shape(0, 3))], fn: f }), 0)

/** A row for each index, along any axis, of indices of any rank; `batched`, each batch has its own. */
const gathers = (dtype: NdArray.DType, batched: boolean): Case =>
  movement(
    `GatherV2 of ${dtype}${batched ? ", batch by batch" : ""}`,
    (draw) => {
      const shape = draw.shape(2, 3).map((n) => Math.max(n, 2))
      const batchDims = batched ? draw.int(1, shape.length - 1) : 0
      const axis = draw.int(batchDims, shape.length - 1)
      const places = [...shape.slice(0, batchDims), ...draw.shape(1, 2).map((n) => Math.min(n, 5))]
      return {
        inputs: [inputs[dtype](shape), ints(places, shape[axis] ?? 1)],
        fn: (x, indices) => tf.gather(x, tf.cast(indices, "int32"), axis, batchDims)
      }
    },
    0
  )

/** Every kernel for every other type. */
export const cases: ReadonlyArray<Case> = [
  // elementwise
  wholes("Neg", tf.neg),
  wholes("Abs", tf.abs),
  wholes("Square", tf.square),
  wholes("Relu", tf.relu),
  ...others.flatMap((dtype) => [
    wholes("ZerosLike", (x) => tf.zerosLike(x), dtype),
    wholes("OnesLike", (x) => tf.onesLike(x), dtype)
  ]),
  wholes("Cast to truth values", (x) => tf.cast(x, "bool")),
  wholes("Cast to whole numbers", (x) => tf.cast(x, "int32"), "bool"),
  wholes("FloorDiv", (x) => tf.floorDiv(tf.square(x), tf.add(tf.abs(x), tf.onesLike(x)))),
  wholes("AddN", (x) => tf.addN([x, tf.square(x), tf.neg(x)])),
  ...[tf.equal, tf.notEqual, tf.mul].map((f) =>
    movement(
      `${f.name} of bool`,
      (draw) => {
        const shape = draw.shape(0, 3)
        return { inputs: [bools(shape), bools(draw.narrower(shape))], fn: (a, b) => f(a, b) }
      },
      0
    )
  ),
  ...others.map((dtype) =>
    movement(
      `Select of ${dtype}`,
      (draw) => {
        const shape = draw.shape(1, 3)
        return {
          inputs: [inputs[dtype](shape), inputs[dtype](shape), bools(shape)],
          fn: (a, b, condition) => tf.where(condition, a, b)
        }
      },
      0
    )
  ),
  // reductions
  reduces("Sum", "int32", (x, axes, keepDims) => tf.sum(x, axes, keepDims)),
  reduces("Sum", "bool", (x, axes, keepDims) => tf.sum(x, axes, keepDims)),
  reduces("Mean", "int32", (x, axes, keepDims) => tf.mean(x, axes, keepDims), "sum"),
  reduces("Mean", "bool", (x, axes, keepDims) => tf.mean(x, axes, keepDims), "sum"),
  reduces("Max", "int32", (x, axes, keepDims) => tf.max(x, axes, keepDims)),
  reduces("Min", "int32", (x, axes, keepDims) => tf.min(x, axes, keepDims)),
  reduces("Prod", "bool", (x, axes, keepDims) => tf.prod(x, axes, keepDims)),
  movement(
    "Prod of int32",
    (draw) => {
      // Products that 32 bits hold: two numbers, and more that are 1 or -1.
      const [shape, keepDims] = [draw.shape(1, 3), draw.bool()]
      return {
        inputs: [ints(shape, 2)],
        fn: (x) => {
          const signs = tf.sub(tf.mul(x, tf.scalar(2, "int32")), tf.onesLike(x))
          return tf.prod(signs, shape.length - 1, keepDims)
        }
      }
    },
    0
  ),
  ...[tf.argMax, tf.argMin].map((f) =>
    movement(
      `${f.name} of int32`,
      (draw) => {
        const shape = draw.shape(1, 3)
        const axis = draw.int(0, shape.length - 1)
        return { inputs: [signed(shape)], fn: (x) => f(x, axis) }
      },
      0
    )
  ),
  // scans, with every attribute, along every axis
  ...(["cumsum", "cumprod"] as const).flatMap((name) =>
    [false, true].flatMap((exclusive) =>
      [false, true].flatMap((reverse) =>
        (["float32", "int32"] as const).map((dtype): Case => {
          const attributes = `${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`
          return {
            name: `${name} of ${dtype}${attributes}`,
            tolerance: dtype === "int32" ? "exact" : "sum",
            gradients: 0,
            draw: (draw) => {
              const shape = draw.shape(1, 3).map((n) => Math.min(n, 5))
              const axis = draw.int(0, shape.length - 1)
              return { inputs: [inputs[dtype](shape)], fn: (x) => tf[name](x, axis, exclusive, reverse) }
            }
          }
        })
      )
    )
  ),
  // movement
  ...moves(
    "Reshape",
    1,
    (_, shape) =>
      (x = tf.scalar(0)) =>
        tf.expandDims(tf.reshape(x, shape.toReversed()), 0)
  ),
  ...moves("Transpose", 1, (draw, shape) => {
    const order = draw.permutation(shape.length)
    return (x = tf.scalar(0)) => tf.transpose(x, order)
  }),
  ...moves("Slice", 1, (draw, shape) => {
    const begin = shape.map((n) => draw.int(0, n - 1))
    const size = shape.map((n, axis) => draw.int(1, n - (begin[axis] ?? 0)))
    return (x = tf.scalar(0)) => tf.slice(x, begin, size)
  }),
  ...moves("SplitV", 1, (draw, shape) => {
    const axis = draw.int(0, shape.length - 1)
    const size = (shape[axis] ?? 1) + 1
    shape[axis] = size
    const first = draw.int(1, size - 1)
    return (x = tf.scalar(0)) => tf.split(x, [first, size - first], axis)
  }),
  ...moves("Tile", 1, (draw, shape) => {
    const reps = shape.map(() => draw.int(1, 3))
    return (x = tf.scalar(0)) => tf.tile(x, reps)
  }),
  ...moves("PadV2", 1, (draw, shape, dtype) => {
    const paddings = shape.map((): [number, number] => [draw.int(0, 3), draw.int(0, 3)])
    return (x = tf.scalar(0)) => tf.pad(x, paddings, dtype === "bool" ? 1 : -11)
  }),
  ...moves(
    "Concat",
    1,
    (draw, shape) => {
      const axis = draw.int(0, shape.length - 1)
      return (...xs) => tf.concat([...xs, ...xs], axis)
    },
    2
  ),
  ...moves(
    "Pack",
    0,
    (draw, shape) => {
      const axis = draw.int(0, shape.length)
      return (...xs) => tf.stack([...xs], axis)
    },
    2
  ),
  ...moves("Unpack", 1, (draw, shape) => {
    const axis = draw.int(0, shape.length - 1)
    return (x = tf.scalar(0)) => tf.unstack(x, axis)
  }),
  ...moves("Fill", 0, (_, shape, dtype) => {
    const { fill: full } = tf
    return (x = tf.scalar(0)) => tf.stack([full(shape, dtype === "bool" ? 1 : -7, dtype), x])
  }),
  // what is found by indices
  ...dtypes.flatMap((dtype) => [gathers(dtype, false), gathers(dtype, true)]),
  ...dtypes.map((dtype) =>
    movement(
      `OneHot of ${dtype}`,
      (draw) => {
        const [shape, depth] = [draw.shape(1, 2), draw.int(2, 6)]
        const [on, off] = dtype === "bool" ? draw.pick([1, 0], [0, 1]) : [7, -3]
        return { inputs: [around(shape, depth)], fn: (x) => tf.oneHot(x, depth, on, off, dtype) }
      },
      0
    )
  )
]

/** Places outside: what stands there is left out of a sum. */
export const outside: Case = {
  name: "UnsortedSegmentSum",
  tolerance: "sum",
  gradients: 0,
  draw: (draw) => {
    const shape = draw.shape(1, 3)
    const segments = draw.int(1, 5)
    return {
      inputs: [floats(shape), around([shape[0] ?? 1], segments)],
      fn: (x, ids) => tf.unsortedSegmentSum(x, list(ids), segments)
    }
  }
}
