/** Pages lead where they say: every relative link of a page is a file or a folder of the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../", import.meta.url)

const inside = (folder: string): ReadonlyArray<string> =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`)

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...inside("docs"),
  ...readdirSync(new URL("packages", root)).map((name) => `packages/${name}/README.md`)
]

/** The relative links of a page, without what stands in code. */
const linksOf = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g),
    ([, link = ""]) => link
  ).filter((link) => !/^(?:[a-z]+:|#)/.test(link))

describe("links", () => {
  it.each(pages)("of %s", (page) => {
    const dead = linksOf(readFileSync(new URL(page, root), "utf8")).filter(
      (link) => !existsSync(new URL(link.replace(/#.*/, ""), new URL(page, root)))
    )
    assert.deepStrictEqual(dead, [])
  })

  it("are many", () => {
    const all = pages.flatMap((page) => linksOf(readFileSync(new URL(page, root), "utf8")))
    assert.isAbove(all.length, 40)
  })
})

describe("decisions", () => {
  const decisions = inside("docs/decisions").map((page) => ({
    number: Number(page.replace(/^.*\//, "").slice(0, 4)),
    heading: /^# (\d+)\. /.exec(readFileSync(new URL(page, root), "utf8"))?.[1]
  }))

  it("have numbers of their own, one after the other", () => {
    assert.deepStrictEqual(
      decisions.map(({ number }) => number).sort((a, b) => a - b),
      decisions.map((_, i) => i + 1)
    )
  })

  it("begin with their numbers", () => {
    assert.deepStrictEqual(
      decisions.map(({ heading }) => heading),
      decisions.map(({ number }) => String(number))
    )
  })
})
