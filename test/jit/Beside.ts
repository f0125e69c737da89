/** Two engines side by side: whatever one computes, the other computes too, and it is compared. */
import { type Engine, untilDisposed } from "@ornstein/jit/Engine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import type * as NdArray from "@ornstein/jit/NdArray"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert } from "vitest"

type Arrays = ReadonlyMap<string, NdArray.NdArray>

/** What must be the same: every bit, or numbers, of which NaN is one, whatever its bits. */
type Sameness = "bits" | "numbers"

const copy = (from: Arrays, to: Arrays): void => {
  for (const [path, { data }] of from) to.get(path)?.data.set(data)
}

const bitsOf = (data: NdArray.Data): Uint32Array | Uint8Array =>
  data instanceof Uint8Array ? data : new Uint32Array(data.buffer, data.byteOffset, data.length)

const assertSame = (what: string, sameness: Sameness, found: Arrays, expected: Arrays): void => {
  assert.deepStrictEqual([...found.keys()], [...expected.keys()])
  for (const [path, { data }] of found) {
    const other = expected.get(path)!.data
    const [own, its] = [bitsOf(data), bitsOf(other)]
    const isSame = (i: number) => (sameness === "bits" ? own[i] === its[i] : Object.is(data[i], other[i]))
    const place = own.findIndex((_, i) => !isSame(i))
    if (place >= 0) {
      const shown = (x: number | undefined, bits: number | undefined) => `${x} (${bits?.toString(16)})`
      throw new RangeError(
        `${what} ${path}[${place}] of ${data.length} is ${shown(data[place], own[place])}, ` +
          `beside it ${shown(other[place], its[place])}`
      )
    }
  }
}

/** The first engine. Each call throws a `RangeError` where the second one computes something else from the same numbers. */
export const make = (engine: Engine, reference: Engine, sameness: Sameness): Engine => ({
  ...engine,
  link: (module) => {
    const [own, other] = [engine.link(module), reference.link(module)]
    return untilDisposed(engine.name, {
      ...own,
      programs: new Map(
        Array.from(own.programs, ([name, program]) => {
          const its = other.programs.get(name)!
          const run = () => {
            copy(own.state, other.state)
            copy(program.inputs, its.inputs)
            program.run()
            its.run()
            assertSame("state", sameness, own.state, other.state)
            assertSame("output", sameness, program.outputs, its.outputs)
          }
          return [name, { ...program, run, runAsync: () => Promise.resolve().then(run) }]
        })
      ),
      dispose: () => {
        own.dispose()
        other.dispose()
      }
    })
  }
})

/** The engine `native`, whose every bit must be that of `wasm`. */
export const wasm = (options: NativeEngine.Options): Engine =>
  make(NativeEngine.make(options), WasmEngine.make(), "bits")
