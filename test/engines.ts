/** The engines that numbers are compared on: a test runs once on each that is here. */
import { Engine, TfjsEngine } from "@ornstein/jit"
import type * as Addon from "@ornstein/jit/internal/engines/tensorflow/Addon"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { describe } from "vitest"
import * as Native from "./jit/Native.ts"

/**
 * What the engine `tensorflow` runs on: a process can load one of its two packages. `TEST_DEVICE=gpu` runs the same tests
 * on a GPU.
 */
export const device: Addon.DeviceName = process.env["TEST_DEVICE"] === "gpu" ? "gpu" : "cpu"

/** The engine `tensorflow`, or why it is not here: its package is optional. */
export const tensorflow: Engine.Engine | Engine.EngineError = await TensorflowEngine.make({
  device
}).catch((cause: unknown) => {
  if (cause instanceof Engine.EngineError) return cause
  throw cause
})

/** A suite on the engine `tensorflow`; without it the suite is skipped, and its name says why. */
export const onTensorflow = (name: string, suite: (engine: () => Engine.Engine) => void): void => {
  if (tensorflow instanceof Engine.EngineError) {
    describe.skip(`${name}, tensorflow:${device} (skipped: ${tensorflow.reason})`, () =>
      suite(() => {
        throw tensorflow
      }))
  } else describe(`${name}, tensorflow:${device}`, () => suite(() => tensorflow))
}

export const engines: ReadonlyArray<readonly [name: string, make: () => Engine.Engine]> = [
  ["tfjs:cpu", TfjsEngine.cpu],
  ["wasm", WasmEngine.make],
  ...Native.levels.map((level) => [`native, ${level}`, () => NativeEngine.make({ level })] as const)
]

export const onEngines = (name: string, suite: (engine: () => Engine.Engine) => void): void => {
  for (const [engine, make] of engines) describe(`${name}, ${engine}`, () => suite(make))
  onTensorflow(name, suite)
}
