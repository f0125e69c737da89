import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import * as House from "./House.ts"

const root = new URL("..", import.meta.url)

const sources = ["jit", "core", "envs", "algos", "native", "lab"].flatMap((name) =>
  readdirSync(new URL(`packages/${name}/src`, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `packages/${name}/src/${file}`)
)

const texts = new Map(sources.map((file) => [file, readFileSync(new URL(file, root), "utf8")]))

const rules = (file: string, source: string) => House.check(file, source).map(({ rule }) => rule)

describe("the house rules", () => {
  it("hold in every source file", () => {
    assert.isAbove(sources.length, 40)
    const violations = sources.flatMap((file) => House.check(file, readFileSync(new URL(file, root), "utf8")))
    assert.deepStrictEqual(violations, [])
  })

  it("only two places write, remove and read files", () => {
    const written = readdirSync(new URL("examples/notebooks", root), { encoding: "utf8" }).map(
      (file) => `examples/notebooks/${file}`
    )
    const all = [...sources, ...written.filter((file) => file.endsWith(".ts") && !file.endsWith("scores.ts"))]
    const found = all.flatMap((file) => House.touches(file, readFileSync(new URL(file, root), "utf8")))
    assert.deepStrictEqual(found, [])
    const seen = (source: string) => House.touches("packages/lab/src/X.ts", source).length
    for (const bad of [
      "yield* fs.remove(path)",
      "yield* fs\n  .writeFileString(path, text)",
      "files.rename(a, b)",
      "fs.open(path)",
      'import { rmSync } from "node:fs"',
      'import * as fs from "node:fs/promises"',
      "yield* fs.makeDirectory(path, { recursive: true })"
    ]) {
      assert.strictEqual(seen(bad), 1, bad)
    }
    for (const good of ['import { constants } from "node:fs"', "Durable.rename(a, b)", "fs.exists(path)"]) {
      assert.strictEqual(seen(good), 0, good)
    }
  })

  it("are about code: comments and the text of strings, templates and regular expressions are blanked", () => {
    const file = "packages/core/src/X.ts"
    for (const text of [
      String.raw`const quoted = /[",\r\n]/
/** A power, x ** n. */
const text = "x ** n"`,
      String.raw`const apostrophe = /it's/ // x ** n`,
      String.raw`s.replace(/["'/]/g, "") // Math.exp
/** x ** n */`,
      String.raw`const slash = [/[/"]/, /\/\*/] // x ** n`,
      "const shown = `x ** n ${f({ a: `Date.now() ${b}` })} Math.exp(x)` // x ** n",
      'const half = { a: (x + 1) / 2, b: `${x / 2}` } // " x ** n'
    ]) {
      assert.deepStrictEqual(rules(file, text), [], text)
    }
    for (const text of [
      'const quoted = /[",]/, y = x ** n // "',
      "const shown = `a ${Math.exp(x)} b`",
      "const shown = `a ${f({ a: `${x ** n}` })} b`",
      'const y = a / b, z = x ** n, w = c / d // "',
      'const y = o.in / 2 + x ** n / 2 // "'
    ]) {
      assert.lengthOf(rules(file, text), 1, text)
    }
    for (const [name, text] of texts) {
      const plain = House.code(text)
      assert.strictEqual(plain.length, text.length, name)
      assert.deepStrictEqual(plain.match(/["'`]|\/[/*]/g), null, name)
    }
  })

  it("see hidden randomness and time", () => {
    const file = "packages/core/src/X.ts"
    assert.lengthOf(rules(file, "const x = Math.random()"), 1)
    assert.lengthOf(rules(file, "const t = Date.now()"), 1)
    assert.lengthOf(rules(file, "const t = new Date()"), 1)
    assert.lengthOf(rules(file, "const t = performance.now()"), 1)
    assert.deepStrictEqual(rules("packages/lab/src/X.ts", "const t = Date.now()"), [])
  })

  it("see what only Node has", () => {
    for (const bad of [
      'import { createHash } from "node:crypto"',
      'import type { Stats } from "node:fs"',
      'const os = await import("node:os")',
      "process.platform",
      'Buffer.from("")'
    ]) {
      assert.deepStrictEqual(rules("packages/envs/src/X.ts", bad), ["Node is asked for in envs/host"], bad)
      assert.deepStrictEqual(rules("packages/lab/src/X.ts", bad), [], bad)
      assert.deepStrictEqual(rules("packages/core/src/host/X.ts", bad), [], bad)
    }
    assert.deepStrictEqual(rules("packages/core/src/X.ts", "new ArrayBuffer(8) // a process"), [])
  })

  it("see powers, but not those of two written numbers", () => {
    for (const file of ["packages/algos/src/X.ts", "packages/lab/src/X.ts"]) {
      for (const bad of [
        "gamma ** n",
        "x **= k",
        "x ** (n + 1)",
        "x ** 2",
        "x2 ** 2",
        "x[1] ** 2",
        "2 ** n"
      ]) {
        assert.lengthOf(rules(file, bad), 1, bad)
      }
      for (const good of ["2 ** -54", "1e3 * 2 ** 31", "/** x ** n */", "// x ** n", '"x ** n"', "x * y"]) {
        assert.deepStrictEqual(rules(file, good), [], good)
      }
    }
  })

  it("see every function of the host whose last bits are open, under any name", () => {
    const exact = new Set(
      "abs ceil clz32 floor fround imul max min round sign sqrt trunc"
        .split(" ")
        .map((name) => `Math.${name}`)
    )
    const functions = Object.getOwnPropertyNames(Math)
      .filter((name) => typeof Object.getOwnPropertyDescriptor(Math, name)?.value === "function")
      .map((name) => `Math.${name}`)
    assert.includeMembers(functions, [...exact, "Math.exp", "Math.atan2", "Math.hypot", "Math.random"])
    for (const file of ["jit", "core", "envs", "algos", "native", "lab"].map(
      (name) => `packages/${name}/src/X.ts`
    )) {
      for (const name of functions) {
        assert.lengthOf(rules(file, `const y = ${name}(x)`), exact.has(name) ? 0 : 1, name)
      }
      for (const bad of ["const { exp } = Math", 'Math["exp"](x)', "globalThis.Math.exp(x)", "f(Math)"]) {
        assert.lengthOf(rules(file, bad), 1, bad)
      }
      for (const good of ["Math.PI * Math.SQRT2", "MathFunctions.make(x)", "// Math.exp"]) {
        assert.deepStrictEqual(rules(file, good), [], good)
      }
    }
  })

  it("have no exception that nobody needs", () => {
    for (const file of Object.keys(House.mayUseHost)) {
      const source = readFileSync(new URL(file, root), "utf8")
      assert.isAbove(House.check(file.replace(/[^/]+$/, "X.ts"), source).length, 0, file)
    }
  })

  it("see lists spread into arguments, in every package", () => {
    for (const file of ["packages/lab/src/X.ts", "packages/jit/src/X.ts"]) {
      for (const bad of ["Math.max(...xs)", "Math.min(ys[0], ...xs)", "out.push(n, ...xs)"]) {
        assert.lengthOf(rules(file, bad), 1, bad)
      }
      for (const good of ["Math.max(a, b)", "[...xs]", "f([...xs], Math.max(a, b))", "out.push([...xs])"]) {
        assert.deepStrictEqual(rules(file, good), [], good)
      }
    }
  })

  it("see in jit what only Node has, but in its room and in the engines that are libraries of Node's", () => {
    for (const bad of [
      'import { join } from "node:path"',
      'const fs = await import("node:fs")',
      'process.getBuiltinModule?.("node:os")'
    ]) {
      assert.deepStrictEqual(rules("packages/jit/src/X.ts", bad), ["Node is asked for in jit/host"], bad)
      assert.deepStrictEqual(rules("packages/jit/src/host/node/X.ts", bad), [])
    }
    assert.lengthOf(rules("packages/jit/src/X.ts", "process.env"), 1)
    assert.deepStrictEqual(rules("packages/jit/src/engines/webgpu/X.ts", "process.env"), [])
    assert.lengthOf(rules("packages/jit/src/engines/webgpu/X.ts", 'import "node:fs"'), 1)
    assert.deepStrictEqual(rules("packages/jit/src/X.ts", 'const foreign = ["node:"]'), [])
  })

  it("see imports against the order of the packages", () => {
    assert.lengthOf(rules("packages/jit/src/X.ts", 'import * as Key from "@ornstein/core/Key"'), 1)
    assert.lengthOf(rules("packages/envs/src/X.ts", 'import { Ddpg } from "@ornstein/algos"'), 1)
    assert.lengthOf(rules("packages/algos/src/X.ts", 'const x = await import("@ornstein/lab")'), 1)
    assert.lengthOf(rules("packages/core/src/X.ts", 'import * as x from "../../envs/src/X.ts"'), 1)
    assert.deepStrictEqual(rules("packages/lab/src/a/X.ts", 'import { Ddpg } from "@ornstein/algos"'), [])
    assert.deepStrictEqual(rules("packages/lab/src/a/X.ts", 'import * as y from "../Y.ts"'), [])
  })

  it("rooms are entered by their faces", () => {
    assert.deepStrictEqual(House.trespasses(texts), [])
    const face = ["packages/core/src/b/index.ts", 'export * as Shown from "./Shown.ts"'] as const
    const seen = (line: string) =>
      House.trespasses(new Map([["packages/core/src/a/X.ts", line], face])).length
    assert.strictEqual(seen('import * as Y from "../b/Shown.ts"'), 1)
    assert.strictEqual(seen('const y = await import("../b/Hidden.ts")'), 1)
    for (const good of [
      'import { Shown } from "../b/index.ts"',
      'const y = await import("../b/Shown.ts")',
      'import * as B from "../b/B.ts"',
      'import * as Z from "./Z.ts"'
    ]) {
      assert.strictEqual(seen(good), 0, good)
    }
  })

  it("no file and no room imports itself by way of others", () => {
    assert.deepStrictEqual(House.circles(texts), [])
    const circles = (...files: ReadonlyArray<readonly [string, string]>) =>
      House.circles(new Map(files.map(([name, text]) => [`packages/core/src/${name}.ts`, text]))).length
    assert.strictEqual(
      circles(["a/X", 'import type * as Y from "./Y.ts"'], ["a/Y", 'import * as X from "./X.ts"']),
      1
    )
    assert.strictEqual(
      circles(
        ["a/X", 'import { Y } from "../b/index.ts"'],
        ["b/Y", ""],
        ["b/Z", 'import { W } from "../a/index.ts"']
      ),
      1
    )
    assert.strictEqual(circles(["a/X", 'import { Y } from "../b/index.ts"'], ["b/Y", ""]), 0)
  })
})
