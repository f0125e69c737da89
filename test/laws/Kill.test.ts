import { assert, describe, it } from "vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Torture from "./Torture.ts"

// Few kills, for a bounded time: `npm run torture` makes at least fifty of a run of 20,000 steps.
describe("a run that is killed and resumed is the run that was left alone", () => {
  it.for(Object.entries(Torture.experiments))("%s", { timeout: 240_000 }, async ([, experiment]) => {
    const directory = mkdtempSync(join(tmpdir(), "ornstein-torture-"))
    try {
      const result = await Torture.torture(directory, experiment, { steps: 1500, kills: 3, seed: 1 })
      assert.deepStrictEqual(result.differences, [])
      assert.strictEqual(result.kills.SIGKILL + result.kills.SIGINT + result.kills.inWrite, 3)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
