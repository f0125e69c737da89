/** What every trace gives is well formed; what is changed of it is not, or it is another program that runs. */
import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Trace from "@ornstein/jit/Trace"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { simplify } from "@ornstein/jit/Simplify"
import * as WellFormed from "@ornstein/jit/WellFormed"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { cases } from "../Conformance.ts"
import { Draw } from "../Draw.ts"
import * as RandomProgram from "../RandomProgram.ts"

/** Shapes do not tell where an index tensor leads. */
const byIndex = new Set(["GatherV2", "UnsortedSegmentSum"])

const conformance = (name: string, seed: number): Graph.Graph => {
  const found = cases.find((one) => one.name === name) ?? assert.fail(name)
  const { fn, inputs } = found.draw(new Draw(seed))
  return Trace.trace({
    name: "case",
    state: {},
    inputs: inputs.map(({ spec }) => spec),
    fn: (state, xs) => {
      const values = [fn(...xs)].flat()
      const loss = (...ys: ReadonlyArray<tf.Tensor>) =>
        tf.addN([fn(...ys, ...xs.slice(found.gradients))].flat().map((y) => tf.sum(tf.mul(y, 0.5))))
      return [
        state,
        { values, grads: found.gradients === 0 ? [] : tf.grads(loss)(xs.slice(0, found.gradients)) }
      ]
    }
  }).graph
}

const random = (seed: number): Graph.Graph => {
  const { program, state } = RandomProgram.make(seed)
  return Trace.trace({ name: "random", state, inputs: program.inputs, fn: program.fn }).graph
}

describe("a graph as it was traced is well formed", () => {
  it.each(cases.map(({ name }) => name))("%s", (name) => {
    for (let seed = 0; seed < 1; seed++) {
      const graph = conformance(name, seed)
      const found = WellFormed.fault(graph)
      if (graph.nodes.some(({ kernel }) => byIndex.has(kernel))) assert.match(found ?? "", /no constant/)
      else assert.strictEqual(found, undefined, Graph.print(graph))
    }
  })

  it("a random program with its gradients", () => {
    for (let seed = 0; seed < 40; seed++) assert.strictEqual(WellFormed.fault(random(seed)), undefined)
  })

  it("places that constants decide", () => {
    const { graph } = Trace.trace({
      name: "gather",
      state: {},
      inputs: NdArray.spec([3, 2]),
      fn: (state, x: tf.Tensor) => [state, tf.gather(x, tf.tensor1d([2, 0], "int32"))]
    })
    assert.strictEqual(WellFormed.fault(graph), undefined)
    for (const index of [3, -1]) {
      const constants = graph.constants.map((one) => ({ ...one, data: Int32Array.of(index, 0) }))
      assert.match(WellFormed.fault({ ...graph, constants }) ?? "", /an index is not below 3/)
    }
  })
})

const small = (): Graph.Graph =>
  Trace.trace({
    name: "small",
    state: { w: NdArray.zeros([3, 2]) },
    inputs: { x: NdArray.spec([4, 3]) },
    fn: ({ w }, { x }) => [{ w }, { y: tf.tanh(tf.add(tf.matMul(x, w), tf.tensor1d([0.5, -1]))) }]
  }).graph

const withNode = (graph: Graph.Graph, kernel: string, change: Partial<Graph.Node>): Graph.Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.kernel === kernel ? { ...node, ...change } : node))
})

/** A piece `[2, 2]` of an array `[4, 3]`, changed to begin and end elsewhere. */
const piece = (begin: ReadonlyArray<number>, size: ReadonlyArray<number>): Graph.Graph => {
  const { graph } = Trace.trace({
    name: "piece",
    state: {},
    inputs: NdArray.spec([4, 3]),
    fn: (state, x: tf.Tensor) => [state, tf.slice(x, [1, 1], [2, 2])]
  })
  const made = new Set(graph.nodes.flatMap(({ kernel, outputs }) => (kernel === "Slice" ? outputs : [])))
  return {
    ...withNode(graph, "Slice", { attributes: { begin: [...begin], size: [...size] } }),
    values: graph.values.map((value, id) => (made.has(id) ? { ...value, shape: [...size] } : value))
  }
}

