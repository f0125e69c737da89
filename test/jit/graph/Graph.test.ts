import * as tf from "@tensorflow/tfjs-core"
import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import { fuseElementwise } from "@ornstein/jit/internal/passes/FuseElementwise"
import * as Trace from "@ornstein/jit/Trace"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("Graph", () => {
  it("prints what a person can read", () => {
    const { graph } = Trace.trace({
      name: "f",
      state: { w: NdArray.spec([3, 2]) },
      inputs: { x: NdArray.spec([4, 3]) },
      fn: ({ w }, { x }) => {
        const y = tf.mul(tf.matMul(x, w), [1, 2])
        return [{ w: tf.neg(w) }, { y, mean: tf.clipByValue(tf.mean(y, 0), 0, Number.POSITIVE_INFINITY) }]
      }
    })
    assert.strictEqual(
      Graph.print(graph),
      `
state  %0 w float32[3, 2]
input  %1 x float32[4, 3]
const  %3 float32[2] = 1, 2
%2 = BatchMatMul(%1, %0) {transposeA: false, transposeB: false} : float32[4, 2]
%4 = Multiply(%2, %3) : float32[4, 2]
%5 = Neg(%0) : float32[3, 2]
%6 = Mean(%4) {axis: 0, keepDims: false} : float32[2]
%7 = ClipByValue(%6) {clipValueMin: 0, clipValueMax: Infinity} : float32[2]
next   %5 w
output %4 y
output %7 mean`.slice(1)
    )
  })

  it("prints the steps of a fused loop", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.exp(tf.leakyRelu(x, 0.5)) }))
    assert.deepStrictEqual(Graphs.lines(fuseElementwise(graph)), [
      "%2 = FusedElementwise(%0) : float32[2]",
      "    $0 = LeakyRelu(%0) {alpha: 0.5} : float32",
      "    $1 = Exp($0) : float32 -> %2",
      "output %2 y"
    ])
  })

  it("orders nodes after what they read, and keeps the order otherwise", () => {
    const node = (inputs: ReadonlyArray<number>, output: number): Graph.Node => ({
      kernel: `N${output}`,
      inputs,
      inputNames: [],
      attributes: {},
      outputs: [output],
      site: ""
    })
    const names = (nodes: ReadonlyArray<Graph.Node>) => Graph.inOrder(nodes).map(({ kernel }) => kernel)
    assert.deepStrictEqual(names([node([0], 1), node([0], 2), node([1, 2], 3)]), ["N1", "N2", "N3"])
    assert.deepStrictEqual(names([node([0, 4], 1), node([2], 3), node([1], 2), node([0], 4)]), [
      "N4",
      "N1",
      "N2",
      "N3"
    ])
    const chain = Array.from({ length: 50_000 }, (_, i) => node([i + 1], i))
    assert.strictEqual(names(chain)[0], "N49999")
  })

  it("counts readers and replaces values, through several replacements", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.exp(tf.add(x, x)) }))
    assert.deepStrictEqual(
      [...Graph.uses(graph)],
      [
        [0, 2],
        [1, 1],
        [2, 1]
      ]
    )
    const replaced = Graph.substitute(
      graph,
      new Map([
        [2, 1],
        [1, 0]
      ])
    )
    assert.deepStrictEqual(replaced.results, [{ role: "output", path: "y", value: 0 }])
    assert.throws(() => Graph.spec(graph, 99), RangeError, "%99")
  })
})
