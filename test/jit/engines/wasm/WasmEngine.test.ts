import { EngineError } from "@ornstein/jit/Engine"
import type * as Graph from "@ornstein/jit/Graph"
import * as Kernels from "@ornstein/jit/Kernels"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as Tree from "@ornstein/jit/Tree"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { machine } from "@ornstein/jit/internal/engines/wasm/Machine"
import * as Lower from "@ornstein/jit/internal/plan/Lower"
import * as ProgramPlan from "@ornstein/jit/internal/plan/ProgramPlan"
import * as tf from "@tensorflow/tfjs-core"
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "vitest"
import * as DdpgUpdate from "../../DdpgUpdate.ts"
import * as Everything from "../../Everything.ts"

const sizes: DdpgUpdate.Sizes = { batch: 64, hidden: [64, 64], observation: 3, action: 1 }

/** The state's hash after so many updates on drawn minibatches. */
const trained = (options: WasmEngine.Options, updates: number, of: DdpgUpdate.Sizes = sizes): string =>
  DdpgUpdate.trained(WasmEngine.make(options), updates, of)

/** A call of one program on a state of vectors `a`, `b`, `c`. */
const stepped = (
  fn: (state: Record<"a" | "b" | "c", tf.Tensor>) => Record<"a" | "b" | "c", tf.Tensor>,
  calls = 1
) => {
  const vector = (from: number) =>
    NdArray.make(
      [5],
      [0, 1, 2, 3, 4].map((i) => from + i)
    )
  const compiled = Program.compile(WasmEngine.make(), {
    state: { a: vector(0), b: vector(10), c: vector(20) },
    programs: { step: { inputs: {}, fn: (state) => [fn(state), { a: fn(state).a }] } },
    check: true
  })
  for (let call = 0; call < calls; call++) compiled.programs.step.run()
  return Tree.map(compiled.state, NdArray.isNdArray, ({ data }) => data[0])
}

describe("relu", () => {
  it("of -0 is 0, as TensorFlow.js has it", () => {
    const compiled = Program.compile(WasmEngine.make(), {
      state: {},
      programs: { program: { inputs: { x: NdArray.spec([5]) }, fn: (_, { x }) => [{}, { y: tf.relu(x) }] } }
    })
    const { inputs, outputs, run } = compiled.programs.program
    inputs.x.data.set([-0, 0, -1, 1, -0])
    run()
    assert.deepStrictEqual([...outputs.y.data], [0, 0, 0, 1, 0])
    compiled.dispose()
  })
})

describe("the state", () => {
  it("is read as it was before the call, however it moves around", () => {
    assert.deepStrictEqual(
      stepped(({ a, b, c }) => ({ a: b, b: c, c: a })),
      { a: 10, b: 20, c: 0 }
    )
    assert.deepStrictEqual(
      stepped(({ a, b }) => ({ a: b, b: a, c: tf.add(a, b) })),
      { a: 10, b: 0, c: 10 }
    )
    assert.deepStrictEqual(
      stepped(({ b }) => ({ a: b, b: b, c: b })),
      { a: 10, b: 10, c: 10 }
    )
    assert.deepStrictEqual(
      stepped(({ a, b, c }) => ({ a: tf.add(a, 1), b: tf.add(b, tf.add(a, 1)), c: tf.add(c, a) })),
      { a: 1, b: 11, c: 20 }
    )
    assert.deepStrictEqual(
      stepped(
        ({ a, b, c }) => ({ a: tf.sub(b, tf.sum(a)), b: tf.mul(a, tf.max(b)), c: tf.sub(c, tf.max(c)) }),
        2
      ),
      { a: -10, b: 0, c: -4 }
    )
  })

  it("does not linger in numbers that are too small to be normal; outputs and NaN are left alone", () => {
    const { programs, state } = Program.compile(WasmEngine.make(), {
      state: { m: NdArray.make([5], [1e-37, -2e-38, 1e-45, 0.5, Number.NaN]) },
      programs: {
        decay: {
          inputs: { g: NdArray.spec([5]) },
          fn: ({ m }, { g }) => [{ m: tf.mul(m, 0.5) }, { halved: tf.mul(g, 0.5) }]
        }
      }
    })
    programs.decay.inputs.g.data.set([1e-37, -2e-38, 4e-45, 0.5, 1])
    programs.decay.run()
    assert.deepStrictEqual([...state.m.data], [Math.fround(Math.fround(1e-37) / 2), 0, 0, 0.25, Number.NaN])
    assert.isBelow(programs.decay.outputs.halved.data[1] ?? 0, 0)
    assert.isAbove(programs.decay.outputs.halved.data[2] ?? 0, 0)
  })

  it("is not written while the kernel that writes it still reads it", () => {
    const drawn = Array.from({ length: 20 * 20 }, (_, i) => ((i * 7) % 11) / 20)
    const { programs, state } = Program.compile(WasmEngine.make(), {
      state: { m: NdArray.make([20, 20], drawn), t: NdArray.make([20, 20], drawn) },
      programs: {
        step: { inputs: {}, fn: ({ m, t }) => [{ m: tf.matMul(m, m), t: tf.transpose(t) }, {}] }
      }
    })
    programs.step.run()
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 20; j++) {
        let sum = 0
        for (let k = 0; k < 20; k++) sum += drawn[20 * i + k]! * drawn[20 * k + j]!
        assert.closeTo(state.m.data[20 * i + j]!, sum, 1e-5)
        assert.closeTo(state.t.data[20 * i + j]!, drawn[20 * j + i]!, 1e-7)
      }
    }
  })
})