describe("what is wrong is said", () => {
  const graph = small()
  const [product] = graph.nodes
  const refused: ReadonlyArray<readonly [name: string, graph: Graph.Graph, reason: RegExp]> = [
    [
      "a value that is read before it is made",
      { ...graph, nodes: graph.nodes.toReversed() },
      /before it is made/
    ],
    [
      "a circle",
      withNode(graph, "BatchMatMul", { inputs: [graph.nodes.at(-1)?.outputs[0] ?? 0, 0] }),
      /before it is made/
    ],
    [
      "a value made twice",
      { ...graph, nodes: [...graph.nodes, ...(product === undefined ? [] : [product])] },
      /is made twice/
    ],
    ["a value that is not there", withNode(graph, "Tanh", { inputs: [99] }), /reads %99 before it is made/],
    [
      "a kernel that is not there",
      withNode(graph, "Tanh", { kernel: "constructor" }),
      /there is no such kernel/
    ],
    [
      "a kernel that engines make",
      withNode(graph, "BatchMatMul", { kernel: "_FusedMatMul" }),
      /as it was traced/
    ],
    [
      "another shape",
      { ...graph, values: graph.values.map(({ dtype }) => ({ dtype, shape: [7, 7] })) },
      /not those of its shape/
    ],
    [
      "an attribute of another kind",
      withNode(graph, "BatchMatMul", { attributes: { transposeA: 1, transposeB: false } }),
      /"transposeA" is not true or false/
    ],
    [
      "an attribute too many",
      withNode(graph, "Tanh", { attributes: { alpha: 1 } }),
      /it has no attribute "alpha"/
    ],
    [
      "an attribute too few",
      withNode(graph, "BatchMatMul", { attributes: {} }),
      /"transposeA" is not true or false/
    ],
    [
      "an input of another name",
      withNode(graph, "Tanh", { inputNames: ["y"] }),
      /its inputs have other names/
    ],
    [
      "an input too few",
      withNode(graph, "Add", { inputs: product?.outputs ?? [], inputNames: ["a"] }),
      /have other names/
    ],
    [
      "an input too many",
      withNode(graph, "Tanh", { inputs: [0, 0], inputNames: ["x", "y"] }),
      /have other names/
    ],
    ["a piece that begins outside", piece([3, 0], [2, 3]), /its piece lies outside/],
    ["a piece that ends outside", piece([0, 1], [4, 3]), /its piece lies outside/],
    [
      "a value that nothing makes",
      { ...graph, values: [...graph.values, NdArray.spec([1])] },
      /a value that nothing makes/
    ],
    [
      "a result that is not there",
      { ...graph, results: [{ role: "output", path: "y", value: 99 }] },
      /the result y is %99/
    ],
    [
      "a size that is none",
      { ...graph, values: graph.values.map((value) => ({ ...value, shape: [0.5] })) },
      /which is no array here/
    ],
    ["a size beyond everything", { ...graph, values: [NdArray.spec([2 ** 40])] }, /which is no array here/]
  ]
  it.each(refused)("%s", (_, wrong, reason) => {
    assert.strictEqual(WellFormed.fault(graph), undefined)
    assert.match(WellFormed.fault(wrong) ?? "nothing", reason)
  })

  it("and not where nothing is: a piece up to the end", () => {
    assert.strictEqual(WellFormed.fault(piece([2, 1], [2, 2])), undefined)
  })

  it("what is too large to be run", () => {
    const of = (most: Partial<WellFormed.Limits>) =>
      WellFormed.fault(graph, { ...WellFormed.limits, ...most })
    assert.match(of({ nodes: 1 }) ?? "", /it has 3 nodes/)
    assert.match(of({ values: 5 }) ?? "", /it has 6 values/)
    assert.match(of({ elements: 43 }) ?? "", /its values have 44 elements/)
    assert.match(of({ work: 23 }) ?? "", /its products take 24 multiplications/)
    assert.strictEqual(of({ nodes: 3, values: 6, elements: 44, work: 24 }), undefined)
  })
})

/** One number, name or truth value of a tree, replaced by another one. */
const mutated = (tree: unknown, draw: Draw): unknown => {
  const places: Array<(next: unknown) => void> = []
  const copy: unknown = structuredClone(tree)
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === "object" && value !== null) visit(value)
      places.push((next) => Reflect.set(node, key, next))
    }
  }
  visit(copy)
  const others = [
    0,
    1,
    2,
    3,
    -1,
    7,
    1e9,
    0.5,
    NaN,
    Infinity,
    true,
    false,
    null,
    undefined,
    "",
    "x",
    "Tanh",
    "Sum",
    [],
    [1],
    {}
  ]
  places[draw.int(0, places.length - 1)]?.(draw.pick<unknown>(0, ...others))
  return copy
}

const isGraph = (u: unknown): u is Graph.Graph =>
  typeof u === "object" &&
  u !== null &&
  ["values", "parameters", "constants", "nodes", "results"].every((name) =>
    Array.isArray(Reflect.get(u, name))
  )

describe("a graph of which one thing was changed", () => {
  it("is refused in words, or runs on every engine", () => {
    const counts = { refused: 0, run: 0 }
    for (let seed = 0; seed < 240; seed++) {
      const draw = new Draw(seed)
      const graph = seed % 8 === 0 ? random(seed) : small()
      const changed = mutated(graph, draw)
      // Whether it has the fields of a graph at all is for whoever reads it to say.
      if (!isGraph(changed)) continue
      let fault: string | undefined
      try {
        fault = WellFormed.fault(changed)
      } catch (error) {
        assert.instanceOf(error, TypeError)
        fault = String(error)
      }
      counts[fault === undefined ? "run" : "refused"] += 1
      if (fault !== undefined) continue
      const state = new Map(
        changed.parameters
          .filter(({ role }) => role === "state")
          .map(({ path, value }) => [
            path,
            { ...Graph.spec(changed, value), data: NdArray.zeros(Graph.spec(changed, value).shape).data }
          ])
      )
      for (const engine of [WasmEngine.make(), TfjsEngine.cpu()]) {
        const linked = engine.link({
          state,
          programs: new Map([["act", simplify(changed, TfjsEngine.cpu())]])
        })
        linked.programs.get("act")?.run()
        linked.dispose()
      }
    }
    assert.isAbove(counts.refused, 80)
    assert.isAbove(counts.run, 8)
  })
})
