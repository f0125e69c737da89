import * as tf from "@tensorflow/tfjs-core"
import * as Check from "@ornstein/jit/Check"
import { type Engine, EngineError } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { assert, describe, it } from "vitest"

/** The oracle with a fault: after every call `spoil` gets the outputs and the state. */
const faulty = (spoil: (arrays: ReadonlyMap<string, NdArray.NdArray>) => void): Engine => ({
  name: "faulty",
  synchronous: true,
  link: (module) => {
    const linked = TfjsEngine.cpu().link(module)
    const programs = new Map(
      [...linked.programs].map(([name, program]) => {
        const run = () => {
          program.run()
          spoil(new Map([...program.outputs, ...linked.state]))
        }
        return [name, { ...program, run, runAsync: () => Promise.resolve(run()) }] as const
      })
    )
    return { ...linked, programs }
  }
})

const compile = (engine: Engine, check: boolean | Check.Tolerance) =>
  Program.compile(engine, {
    state: { w: NdArray.make([2], [1, 2]) },
    programs: {
      step: {
        inputs: { x: NdArray.spec([2]) },
        fn: ({ w }, { x }) => [{ w: tf.add(w, x) }, { y: tf.mul(w, x) }]
      },
      other: { inputs: {}, fn: (state) => [state, {}] }
    },
    check
  })

const set = (path: string, i: number, value: number) => (arrays: ReadonlyMap<string, NdArray.NdArray>) => {
  const data = arrays.get(path)?.data
  if (data !== undefined) data[i] = value
}

describe("check", () => {
  it("accepts an engine that agrees", () => {
    const { programs } = compile(TfjsEngine.cpu(), true)
    programs.step.inputs.x.data.set([3, 4])
    programs.step.run()
    assert.deepStrictEqual([...programs.step.outputs.y.data], [3, 8])
  })

  it("names the output and the element that differ", () => {
    const { programs } = compile(faulty(set("y", 1, 7)), true)
    programs.step.inputs.x.data.set([3, 4])
    assert.throws(
      () => programs.step.run(),
      EngineError,
      'engine faulty: output y of "step" is 7 at element 1, but tfjs:cpu computes 8'
    )
  })

  it("looks at the state too", () => {
    const { programs } = compile(faulty(set("w", 0, 9)), true)
    assert.throws(() => programs.step.run(), EngineError, 'state w after "step" is 9 at element 0')
  })

  it("looks at asynchronous calls", async () => {
    const { programs } = compile(faulty(set("y", 0, Number.NaN)), true)
    const error = await programs.step.runAsync().then(
      () => undefined,
      (cause: unknown) => cause
    )
    assert.instanceOf(error, EngineError)
  })

  it("looks at the first call of each program only", () => {
    let calls = 0
    const { programs } = compile(
      faulty((arrays) => (calls++ > 0 ? set("y", 0, 7)(arrays) : undefined)),
      true
    )
    programs.step.run()
    programs.step.run()
    assert.strictEqual(programs.step.outputs.y.data[0], 7)
  })

  it("starts from the state and the inputs as they are", () => {
    const { programs, push, state } = compile(TfjsEngine.cpu(), true)
    state.w.data.set([5, 6])
    push()
    programs.step.inputs.x.data.set([1, 1])
    programs.step.run()
    assert.deepStrictEqual([...programs.step.outputs.y.data], [5, 6])
  })

  it("is off unless asked for, and takes a tolerance", () => {
    compile(faulty(set("y", 0, 7)), false).programs.step.run()
    const { programs } = compile(faulty(set("y", 0, 1e-3)), { absolute: 1e-2, relative: 0 })
    programs.step.run()
  })
})

describe("Check.difference", () => {
  const at = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
    Check.difference(Float32Array.from(x), Float32Array.from(y), { absolute: 0.01, relative: 0.001 })

  it("measures by the tensor's largest number", () => {
    assert.strictEqual(at([100, 0.1], [100, 0]), undefined)
    assert.strictEqual(at([100, 0.12], [100, 0]), 1)
    assert.strictEqual(at([1, 0.1], [1, 0]), 1)
  })

  it("lets NaN agree with NaN and an infinity with itself only", () => {
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY]
    assert.strictEqual(at([nan, inf, -inf], [nan, inf, -inf]), undefined)
    assert.strictEqual(at([nan], [0]), 0)
    assert.strictEqual(at([0], [nan]), 0)
    assert.strictEqual(at([inf], [-inf]), 0)
    assert.strictEqual(at([3e38], [inf]), 0)
  })
})
