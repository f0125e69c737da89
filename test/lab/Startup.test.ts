import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, it } from "vitest"

const LAUNCHER = fileURLToPath(new URL("../../packages/lab/bin/ornstein.js", import.meta.url))

/** Prints the address of every module on standard error, as it is loaded. */
const listing = `import { registerHooks } from "node:module"
registerHooks({ load: (url, context, next) => { process.stderr.write(url + "\\n"); return next(url, context) } })`

const loaded = (...args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const hook = `data:text/javascript,${encodeURIComponent(listing)}`
  const { status, stderr } = spawnSync(process.execPath, ["--import", hook, LAUNCHER, ...args], {
    encoding: "utf8"
  })
  assert.strictEqual(status, 0)
  return stderr.trim().split("\n")
}

it("asking for help loads commands' descriptions, and none of what computes", () => {
  const modules = loaded("--help")
  assert.isTrue(modules.some((url) => url.endsWith("lab/src/commands/Train.ts")))
  const heavy = new RegExp(
    "@tensorflow|@bufbuild|@napi-rs|/vega|packages/(jit|envs|algos)/|lab/src/(Experiment|RunDirectory)|" +
      "core/src/(Training|Environment|Replay|Engine|Checkpoint|Space|Key)"
  )
  assert.deepStrictEqual(
    modules.filter((url) => heavy.test(url)),
    []
  )
})
