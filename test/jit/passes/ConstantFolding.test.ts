import { constantFolding, materializeFills } from "@ornstein/jit/internal/passes/ConstantFolding"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

const { fill: full } = tf

describe("constantFolding", () => {
  it("computes what depends on constants only", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({
      y: tf.mul(x, tf.div(tf.add(tf.tensor1d([3, 5]), tf.scalar(1)), 2))
    }))
    const after = deadCode(constantFolding(TfjsEngine.cpu(), graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "const  %1 float32[2] = 2, 3",
      "%2 = Multiply(%0, %1) : float32[2]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("computes one number for a tensor full of it", () => {
    const graph = Graphs.of([Graphs.f32(9000, 9000)], (x) => ({
      y: tf.add(
        x,
        tf.transpose(tf.div(tf.add(full([9000, 9000], 3), tf.scalar(1)), tf.mul(tf.onesLike(x), 2)))
      )
    }))
    const after = deadCode(constantFolding(TfjsEngine.cpu(), graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%1 = Fill() {shape: [9000, 9000], value: 2, dtype: float32} : float32[9000, 9000]",
      "%2 = Add(%0, %1) : float32[9000, 9000]",
      "output %2 y"
    ])
  })

  it("keeps the sign of a zero, infinities and NaN", () => {
    const graph = Graphs.of([Graphs.f32(2, 2)], (x) => ({
      a: tf.add(tf.neg(full([2], -0)), x),
      b: tf.add(full([2], -0), x),
      c: tf.add(full([2], Number.NEGATIVE_INFINITY), x),
      d: tf.add(full([2], Number.NaN), x)
    }))
    Graphs.assertSameBits(graph, constantFolding(TfjsEngine.cpu(), graph))
  })

  it("needs only the shape of what zerosLike and onesLike get", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.zerosLike(tf.exp(x)) }))
    const after = deadCode(constantFolding(TfjsEngine.cpu(), graph))
    assert.deepStrictEqual(Graphs.kernels(after), ["Fill"])
    Graphs.assertSameBits(graph, after)
  })

  it("leaves functions whose last bit a machine may choose to the engine", () => {
    const graph = Graphs.of([Graphs.f32(1)], (x) => ({ y: tf.add(x, tf.exp(tf.scalar(2))) }))
    assert.deepStrictEqual(Graphs.kernels(constantFolding(TfjsEngine.cpu(), graph)), ["Exp", "Add"])
  })
})

describe("materializeFills", () => {
  it("makes a constant of a fill", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.concat([x, full([3], 7)]) }))
    const after = deadCode(materializeFills(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "const  %1 float32[3] = 7, 7, 7",
      "%2 = Concat(%0, %1) {axis: 0} : float32[5]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })
})
