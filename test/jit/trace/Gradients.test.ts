import { assert, describe, it } from "@effect/vitest"
import { NdArray, Program, TfjsEngine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"

/** The gradient of a function at x, as a program finds it. */
const gradient = (f: (x: tf.Tensor) => tf.Tensor, shape: ReadonlyArray<number>, x: ReadonlyArray<number>) => {
  const { programs } = Program.compile(TfjsEngine.cpu(), {
    state: {},
    programs: {
      run: { inputs: { x: NdArray.spec([...shape]) }, fn: (_state, { x }) => [{}, { dx: tf.grad(f)(x) }] }
    }
  })
  programs.run.inputs.x.data.set(x)
  programs.run.run()
  return Array.from(programs.run.outputs.dx.data)
}

describe("the rules of differentiation", () => {
  it("are registered by tracing", () =>
    assert.deepStrictEqual(
      gradient((x) => tf.sum(tf.square(x)), [2], [3, -4]),
      [6, -8]
    ))

  it("of a product of elements", () =>
    assert.deepStrictEqual(
      gradient((x) => tf.sum(tf.prod(x, 1)), [2, 2], [2, 3, 4, 5]),
      [3, 2, 5, 4]
    ))

  it("of a gather with batch dimensions", () => {
    const weighted = (x: tf.Tensor) => {
      const indices = tf.tensor2d([1, 1, 0, 1], [2, 2], "int32")
      return tf.sum(tf.mul(tf.gather(x, indices, 1, 1), tf.tensor2d([1, 10, 100, 1000], [2, 2])))
    }
    assert.deepStrictEqual(gradient(weighted, [2, 2], [1, 2, 3, 4]), [0, 11, 100, 1000])
  })
})
