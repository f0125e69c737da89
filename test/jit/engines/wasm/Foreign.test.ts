/** Code from elsewhere in the engine `wasm`: an emitter for one operation, and functions that are not WebAssembly. */
import * as NdArray from "@ornstein/jit/NdArray"
import type { Op, Task } from "@ornstein/jit/Plan"
import * as Program from "@ornstein/jit/Program"
import { f32, forRange, i32, ifElse } from "@ornstein/jit/WasmAssembly"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { afterAll, assert, describe, it } from "vitest"
import { conforms } from "../../Conforms.ts"
import * as DdpgUpdate from "../../DdpgUpdate.ts"
import * as Interpreter from "../../interpreter/Interpreter.ts"

/** How often the emitter below was asked, and how often it had code. */
const oneHots = { asked: 0, written: 0 }

/** One-hot rows of an odd depth, element by element; others are left to the engine. */
const OneHot: WasmEngine.Others["OneHot"] = (
  { count, depth, dtype, indices, off, on, output },
  { address, module }
) => {
  oneHots.asked += 1
  if (dtype !== "float32" || depth % 2 === 0) return undefined
  oneHots.written += 1
  const func = module.define("one hot", [], [], (scope) => {
    const [row, column, to] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
    const index = i32.load(i32.mul(row.get, i32.const(4)), address(indices))
    return forRange(
      row,
      i32.const(0),
      i32.const(count),
      1,
      forRange(
        column,
        i32.const(0),
        i32.const(depth),
        1,
        to.set(i32.mul(i32.add(i32.mul(row.get, i32.const(depth)), column.get), i32.const(4))),
        ifElse(
          i32.eq(column.get, index),
          f32.store(to.get, f32.const(on), address(output)),
          f32.store(to.get, f32.const(off), address(output))
        )
      )
    )
  })
  return () => func.call()
}

type Run = (memory: ArrayBufferLike, start: number, end: number) => void

const numberAt = (memory: ArrayBufferLike, word: number): number => new Int32Array(memory)[word / 4] ?? 0

/** Operations in plain TypeScript, called from the module. */
const interpreted = (
  has: (op: Op.Op) => boolean,
  onCall: (pieces: number) => void = () => {}
): WasmEngine.Foreign.Foreign<Run> => ({
  name: "interpreted",
  machine: { ...WasmEngine.machine, engine: "interpreted" },
  emit: (task: Task.Task, { address, ordered }) =>
    has(task.op)
      ? (memory, start, end) =>
          Interpreter.runTask(
            Interpreter.runs,
            task,
            Interpreter.arraysOf(address, ordered.buffers, memory),
            start,
            end
          )
      : undefined,
  load: (functions, { buffer }, words) => ({
    entries: words.map((word) => () => {
      const pieces = functions[numberAt(buffer, word) - 1]
      if (pieces === undefined) return
      onCall(pieces.length)
      for (const { code, end, start } of pieces) code(buffer, start, end)
    }),
    dispose: () => {}
  })
})

const sizes: DdpgUpdate.Sizes = { batch: 17, hidden: [12, 9], observation: 3, action: 2 }

const withOneHot = WasmEngine.makeWith({ emitters: { OneHot } }, { threads: 2 })

conforms(withOneHot, 6, (tolerance) => tolerance)
conforms(WasmEngine.makeWith({ foreign: interpreted(() => true) }), 1, (tolerance) => tolerance)
conforms(
  WasmEngine.makeWith({
    emitters: { OneHot },
    foreign: interpreted(({ _tag }) => _tag === "Product" || _tag === "Reduction")
  }),
  1,
  (tolerance) => tolerance
)

afterAll(() => {
  assert.isAbove(oneHots.written, 0)
  assert.isAbove(oneHots.asked, oneHots.written)
})