describe("the kernels", () => {
  it("are all those of the table", () => {
    assert.deepStrictEqual(
      Kernels.all.map(({ name }) => name).filter((name) => !Lower.supports(name)),
      []
    )
  })

  it("of a whole update write every new parameter over the old one: nothing is copied", () => {
    const { dispose, programs } = DdpgUpdate.compile(WasmEngine.make(), sizes)
    const { ordered } = ProgramPlan.make(machine, "update", programs.update.graph, {
      threads: 1,
      shareAbove: 0
    })
    assert.notInclude(
      ordered.tasks.map(({ name }) => name),
      "Copy"
    )
    dispose()
  })
})

describe("bits", () => {
  it("are the same for 1, 2 and 3 threads, and in every run", () => {
    for (const of of [sizes, { batch: 33, hidden: [100, 50], observation: 17, action: 6 }]) {
      const once = trained({}, 8, of)
      assert.strictEqual(trained({}, 8, of), once)
      assert.strictEqual(trained({ threads: 2 }, 8, of), once)
      assert.strictEqual(trained({ threads: 3 }, 8, of), once)
    }
  })

  it("of every kernel are the same when threads share it", () => {
    const run = (threads: number) => Everything.results(WasmEngine.make({ threads, shareAbove: 0 }))
    const alone = run(1)
    for (const threads of [2, 3]) assert.deepStrictEqual(run(threads), alone, `${threads} threads`)
  })

  it("of a training of 2,000 updates are those that they have always been", () => {
    assert.strictEqual(trained({}, 2000), DdpgUpdate.HASH)
  })

  it("an update agrees with the oracle", () => {
    for (const options of [{}, { threads: 2 }, { relaxed: true }]) {
      const learner = DdpgUpdate.compile(WasmEngine.make(options), sizes, true)
      DdpgUpdate.drawBatch(learner, 0)
      learner.programs.update.run()
      learner.programs.act.run()
      learner.dispose()
    }
  })
})

describe("a call", () => {
  it("allocates nothing", () => {
    const { dispose, programs } = DdpgUpdate.compile(WasmEngine.make(), sizes)
    const measure = () => {
      const before = process.memoryUsage().heapUsed
      for (let call = 0; call < 50_000; call++) programs.act.run()
      return (process.memoryUsage().heapUsed - before) / 50_000
    }
    measure()
    assert.isBelow(Math.min(measure(), measure(), measure()), 1)
    dispose()
  })
})

describe("failures", () => {
  const graph: Graph.Graph = {
    values: [NdArray.spec([2]), NdArray.spec([2])],
    parameters: [{ role: "input", path: "x", value: 0 }],
    constants: [],
    nodes: [
      {
        kernel: "BesselI0",
        inputs: [0],
        inputNames: ["x"],
        attributes: {},
        outputs: [1],
        site: "policy.ts:12:3"
      }
    ],
    results: [{ role: "output", path: "y", value: 1 }]
  }

  it("a kernel that it lacks is refused when linked, with the line that asked for it", () => {
    const link = () => WasmEngine.make().link({ state: new Map(), programs: new Map([["p", graph]]) })
    assert.throws(link, EngineError, "kernel BesselI0 at policy.ts:12:3")
  })

  it("threads must be a positive integer", () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 1000]) {
      assert.throws(() => WasmEngine.make({ threads }), EngineError, "threads")
    }
  })

  it("nothing runs after dispose", () => {
    const { dispose, programs, pull } = DdpgUpdate.compile(WasmEngine.make(), sizes)
    dispose()
    assert.throws(programs.act.run, EngineError, "disposed")
    assert.throws(pull, EngineError, "disposed")
  })

  it("an engine that is forgotten does not keep the process alive", () => {
    const script = `
      import * as WasmEngine from "@ornstein/jit/WasmEngine"
      import * as DdpgUpdate from "./test/jit/DdpgUpdate.ts"
      const { programs } = DdpgUpdate.compile(WasmEngine.make({ threads: 2 }), ${JSON.stringify(sizes)})
      programs.update.run()
      console.log("done")
    `
    const out = execFileSync(
      process.execPath,
      ["--conditions=@ornstein/source", "--input-type=module", "-e", script],
      {
        encoding: "utf8",
        timeout: 30_000
      }
    )
    assert.include(out, "done")
  })
})
