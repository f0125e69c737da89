/** The engine `tfjs:webgpu` for tests: on whatever adapter there is, also in software. */
import { EngineError } from "@ornstein/jit/Engine"
import * as WebgpuEngine from "@ornstein/jit/WebgpuEngine"
import { afterAll, describe } from "vitest"

/** The engine, or why it is not here: its packages are optional, and so is a GPU. */
export const webgpu: WebgpuEngine.WebgpuEngine | EngineError = await WebgpuEngine.make({
  adapter: "any"
}).catch((cause: unknown) => {
  if (cause instanceof EngineError) return cause
  throw cause
})

/** A suite on the engine `tfjs:webgpu`; without it the suite is skipped, and its name says why. */
export const onWebgpu = (name: string, suite: (engine: () => WebgpuEngine.WebgpuEngine) => void): void => {
  if (webgpu instanceof EngineError) {
    const missing = webgpu
    describe.skip(`${name}, tfjs:webgpu (skipped: ${missing.reason})`, () =>
      suite(() => {
        throw missing
      }))
  } else {
    const engine = webgpu
    describe(`${name}, ${engine.name}`, () => suite(() => engine))
  }
}

afterAll(() => {
  if (!(webgpu instanceof EngineError)) webgpu.dispose()
})