describe("code from elsewhere", () => {
  it("has the bits of the engine, in whole updates", () => {
    const expected = DdpgUpdate.trained(WasmEngine.make(), 3, sizes)
    for (const has of [() => true, ({ _tag }: Op.Op) => _tag !== "Product", () => false]) {
      const engine = WasmEngine.makeWith({ foreign: interpreted(has) })
      assert.strictEqual(DdpgUpdate.trained(engine, 3, sizes), expected)
    }
  })

  it("is one call for tasks that follow each other", () => {
    const calls: Array<number> = []
    const updates = (has: (op: Op.Op) => boolean) => {
      calls.length = 0
      const foreign = interpreted(has, (pieces) => calls.push(pieces))
      DdpgUpdate.trained(WasmEngine.makeWith({ foreign }), 1, sizes)
      return calls.length
    }
    const whole = updates(() => true)
    assert.strictEqual(whole, 1)
    const pieces = calls[0] ?? 0
    assert.isAbove(pieces, 20)
    const between = updates(({ _tag }) => _tag === "Elementwise")
    assert.isAbove(between, 1)
    assert.isBelow(between, pieces)
    assert.strictEqual(
      updates(() => false),
      0
    )
  })

  it("is asked in the worker that runs it, with what was given", () => {
    const engine = WasmEngine.makeWith<number>(
      {
        foreign: {
          name: "counted",
          machine: { ...WasmEngine.machine, engine: "counted" },
          emit: ({ op }, { address }) =>
            op._tag === "Elementwise" ? address(op.results[0]?.buffer ?? -1) : undefined,
          // Element i of the result is 1000 i, written by the thread whose part it is.
          load: (functions, { buffer }, words) => ({
            entries: words.map((word) => () => {
              const numbers = new Float32Array(buffer)
              for (const { code, end, start } of functions[numberAt(buffer, word) - 1] ?? []) {
                for (let i = start; i < end; i++) numbers[code / 4 + i] = 1000 * i
              }
            }),
            worker: {
              code: `const open = ({ functions, words, factor }, { buffer }) => words.map((word) => () => {
                const numbers = new Float32Array(buffer)
                for (const { code, end, start } of functions[new Int32Array(buffer)[word / 4] - 1] ?? []) {
                  for (let i = start; i < end; i++) numbers[code / 4 + i] = factor * i
                }
              })`,
              given: { functions, words, factor: 7 }
            },
            dispose: () => {}
          })
        }
      },
      { threads: 2, shareAbove: 0 }
    )
    const { dispose, programs } = Program.compile(engine, {
      state: {},
      programs: {
        program: { inputs: { x: NdArray.spec([64]) }, fn: (state: {}, { x }) => [state, tf.exp(x)] }
      }
    })
    programs.program.run()
    const { data } = programs.program.outputs
    assert.deepStrictEqual(
      [...data],
      Array.from({ length: 64 }, (_, i) => (i < 32 ? 1000 : 7) * i)
    )
    dispose()
  })

  it("is entered for nothing in every thread first, until V8 has code of its own for calls of it", async () => {
    const entered = new Int32Array(new SharedArrayBuffer(12))
    const foreign = interpreted(() => true)
    const engine = WasmEngine.makeWith(
      {
        foreign: {
          ...foreign,
          load: (_, memory, words) => ({
            entries: [() => Atomics.add(entered, numberAt(memory.buffer, words[0] ?? 0) === 0 ? 0 : 1, 1)],
            worker: {
              code: `const open = ({ entered, words }, { buffer }) => words.map((word) => () =>
                Atomics.add(entered, new Int32Array(buffer)[word / 4] === 0 ? 2 : 1, 1))`,
              given: { entered, words }
            },
            dispose: () => {}
          })
        }
      },
      { threads: 2, shareAbove: 0 }
    )
    const { dispose, programs } = await Program.compileAsync(engine, {
      state: {},
      programs: {
        program: { inputs: { x: NdArray.spec([64]) }, fn: (state: {}, { x }) => [state, tf.exp(x)] }
      }
    })
    const [caller = 0, called, worker] = entered
    assert.isAbove(caller, 1000)
    assert.strictEqual(worker, caller)
    assert.strictEqual(called, 0)
    programs.program.run()
    assert.deepStrictEqual([...entered], [caller, 2, caller])
    dispose()
  })

  it("is disposed once, and no sooner than it is done with", () => {
    let disposed = 0
    const foreign = interpreted(() => true)
    const engine = WasmEngine.makeWith({
      foreign: {
        ...foreign,
        load: (...given) => ({ ...foreign.load(...given), dispose: () => (disposed += 1) })
      }
    })
    const learner = DdpgUpdate.compile(engine, sizes)
    learner.programs.update.run()
    assert.strictEqual(disposed, 0)
    learner.dispose()
    assert.strictEqual(disposed, 1)
    assert.throws(() => learner.programs.update.run(), "engine interpreted: the program was called after")
  })
})
