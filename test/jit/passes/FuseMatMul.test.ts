import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import { fuseMatMul } from "@ornstein/jit/internal/passes/FuseMatMul"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

const inputs = [Graphs.f32(4, 3), Graphs.f32(3, 2), Graphs.f32(2)]

describe("fuseMatMul", () => {
  it("fuses the bias and the activation", () => {
    const graph = Graphs.of(inputs, (x, w, b) => ({ y: tf.relu(tf.add(tf.matMul(x, w), b)) }))
    const after = deadCode(fuseMatMul(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%3 = _FusedMatMul(%0, %1, %2) {transposeA: false, transposeB: false, activation: relu} : float32[4, 2]",
      "output %3 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("fuses either alone, with the bias on either side", () => {
    for (const fn of [
      (p: tf.Tensor, b: tf.Tensor) => tf.add(b, p),
      (p: tf.Tensor) => tf.tanh(p),
      (p: tf.Tensor) => tf.softplus(p),
      (p: tf.Tensor, b: tf.Tensor) => tf.selu(tf.add(p, b))
    ]) {
      const graph = Graphs.of(inputs, (x, w, b) => ({ y: fn(tf.matMul(x, w), b) }))
      const after = fuseMatMul(graph)
      assert.deepStrictEqual(Graphs.kernels(after), ["_FusedMatMul"])
      Graphs.assertSameBits(graph, after)
    }
  })

  it("keeps what somebody else reads", () => {
    const graph = Graphs.of(inputs, (x, w, b) => {
      const product = tf.matMul(x, w)
      const sum = tf.add(product, b)
      return { product, y: tf.relu(sum), z: tf.exp(sum) }
    })
    assert.deepStrictEqual(Graphs.kernels(fuseMatMul(graph)), ["BatchMatMul", "Add", "Relu", "Exp"])
    const twice = Graphs.of(inputs, (x, w, b) => {
      const product = tf.matMul(x, w)
      return { y: tf.add(tf.relu(product), tf.add(product, b)) }
    })
    assert.deepStrictEqual(Graphs.kernels(fuseMatMul(twice)), ["BatchMatMul", "Relu", "Add", "Add"])
  })

  it("keeps an addition that is not one number for each column", () => {
    const graph = Graphs.of([Graphs.f32(2, 3), Graphs.f32(3, 2), Graphs.f32(2, 1)], (x, w, b) => ({
      y: tf.add(tf.matMul(x, w), b)
    }))
    assert.deepStrictEqual(Graphs.kernels(fuseMatMul(graph)), ["BatchMatMul", "Add"])
  })

  it("waits for a bias that is made after the product", () => {
    const graph = Graphs.of(inputs, (x, w, b) => {
      const product = tf.matMul(x, w)
      return { y: tf.add(product, tf.exp(b)) }
    })
    const after = fuseMatMul(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Exp", "_FusedMatMul"])
    Graphs.assertSameBits(graph, after)
  })
})
