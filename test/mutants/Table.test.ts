/** The table of mutants fits the sources as they are; `npm run mutants` plants them. */
import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import * as Mutant from "./Mutant.ts"
import { table } from "./Table.ts"

describe("the table of mutants", () => {
  it("has each line exactly once in its file, and a bug that parses", () => {
    const faults = table.flatMap((mutant) => {
      const path = `packages/${mutant.file}`
      const fault = existsSync(path) ? Mutant.fault(mutant, readFileSync(path, "utf8")) : `no file ${path}`
      return fault === undefined ? [] : [`${mutant.name}: ${fault}`]
    })
    assert.deepStrictEqual(faults, [])
  })

  it("names each once, with tests that are there", () => {
    const names = table.map(({ name }) => name)
    assert.deepStrictEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      []
    )
    const missing = table.flatMap(({ name, tests }) =>
      tests.filter((test) => !existsSync(Mutant.testOf(test).file)).map((test) => `${name}: ${test}`)
    )
    assert.deepStrictEqual(missing, [])
  })

  it("has at least 150 of the learning code, of which at most 2 in 100 are let live", () => {
    const own = table.filter(({ file }) => /^(?:algos|core)\//.test(file))
    assert.isAtLeast(own.length, 150)
    const alive = own.filter(({ survives }) => survives !== undefined)
    assert.isAtMost(alive.length / own.length, 0.02)
    assert.isTrue(alive.every(({ survives }) => survives !== ""))
  })
})

describe("a row", () => {
  const source = "const a = 1\nconst b = 2\nconst c = 2\n"

  it("is planted in its line", () => {
    assert.strictEqual(
      Mutant.plant({ before: "b = 2", after: "b = 3" }, source),
      "const a = 1\nconst b = 3\nconst c = 2\n"
    )
  })

  it.each([
    ["b = 5", "b = 6", /stale.* 0 times/],
    ["= 2", "= 3", /stale.* 2 times/],
    ["b = 2", "b = 2", /changes nothing/],
    ["b = 2\nconst c", "b = 3", /more than one line/],
    ["b = 2", "b = (", /does not parse/]
  ])("is refused: %j to %j", (before, after, reason) => {
    const mutant = { name: "", file: "", before, after, tests: [] }
    assert.match(Mutant.fault(mutant, source) ?? "", reason)
  })
})
