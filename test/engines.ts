/** The engines that numbers are compared on: a test runs once on each. */
import type { Engine } from "@ornstein/jit"
import { TfjsEngine } from "@ornstein/jit"
import { describe } from "vitest"

export const engines: ReadonlyArray<readonly [name: string, make: () => Engine.Engine]> = [
  ["tfjs:cpu", TfjsEngine.cpu]
]

export const onEngines = (name: string, suite: (engine: () => Engine.Engine) => void): void => {
  for (const [engine, make] of engines) describe(`${name}, ${engine}`, () => suite(make))
}
