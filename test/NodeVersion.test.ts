import { refusal } from "@ornstein/jit/NodeVersion"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))
const packages = readdirSync(`${root}packages`)
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8")

const supported = ["22.19.0", "22.21.1", "24.0.0", "24.21.0", "26.1.0"]
const unsupported = ["18.20.8", "20.20.2", "22.18.0", "23.11.0"]

/** Node's arguments that make it say that it is another version. */
const disguised = (version: string): ReadonlyArray<string> => {
  const code = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`
  return ["--import", `data:text/javascript,${encodeURIComponent(code)}`, "--conditions=@ornstein/source"]
}

const run = (version: string, args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [...disguised(version), ...args], { cwd: root, encoding: "utf8" })

describe("an unsupported Node", () => {
  it("is one that engines excludes, in every package", () => {
    for (const version of supported) assert.isUndefined(refusal(version), version)
    for (const version of unsupported) assert.include(refusal(version), `this is Node ${version}`)
    for (const name of packages) {
      const { engines } = JSON.parse(read(`packages/${name}/package.json`))
      assert.deepStrictEqual(engines, { node: "^22.19.0 || >=24.0.0" }, name)
    }
  })

  it.each(packages)("is told which Node @ornstein/%s needs, by its entry", (name) => {
    const told = run("20.20.2", ["--input-type=module", "--eval", `await import("@ornstein/${name}")`])
    assert.strictEqual(told.status, 1)
    assert.match(told.stderr, /Error: Ornstein needs Node 24 or newer, or 22\.19 .* this is Node 20\.20\.2/)
  })

  it("is told by the command, with nothing else", () => {
    const { status, stderr, stdout } = run("20.20.2", ["packages/lab/bin/ornstein.js", "--version"])
    assert.deepStrictEqual([status, stdout], [2, ""])
    assert.match(stderr, /^Ornstein needs Node 24 or newer, or 22\.19 .* this is Node 20\.20\.2/)
    assert.lengthOf(stderr.trim().split("\n"), 3)
    const other = run("24.0.0", ["packages/lab/bin/ornstein.js", "--version"])
    assert.deepStrictEqual([other.status, other.stderr], [0, ""])
  })
})

describe("a package", () => {
  it.each(packages)("%s ships its licence and a README", (name) => {
    assert.strictEqual(read(`packages/${name}/LICENSE`), read("LICENSE"))
    assert.match(read(`packages/${name}/README.md`), new RegExp(`^# @ornstein/${name}\n`))
  })
})
