/** Suites for the engine `native`, on the levels that this processor has; elsewhere they are skipped, and their name says why. */
import { EngineError } from "@ornstein/jit/Engine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import { describe, it } from "vitest"

const find = (): NativeEngine.Level | EngineError => {
  try {
    return NativeEngine.level()
  } catch (cause) {
    if (cause instanceof EngineError) return cause
    throw cause
  }
}

const found = find()

/** The levels that can be run here. */
export const levels: ReadonlyArray<NativeEngine.Level> =
  found instanceof EngineError ? [] : found === "avx2" ? ["avx2"] : ["avx512", "avx2"]

const skip = (name: string, reason: string): void => {
  describe.skip(`${name} (skipped: ${reason})`, () => it("has nothing to run on", () => {}))
}

/** Once, with the processor's best level. */
export const here = (name: string, suite: (best: NativeEngine.Level) => void): void => {
  if (found instanceof EngineError) skip(name, found.reason)
  else describe(name, () => suite(found))
}

/** Once for each level. */
export const onLevels = (name: string, suite: (level: NativeEngine.Level) => void): void => {
  for (const level of ["avx512", "avx2"] as const) {
    if (levels.includes(level)) describe(`${name}, ${level}`, () => suite(level))
    else skip(`${name}, ${level}`, found instanceof EngineError ? found.reason : `the processor has ${found}`)
  }
}
