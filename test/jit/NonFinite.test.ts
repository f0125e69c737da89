import * as NdArray from "@ornstein/jit/NdArray"
import * as NonFinite from "@ornstein/jit/NonFinite"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

const vector = (...numbers: ReadonlyArray<number>): NdArray.NdArray => ({
  ...NdArray.spec([numbers.length]),
  data: Float32Array.from(numbers)
})

/** The origin of what is not finite in `f` of a state and an input. */
const originOf = (
  f: (w: tf.Tensor, x: tf.Tensor) => tf.Tensor,
  state: NdArray.NdArray,
  input: NdArray.NdArray
) => {
  const { graph } = Trace.trace({
    name: "f",
    state: { w: state },
    inputs: { x: NdArray.spec(input.shape) },
    fn: ({ w }, { x }) => [{ w }, { y: f(w, x) }]
  })
  return NonFinite.origin(graph, new Map([["w", state]]), new Map([["x", input]]))
}

describe("the origin of what is not finite", () => {
  it("is the operation whose result is not finite although what it is given is, with the user's line", () => {
    const origin = originOf((w, x) => tf.mul(tf.add(tf.sqrt(tf.sub(w, x)), 1), 0), vector(1, 1), vector(0, 2))
    assert.strictEqual(origin?.name, "Sqrt")
    assert.match(origin?.site ?? "", /NonFinite\.test\.ts:\d+:/)
  })

  it("is none where all results are finite, whatever is infinite on the way", () => {
    const masked = (w: tf.Tensor, x: tf.Tensor) => tf.where(tf.greater(x, 0), tf.log(x), w)
    assert.isUndefined(originOf(masked, vector(1, 1), vector(0, 2)))
  })

  it("is not the infinity that ends up in no result", () => {
    const both = (w: tf.Tensor, x: tf.Tensor) =>
      tf.div(tf.where(tf.greater(x, 0), tf.log(x), w), tf.sub(w, w))
    assert.strictEqual(originOf(both, vector(1, 1), vector(0, 2))?.name, "RealDiv")
  })

  it("is what was given, where that is not finite", () => {
    assert.deepStrictEqual(originOf(tf.add, vector(1, 1), vector(Number.NaN, 2)), {
      name: "x",
      site: "input"
    })
    assert.deepStrictEqual(originOf(tf.add, vector(Number.POSITIVE_INFINITY, 1), vector(1, 2)), {
      name: "w",
      site: "state"
    })
  })
})
