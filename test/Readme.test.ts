import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("..", import.meta.url)

const read = (file: string): string => readFileSync(new URL(file, root), "utf8")

/** The fenced blocks of a language in the README, in order. */
const blocks = (language: string): ReadonlyArray<string> =>
  Array.from(read("README.md").matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g")), (match) =>
    String(match[1])
  )

describe("the README", () => {
  it("shows the first example as it is", () => {
    const [doc, ...program] = read("examples/01-pendulum.ts").split("\n")
    assert.match(doc ?? "", /^\/\*\*/)
    assert.strictEqual(blocks("ts")[0], program.join("\n"))
  })

  it("shows what the first example prints, digit for digit", () => {
    const output = execFileSync(
      process.execPath,
      ["--conditions=@ornstein/source", "examples/01-pendulum.ts"],
      { cwd: root, encoding: "utf8" }
    )
    assert.strictEqual(output, blocks("text")[0])
  })

  it("shows what a wrong configuration is told", () => {
    const [command = "", ...told] = (blocks("text")[1] ?? "").split("\n")
    const [, ...words] = command.replace("$ npx ", "").split(" ")
    const { status, stderr } = spawnSync(process.execPath, ["packages/lab/bin/ornstein.js", ...words], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(stderr, told.join("\n"))
    assert.strictEqual(status, 2)
  })
})
