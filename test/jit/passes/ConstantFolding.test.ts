import { constantFolding } from "@ornstein/jit/passes/ConstantFolding"
import { deadCode } from "@ornstein/jit/passes/DeadCode"
import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

const { fill: full } = tf

describe("constantFolding", () => {
  it("computes what depends on constants only", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({
      y: x.mul(full([2], 3).add(tf.scalar(1)).div(2)),
      z: tf.zerosLike(x).concat(tf.onesLike(x))
    }))
    const after = deadCode(constantFolding(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "const  %1 float32[2] = 2, 2",
      "const  %2 float32[4] = 0, 0, 1, 1",
      "%3 = Multiply(%0, %1) : float32[2]",
      "output %3 y",
      "output %2 z"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("leaves functions whose last bit a machine may choose to the engine", () => {
    const graph = Graphs.of([Graphs.f32(1)], (x) => ({ y: x.add(tf.exp(tf.scalar(2))) }))
    assert.deepStrictEqual(Graphs.kernels(constantFolding(graph)), ["Exp", "Add"])
  })
})
