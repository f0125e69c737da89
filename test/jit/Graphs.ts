/** Small graphs for tests: traced from a function, printed, and run on the oracle. */
import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Simplify from "@ornstein/jit/Simplify"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Trace from "@ornstein/jit/Trace"
import type * as tf from "@tensorflow/tfjs-core"
import { assert } from "vitest"

export const f32 = (...shape: ReadonlyArray<number>): NdArray.Spec => NdArray.spec(shape)

/** The graph of a function without state, as it was recorded. */
export const of = (
  inputs: ReadonlyArray<NdArray.Spec>,
  fn: (...inputs: ReadonlyArray<tf.Tensor>) => Record<string, tf.Tensor>
): Graph.Graph =>
  Trace.trace({ name: "test", state: {}, inputs, fn: (state, xs) => [state, fn(...xs)] }).graph

/** The graph that an engine runs. */
export const simplify = (graph: Graph.Graph): Graph.Graph => Simplify.simplify(graph, TfjsEngine.cpu())

/** What `Graph.print` shows without the parameters. */
export const lines = (graph: Graph.Graph): ReadonlyArray<string> =>
  Graph.print(graph)
    .split("\n")
    .filter((line) => !/^(state|input) /.test(line))

export const kernels = (graph: Graph.Graph): ReadonlyArray<string> => graph.nodes.map(({ kernel }) => kernel)

const specials = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-45,
  -3e38,
  6.5
]

/** Numbers for the `i`-th parameter: specials at first, then a sequence without a pattern. */
export const fill = (data: NdArray.Data, seed: number, withSpecials: boolean): void => {
  let x = seed * 7919 + 17
  data.forEach((_, i) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    const special = specials[(i + seed) % specials.length] ?? 0
    const plain = data instanceof Float32Array ? (x / 2 ** 32 - 0.5) * 4 : x % 2
    data[i] = withSpecials && data instanceof Float32Array && x % 3 === 0 ? special : plain
  })
}

/** The outputs of `graph` on the oracle. */
export const run = (graph: Graph.Graph, withSpecials = false): ReadonlyMap<string, NdArray.NdArray> => {
  const state = new Map(
    graph.parameters
      .filter(({ role }) => role === "state")
      .map(({ path, value }, i) => {
        const { dtype, shape } = Graph.spec(graph, value)
        const array = NdArray.zeros(shape, dtype)
        fill(array.data, i + 100, false)
        return [path, array] as const
      })
  )
  const linked = TfjsEngine.cpu().link({ state, programs: new Map([["test", graph]]) })
  const program = linked.programs.get("test") ?? assert.fail("no program")
  let seed = 0
  for (const { data } of program.inputs.values()) fill(data, seed++, withSpecials)
  program.run()
  return new Map([...program.outputs, ...linked.state])
}

const bits = ({ data }: NdArray.NdArray): ReadonlyArray<number> =>
  Array.from(data, (x) =>
    Number.isNaN(x) ? Number.NaN : (new Uint32Array(Float32Array.of(x).buffer)[0] ?? 0)
  )

/** Refuses a pass that changes a bit of any output, NaN's payload excepted. */
export const assertSameBits = (before: Graph.Graph, after: Graph.Graph): void => {
  for (const withSpecials of [false, true]) {
    const [expected, actual] = [run(before, withSpecials), run(after, withSpecials)]
    assert.deepStrictEqual([...actual.keys()], [...expected.keys()])
    for (const [path, array] of expected) {
      assert.deepStrictEqual(bits(actual.get(path) ?? assert.fail(path)), bits(array), path)
    }
  }
}
