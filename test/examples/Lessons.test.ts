import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../..", import.meta.url)

const lessons = readdirSync(new URL("examples", root)).filter((file) => file.endsWith(".ts"))

const run = (lesson: string): string =>
  execFileSync(process.execPath, ["--conditions=@ornstein/source", `examples/${lesson}`], {
    cwd: root,
    encoding: "utf8"
  })

describe("the lessons", () => {
  it("are there", () => assert.includeMembers(lessons, ["01-pendulum.ts", "02-td3.ts", "03-resume.ts"]))

  // The README's test runs the first one, and compares every digit.
  for (const lesson of lessons.filter((file) => file !== "01-pendulum.ts")) {
    it(`${lesson} runs and says something`, () => assert.isAbove(run(lesson).trim().length, 20))
  }

  it("03-resume.ts ends with the same bits", () => {
    const [whole, continued] = run("03-resume.ts").match(/[0-9a-f]{64}/g) ?? []
    assert.isDefined(whole)
    assert.strictEqual(continued, whole)
  })

  it("07-a-policy.ts evaluates alike in training and from a file", () => {
    const [learned, read] = run("07-a-policy.ts").match(/(?<=: )-\d+\.\d+/g) ?? []
    assert.isDefined(learned)
    assert.strictEqual(read, learned)
  })
})
