/** Programs of random operations on a state and inputs, many of which a pass looks for, with gradients of a part. */
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as tf from "@tensorflow/tfjs"
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
      (x) => x.relu(),
      (x) => x.tanh(),
      (x) => x.neg(),
      (x) => x.mul(1).div(8),
      (x) => x.add(0).sub(0),
      (x) =>
        x
          .reshape([rows * columns])
          .square()
          .reshape(matrix),
      (x) => x.transpose().transpose(),
      (x) => tf.matMul(x, w).add(row).relu(),
      (x) => tf.matMul(x, w.transpose()).tanh(),
      (x) => tf.fused.matMul({ a: x, b: w, bias: row, activation: "relu" }),
      (x) => x.sub(x.mean()).mul(scalar),
      (x) => x.sub(x.mean(1, true)).div(x.square().mean(1, true).add(1).sqrt()),
      (x) => x.mul(x.sum(0).tanh().add(row)),
      (x) => x.sum(0).reshape([1, columns]).add(x).tanh(),
      (x) => x.sub(x.max(1, true)).exp(),
      (x) => x.leakyRelu(0.1),
      (x) => x.clipByValue(-1, 1).mul(tf.onesLike(x).mul(0.5)),
      (x) => tf.concat([x, any()], 0).slice([0, 0], matrix)
    ]
    const binary: ReadonlyArray<(x: T, y: T) => T> = [tf.add, tf.sub, tf.mul, tf.maximum]
    for (let i = 0; i < steps; i++) {
      const [first = tf.neg, ...others] = unary
      const next = draw.bool()
        ? draw.pick(first, ...others)(any())
        : draw
            .pick(tf.add, ...binary)(any(), any())
            .tanh()
      known.push(next)
    }
    return any().add(known.at(-1) ?? row)
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
          const z = grow(new Draw(seed + 1), [v, v.add(b)], u, b, scalar, 6)
          return tf.addN([z.square().mean(), u.sum().mul(0.01), v.mean(), b.square().mean()]).asScalar()
        }
        const { grads, value } = tf.valueAndGrads(loss)([p, w, row])
        const [dp = p, dw = w, drow = row] = grads
        // The next state is any mixture: swapped, kept, moved along a gradient, or new.
        const next = (): T => draw.pick(p, q, r, p.sub(dp.mul(0.1)), y.tanh(), draw.pick(p, ...known).tanh())
        return [
          { p: next(), q: next(), r: next(), row: row.sub(drow.tanh().mul(0.1)) },
          { y, value, dw, old: draw.pick(p, q, r) }
        ] as const
      }
    })
  }
}
