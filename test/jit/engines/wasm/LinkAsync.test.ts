/** Programs that are linked beside the caller: all threads have answered before the first call. */
import { type Engine, EngineError, linkAsync, type Module } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { spawnSync } from "node:child_process"
import { afterEach, assert, describe, it, vi } from "vitest"
import * as DdpgUpdate from "../../DdpgUpdate.ts"

afterEach(() => vi.unstubAllGlobals())

/** What happened to the code from elsewhere, which does nothing. */
interface Foreign {
  readonly engine: Engine
  readonly loads: () => number
  readonly disposals: () => number
}

/** An engine whose workers run a script before they answer. */
const withScript = (code: string, given: object = {}, threads = 3): Foreign => {
  let [loads, disposals] = [0, 0]
  const engine = WasmEngine.makeWith<never>(
    {
      foreign: {
        name: "scripted",
        machine: WasmEngine.machine,
        emit: () => undefined,
        load: () => {
          loads += 1
          return {
            entries: [],
            worker: { code: `const open = (given) => { ${code}; return [] }`, given },
            dispose: () => {
              disposals += 1
            }
          }
        }
      }
    },
    { threads, shareAbove: 0 }
  )
  return { engine, loads: () => loads, disposals: () => disposals }
}

const counter = {
  state: { total: NdArray.zeros([64]) },
  programs: {
    add: {
      inputs: { x: NdArray.spec([64]) },
      fn: ({ total }: { readonly total: tf.Tensor }, { x }: { readonly x: tf.Tensor }) =>
        [{ total: tf.add(total, x) }, {}] as const
    }
  }
}

const reasonOf = (failed: unknown): string => (failed instanceof EngineError ? failed.reason : String(failed))

describe("linked beside the caller", () => {
  it.each([1, 2, 3])("%i threads have the bits of those linked at once", async (threads) => {
    const sizes = { batch: 17, hidden: [12, 9], observation: 3, action: 2 }
    const engine = WasmEngine.make({ threads, shareAbove: 0 })
    let module: Module | undefined
    const keep: Engine = {
      ...engine,
      link: (given) => {
        module = given
        return engine.link(given)
      }
    }
    const expected = DdpgUpdate.trained(keep, 3, sizes)
    assert.isDefined(module)
    const linked = await linkAsync(engine, module)
    assert.strictEqual(DdpgUpdate.trained({ ...engine, link: () => linked }, 3, sizes), expected)
  })

  it("waits for a worker that answers late", async () => {
    const gate = new Int32Array(new SharedArrayBuffer(8))
    const { engine } = withScript("if (Atomics.add(given.gate, 1, 1) === 1) Atomics.wait(given.gate, 0, 0)", {
      gate
    })
    let isOpen = false
    const opening = Program.compileAsync(engine, counter).then((compiled) => {
      isOpen = true
      return compiled
    })
    // One of two answers at once.
    while (Atomics.load(gate, 1) < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.isFalse(isOpen)
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    const compiled = await opening
    compiled.programs.add.inputs.x.data.fill(2)
    compiled.programs.add.run()
    assert.deepStrictEqual(
      [...compiled.state.total.data],
      Array.from({ length: 64 }, () => 2)
    )
    compiled.dispose()
  })

  it("a worker that dies before it answers is an EngineError, and nothing is left", async () => {
    const { disposals, engine, loads } = withScript('throw new Error("no memory for it")')
    const failed: unknown = await Program.compileAsync(engine, counter).catch((cause: unknown) => cause)
    assert.strictEqual(reasonOf(failed), "a worker thread died")
    assert.include(String(failed instanceof EngineError && failed.cause), "no memory for it")
    await vi.waitFor(() => assert.deepStrictEqual([loads(), disposals()], [1, 1]))
  })

  it("keeps a process alive until all have answered, and no longer", () => {
    const script = `
      const { WasmEngine } = await import("@ornstein/jit")
      const linked = await WasmEngine.make({ threads: 3 }).linkAsync({ state: new Map(), programs: new Map() })
      console.log(linked.programs.size)`
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--conditions=@ornstein/source", "--input-type=module", "-e", script],
      { encoding: "utf8", timeout: 20_000 }
    )
    assert.deepStrictEqual([status, stdout.trim()], [0, "0"])
  })
})

describe("a page", () => {
  const make = (threads: number) => () => WasmEngine.make({ threads })

  it("whose main thread it is may not wait, so there is one thread", () => {
    vi.stubGlobal("document", {})
    assert.throws(make(2), EngineError, "main thread of a page")
    assert.strictEqual(make(1)().name, "wasm")
  })

  it("that is not isolated has no memory to share, so there is one thread", () => {
    vi.stubGlobal("crossOriginIsolated", false)
    assert.throws(make(2), EngineError, "Cross-Origin-Opener-Policy")
    assert.strictEqual(make(1)().name, "wasm")
    vi.stubGlobal("crossOriginIsolated", true)
    assert.strictEqual(make(2)().name, "wasm")
  })
})
