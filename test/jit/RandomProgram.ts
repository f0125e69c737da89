/** Programs of random operations on a state and inputs, many of which a pass looks for, with gradients of a part. */
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as tf from "@tensorflow/tfjs-core"
import { Draw } from "./Draw.ts"

type T = tf.Tensor

/** The state: three matrices `[rows, columns]` and a row; the inputs: a matrix, a square matrix, a row and a number. */
export const make = (seed: number) => {
  const sizes = new Draw(seed)
  const [rows, columns] = [sizes.size(), sizes.size()]
  const matrix = [rows, columns]

  /** `steps` operations on the matrices of `known`; the last of all. */
  const grow = (draw: Draw, known: Array<T>, w: T, row: T, scalar: T, steps: number): T => {
    const any = (): T => draw.pick(known[0] ?? row, ...known.slice(1))
    const unary: ReadonlyArray<(x: T) => T> = [
      (x) => tf.relu(x),
      (x) => tf.tanh(x),
      (x) => tf.neg(x),
      (x) => tf.div(tf.mul(x, 1), 8),
      (x) => tf.sub(tf.add(x, 0), 0),
      (x) => tf.reshape(tf.square(tf.reshape(x, [rows * columns])), matrix),
      (x) => tf.transpose(tf.transpose(x)),
      (x) => tf.relu(tf.add(tf.matMul(x, w), row)),
      (x) => tf.tanh(tf.matMul(x, tf.transpose(w))),
      (x) => tf.fused.matMul({ a: x, b: w, bias: row, activation: "relu" }),
      (x) => tf.mul(tf.sub(x, tf.mean(x)), scalar),
      (x) => tf.div(tf.sub(x, tf.mean(x, 1, true)), tf.sqrt(tf.add(tf.mean(tf.square(x), 1, true), 1))),
      (x) => tf.mul(x, tf.add(tf.tanh(tf.sum(x, 0)), row)),
      (x) => tf.tanh(tf.add(tf.reshape(tf.sum(x, 0), [1, columns]), x)),
      (x) => tf.exp(tf.sub(x, tf.max(x, 1, true))),
      (x) => tf.leakyRelu(x, 0.1),
      (x) => tf.mul(tf.clipByValue(x, -1, 1), tf.mul(tf.onesLike(x), 0.5)),
      (x) => tf.slice(tf.concat([x, any()], 0), [0, 0], matrix)
    ]
    const binary: ReadonlyArray<(x: T, y: T) => T> = [tf.add, tf.sub, tf.mul, tf.maximum]
    for (let i = 0; i < steps; i++) {
      const [first = tf.neg, ...others] = unary
      const next = draw.bool()
        ? draw.pick(first, ...others)(any())
        : tf.tanh(draw.pick(tf.add, ...binary)(any(), any()))
      known.push(next)
    }
    return tf.add(any(), known.at(-1) ?? row)
  }

  return {
    state: {
      p: NdArray.zeros(matrix),
      q: NdArray.zeros(matrix),
      r: NdArray.zeros(matrix),
      row: NdArray.zeros([columns])
    },
    program: Program.define({
      inputs: {
        x: NdArray.spec(matrix),
        w: NdArray.spec([columns, columns]),
        bias: NdArray.spec([columns]),
        scalar: NdArray.spec([])
      },
      fn: (
        { p, q, r, row }: { readonly p: T; readonly q: T; readonly r: T; readonly row: T },
        { bias, scalar, w, x }
      ) => {
        const draw = new Draw(seed)
        const known: Array<T> = [p, q, r, x]
        const y = grow(draw, known, w, bias, scalar, 8)
        const loss = (v: T, u: T, b: T) => {
          const z = grow(new Draw(seed + 1), [v, tf.add(v, b)], u, b, scalar, 6)
          return tf.reshape(
            tf.addN([tf.mean(tf.square(z)), tf.mul(tf.sum(u), 0.01), tf.mean(v), tf.mean(tf.square(b))]),
            []
          )
        }
        const { grads, value } = tf.valueAndGrads(loss)([p, w, row])
        const [dp = p, dw = w, drow = row] = grads
        // The next state is any mixture: swapped, kept, moved along a gradient, or new.
        const next = (): T =>
          draw.pick(p, q, r, tf.sub(p, tf.mul(dp, 0.1)), tf.tanh(y), tf.tanh(draw.pick(p, ...known)))
        return [
          { p: next(), q: next(), r: next(), row: tf.sub(row, tf.mul(tf.tanh(drow), 0.1)) },
          { y, value, dw, old: draw.pick(p, q, r) }
        ] as const
      }
    })
  }
}
