/** What a page can hold: all that public modules reach, but for the engines that need Node, asks nothing of Node. */
import { assert, describe, it } from "vitest"
import * as House from "../House.ts"
import { modulesOf, reach, read } from "../Reach.ts"

const modules = modulesOf("jit")

/** They say so in their documentation. */
const needNode = ["./ElfFile", "./TensorflowDiagnosis", "./TensorflowEngine", "./WebgpuEngine"]

describe("a page", () => {
  it.each([...modules.keys()].filter((name) => !needNode.includes(name)))("can hold %s", (name) => {
    const { files, packages } = reach(modules.get(name) ?? assert.fail(name))
    for (const at of packages) assert.match(at, /^@tensorflow\/|^@bufbuild\//, name)
    for (const file of files) {
      assert.notMatch(House.code(read(file)), /\bBuffer\s*\.|(?<![\w.])process\s*\./, file)
    }
  })

  it("cannot hold the others, so the walk sees modules of Node", () => {
    for (const name of needNode) {
      const { packages } = reach(modules.get(name) ?? assert.fail(name))
      assert.isTrue(
        [...packages].some((at) => at.startsWith("node:")),
        name
      )
    }
  })

  it("reaches the engine and the planner from what it imports", () => {
    const { files } = reach(modules.get("./WasmEngine") ?? assert.fail())
    assert.isAbove(files.size, 40)
  })
})
