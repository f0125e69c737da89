/** What a page can hold: all that public modules reach, but for the engines that need Node, asks nothing of Node. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import * as House from "../House.ts"

const root = new URL("../../packages/jit/", import.meta.url)

const manifest: {
  readonly exports: { readonly [name: string]: string | { readonly "@ornstein/source": string } }
} = JSON.parse(readFileSync(new URL("package.json", root), "utf8"))

/** The sources of public modules by their names. */
const modules = new Map(
  Object.entries(manifest.exports).flatMap(([name, at]) =>
    typeof at === "string" || name.includes("*") ? [] : [[name, new URL(at["@ornstein/source"], root).href]]
  )
)

const read = (file: string): string => readFileSync(new URL(file), "utf8")

/** What a file imports, types left out: they are gone in a bundle. */
const importsOf = (source: string): ReadonlyArray<string> =>
  Array.from(
    source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^"]*?from\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"/gm),
    ([, at, lazy]) => at ?? lazy ?? ""
  )

/** The files that are reached from one, and the packages. */
const reach = (start: string) => {
  const files = new Set([start])
  const packages = new Set<string>()
  for (const file of files) {
    for (const at of importsOf(read(file))) {
      if (at.startsWith(".")) files.add(new URL(at, file).href)
      else packages.add(at)
    }
  }
  return { files, packages }
}

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
