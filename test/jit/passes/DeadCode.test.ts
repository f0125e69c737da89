import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("deadCode", () => {
  it("keeps what a result depends on, and numbers it anew", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => {
      tf.mul(tf.exp(x), 3)
      return { y: tf.add(x, 2) }
    })
    assert.deepStrictEqual(Graphs.kernels(graph), ["Exp", "Multiply", "Add"])
    const after = deadCode(graph)
    assert.deepStrictEqual(Graph.print(after).split("\n"), [
      "input  %0 0 float32[2]",
      "const  %1 float32[] = 2",
      "%2 = Add(%0, %1) : float32[2]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps inputs that nobody reads: the caller may still write them", () => {
    const after = deadCode(Graphs.of([Graphs.f32(2), Graphs.f32(3)], (x) => ({ x })))
    assert.deepStrictEqual(Graph.print(after).split("\n"), [
      "input  %0 0 float32[2]",
      "input  %1 1 float32[3]",
      "output %0 x"
    ])
  })

  it("keeps a node of which one result is read", () => {
    const after = deadCode(Graphs.of([Graphs.f32(4)], (x) => ({ y: tf.split(x, 2)[1] ?? x })))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%1, %2 = SplitV(%0) {numOrSizeSplits: 2, axis: 0} : float32[2], float32[2]",
      "output %2 y"
    ])
  })

  it("drops the critic's weight gradients from an actor step", () => {
    // The actor a = s W; the critic q = relu(a U) V. Gradients of mean(q) for all three; the actor's is returned.
    const { graph } = Trace.trace({
      name: "actor step",
      state: { w: NdArray.spec([3, 2]), u: NdArray.spec([2, 5]), v: NdArray.spec([5, 1]) },
      inputs: NdArray.spec([4, 3]),
      fn: ({ u, v, w }, s) => {
        const q = (w: tf.Tensor, u: tf.Tensor, v: tf.Tensor) =>
          tf.mean(tf.matMul(tf.relu(tf.matMul(tf.matMul(s, w), u)), v))
        const [dw, ...critic] = tf.grads(q)([w, u, v])
        assert.strictEqual(critic.length, 2)
        return [{ u, v, w: tf.add(w, dw ?? w) }, {}]
      }
    })
    const products = (g: Graph.Graph) =>
      g.nodes
        .filter(({ kernel }) => kernel.endsWith("MatMul"))
        .map(({ outputs }) => Graph.spec(g, outputs[0] ?? -1).shape)
    // Forward; then dV, the gradient of the hidden layer, dU, the action's gradient, and dW.
    assert.sameDeepMembers(
      [...products(graph)],
      [
        [4, 2],
        [4, 5],
        [4, 1],
        [5, 1],
        [4, 5],
        [2, 5],
        [4, 2],
        [3, 2]
      ]
    )
    assert.deepStrictEqual(products(Graphs.simplify(graph)), [
      [4, 2],
      [4, 5],
      [4, 5],
      [4, 2],
      [3, 2]
    ])
  })
})
