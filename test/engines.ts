/** The engines that numbers are compared on: a test runs once on each. */
import type { Engine } from "@ornstein/jit"
import { TfjsEngine } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { describe } from "vitest"

export const engines: ReadonlyArray<readonly [name: string, make: () => Engine.Engine]> = [
  ["tfjs:cpu", TfjsEngine.cpu],
  ["wasm", WasmEngine.make]
]

export const onEngines = (name: string, suite: (engine: () => Engine.Engine) => void): void => {
  for (const [engine, make] of engines) describe(`${name}, ${engine}`, () => suite(make))
}
