/** What a page can hold of core, envs and algos: nothing that is loaded with them asks anything of Node. */
import { assert, describe, it } from "vitest"
import * as House from "../House.ts"
import { modulesOf, reach, read } from "../Reach.ts"

const modules = ["core", "envs", "algos"].flatMap((name) =>
  Array.from(modulesOf(name), ([module, file]) => [`@ornstein/${name}${module.slice(1)}`, file] as const)
)

describe("a page", () => {
  it.each(modules)("can hold %s", (_name, start) => {
    const { files, packages } = reach(start, { withLazy: false })
    for (const at of packages) assert.notMatch(at, /^node:|^@effect\/platform-node/)
    for (const file of files) {
      assert.notMatch(House.code(read(file)), /\bBuffer\s*\.|(?<![\w.])process\s*\./, file)
    }
  })

  it("sees the engines that need Node, which are loaded when they are chosen", () => {
    const start = modulesOf("core").get("./Engine") ?? assert.fail()
    const all = reach(start).packages
    assert.isTrue([...all].some((at) => at.startsWith("node:")))
  })

  it("reaches through packages", () => {
    const { files } = reach(modulesOf("algos").get(".") ?? assert.fail())
    for (const part of ["/jit/src/plan/", "/core/src/learner/", "/algos/src/bases/"]) {
      assert.isTrue(
        [...files].some((file) => file.includes(part)),
        part
      )
    }
  })
})
