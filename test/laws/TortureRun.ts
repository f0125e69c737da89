/**
 * The torture at length: `npm run torture -- [--kills 50] [--steps 20000] [--only sac] [--nodes PATH,PATH] [--json]`. Several
 * executables of Node take turns in continuing a run. The exit code is 1 if anything differs.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Torture from "./Torture.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    steps: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    nodes: { type: "string", default: process.execPath },
    json: { type: "boolean", default: false }
  }
})

let isSame = true
for (const [name, experiment] of Object.entries(Torture.experiments)) {
  if (!name.includes(values.only)) continue
  const directory = mkdtempSync(join(tmpdir(), "ornstein-torture-"))
  const result = await Torture.torture(directory, experiment, {
    steps: Number(values.steps),
    kills: Number(values.kills),
    seed: Number(values.seed),
    nodes: values.nodes.split(",")
  })
  isSame &&= result.differences.length === 0
  const { differences, kills, slowestExit } = result
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ name, ...result })}\n`
      : `${name}: ${kills.SIGKILL} SIGKILL, ${kills.SIGINT} SIGINT, ${kills.inWrite} in the middle of writing; ` +
          `slowest exit after SIGINT ${Math.round(slowestExit)} ms; ` +
          `${differences.length === 0 ? "the same bytes" : `DIFFERENT: ${differences.join(", ")}`}\n`
  )
  if (differences.length === 0) rmSync(directory, { recursive: true })
  else process.stdout.write(`  kept in ${directory}\n`)
}
process.exitCode = isSame ? 0 : 1
