/** A number that is an input gives the bits of the number written into the program, and writing it compiles nothing. */
import type * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { Draw } from "./Draw.ts"
import * as Graphs from "./Graphs.ts"
import * as RandomProgram from "./RandomProgram.ts"

/** The constants of one element become inputs `scalar.0`, `scalar.1`, ... */
const lift = (graph: Graph.Graph) => {
  const scalars = graph.constants.filter(({ data }) => data.length === 1 && data instanceof Float32Array)
  return {
    numbers: scalars.map(({ data }) => data[0] ?? Number.NaN),
    graph: {
      ...graph,
      constants: graph.constants.filter((constant) => !scalars.includes(constant)),
      parameters: [
        ...graph.parameters,
        ...scalars.map(({ value }, i): Graph.Parameter => ({ role: "input", path: `scalar.${i}`, value }))
      ]
    }
  }
}

describe("a number that is an input", () => {
  it("gives the bits of a constant: random programs with gradients, over three calls", () => {
    let count = 0
    for (let seed = 0; seed < 10; seed++) {
      const { program, state } = RandomProgram.make(3000 + seed)
      const compiled = Program.compile(WasmEngine.make(), { state, programs: { program } })
      const { graph, numbers } = lift(compiled.programs.program.traced)
      count += numbers.length
      const linked = WasmEngine.make({ threads: 2, shareAbove: 0 }).link({
        state: new Map(Object.entries(state)),
        programs: new Map([["program", Graphs.simplify(graph)]])
      })
      const lifted = linked.programs.get("program") ?? assert.fail("no program")
      numbers.forEach((x, i) => lifted.inputs.get(`scalar.${i}`)?.data.fill(x))
      const draw = new Draw(seed)
      for (const [path, { data }] of Object.entries(compiled.state)) {
        data.forEach((_, i) => (data[i] = 2 * draw.unit() - 1))
        linked.state.get(path)?.data.set(data)
      }
      for (let call = 0; call < 3; call++) {
        for (const [path, { data }] of Object.entries(compiled.programs.program.inputs)) {
          data.forEach((_, i) => (data[i] = 2 * draw.unit() - 1))
          lifted.inputs.get(path)?.data.set(data)
        }
        compiled.programs.program.run()
        lifted.run()
        const found = [...linked.state, ...lifted.outputs]
        const expected = new Map(Object.entries({ ...compiled.state, ...compiled.programs.program.outputs }))
        for (const [path, { data }] of found) {
          const other = expected.get(path) ?? assert.fail(path)
          assert.isTrue(NdArray.sameBits(data, other.data), `program ${seed}, call ${call}: ${path}`)
        }
      }
      compiled.dispose()
      linked.dispose()
    }
    assert.isAbove(count, 100)
  })

  it("does so where a pass removes or changes the constant", () => {
    const x = [1e-45, 1e-39, 0.1, 3, 1e30, Number.POSITIVE_INFINITY, 0].flatMap((n) => [n, -n])
    const kernels: ReadonlyArray<readonly [f: typeof tf.mul, numbers: ReadonlyArray<number>]> = [
      [tf.mul, [1, 0, -0, 0.5, 3]],
      [tf.div, [1, 8, 2 ** -10, 2 ** 100, 2 ** -126, 2 ** 127, 3]],
      [tf.sub, [0, -0]],
      [tf.add, [0, -0]],
      [tf.pow, [1]]
    ]
    for (const [f, numbers] of kernels) {
      for (const n of numbers) {
        const { programs } = Program.compile(WasmEngine.make(), {
          state: {},
          programs: {
            constant: {
              inputs: { x: NdArray.spec([x.length]) },
              fn: (state: {}, { x }) => [state, { y: f(x, n), z: tf.neg(f(tf.neg(x), n)) }]
            },
            input: {
              inputs: { x: NdArray.spec([x.length]), n: NdArray.spec([]) },
              fn: (state: {}, { n, x }) => [state, { y: f(x, n), z: tf.neg(f(tf.neg(x), n)) }]
            }
          }
        })
        programs.constant.inputs.x.data.set(x)
        programs.input.inputs.x.data.set(x)
        programs.input.inputs.n.data.fill(n)
        programs.constant.run()
        programs.input.run()
        const { y, z } = programs.constant.outputs
        assert.isTrue(NdArray.sameBits(programs.input.outputs.y.data, y.data), `${f.name} ${n}`)
        assert.isTrue(NdArray.sameBits(programs.input.outputs.z.data, z.data), `${f.name} ${n}`)
      }
    }
  })

  it("gives them where the whole kernel could be computed before", () => {
    const draw = new Draw(3)
    const numbers = Array.from({ length: 64 }, () => 6 * draw.unit() - 3)
    const others = Array.from({ length: 64 }, () => 6 * draw.unit() - 3)
    type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor
    type Unary = (a: tf.Tensor) => tf.Tensor
    const unary: ReadonlyArray<Unary> = [
      tf.elu,
      tf.selu,
      tf.exp,
      tf.relu,
      tf.relu6,
      tf.square,
      tf.neg,
      tf.sign,
      tf.abs,
      tf.tanh,
      tf.sigmoid,
      tf.reciprocal,
      tf.softplus,
      tf.expm1,
      (a) => tf.sum(a),
      (a) => tf.mean(a),
      (a) => tf.max(a),
      (a) => tf.prod(a),
      (a) => tf.sqrt(tf.abs(a)),
      (a) => tf.rsqrt(tf.abs(a)),
      (a) => tf.log(tf.abs(a)),
      (a) => tf.log1p(tf.abs(a)),
      (a) => tf.leakyRelu(a, 0.1),
      (a) => tf.step(a, 0.3),
      (a) => tf.clipByValue(a, -0.1, 0.7),
      (a) => tf.grad((x: tf.Tensor) => tf.sum(tf.elu(x)))(tf.add(a, 0)),
      (a) => tf.cast(tf.cast(a, "int32"), "float32")
    ]
    const kernels: ReadonlyArray<Binary> = [
      tf.add,
      tf.sub,
      tf.mul,
      tf.div,
      tf.floorDiv,
      tf.maximum,
      tf.minimum,
      tf.squaredDifference,
      (a, b) => tf.pow(tf.abs(a), b),
      (a, b) => tf.cast(tf.less(a, b), "float32"),
      ...unary.map(
        (f): Binary =>
          (a) =>
            f(a)
      )
    ]
    const { dispose, programs } = Program.compile(WasmEngine.make(), {
      state: {},
      programs: {
        constant: {
          inputs: { one: NdArray.spec([]) },
          fn: (state: {}, { one }) => [
            state,
            kernels.map((f) => tf.mul(one, f(tf.tensor1d(numbers), tf.tensor1d(others))))
          ]
        },
        input: {
          inputs: { one: NdArray.spec([]), a: NdArray.spec([64]), b: NdArray.spec([64]) },
          fn: (state: {}, { a, b, one }) => [state, kernels.map((f) => tf.mul(one, f(a, b)))]
        }
      }
    })
    for (const { inputs } of [programs.constant, programs.input]) inputs.one.data.fill(1)
    programs.input.inputs.a.data.set(numbers)
    programs.input.inputs.b.data.set(others)
    programs.constant.run()
    programs.input.run()
    programs.constant.outputs.forEach(({ data }, i) => {
      assert.isTrue(NdArray.sameBits(data, programs.input.outputs[i]!.data), String(kernels[i]))
    })
    dispose()
  })

  it("may be another at every call", () => {
    const { programs, state } = Program.compile(WasmEngine.make(), {
      state: { w: NdArray.make([2], [1, 2]) },
      programs: {
        step: {
          inputs: { rate: NdArray.spec([]), g: NdArray.spec([2]) },
          fn: ({ w }: { readonly w: tf.Tensor }, { g, rate }) => [{ w: tf.sub(w, tf.mul(g, rate)) }, {}]
        }
      }
    })
    programs.step.inputs.g.data.set([4, 8])
    for (const rate of [0.5, 0.25, 0]) {
      programs.step.inputs.rate.data[0] = rate
      programs.step.run()
    }
    assert.deepStrictEqual([...state.w.data], [-2, -4])
  })
})
