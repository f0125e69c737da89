/** Every error that the packages define has the one shape: what, where, how to fix it, an exit code, and a message of these. */
import * as Fault from "@ornstein/core/Fault"
import { Runtime, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../../packages/", import.meta.url)

const files = readdirSync(root).flatMap((name) =>
  readdirSync(new URL(`${name}/src`, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => new URL(`${name}/src/${file}`, root))
)

/** The names of the error classes in a source file. */
const defined = (file: URL): ReadonlyArray<string> =>
  Array.from(
    readFileSync(file, "utf8").matchAll(
      /^  extends Schema\.TaggedError<(\w+)>|^export class \w+ extends Schema\.TaggedError<(\w+)>/gm
    ),
    ([, name, other]) => name ?? other!
  )

const errors = files.flatMap((file) => defined(file).map((name) => [name, file] as const))

describe("errors", () => {
  it("are many, and each has a name of its own", () => {
    assert.isAbove(errors.length, 35)
    const names = errors.map(([name]) => name)
    assert.deepStrictEqual([...new Set(names)], names)
  })

  it.each(errors)("%s is a fault", (name, file) => {
    const source = readFileSync(file, "utf8")
    const from = source.indexOf(`class ${name}\n`)
    assert.isAtLeast(from, 0, `${name} does not implement Fault`)
    const text = source.slice(from, source.indexOf("\n}\n", from))
    assert.include(text, "implements Fault.Fault")
    assert.include(text, "return Fault.message(this)")
    assert.match(text, /override readonly \[Runtime\.errorExitCode\] =/)
  })

  it("say what, where and how to fix it in one line", () => {
    class Broken
      extends Schema.TaggedError<Broken>()("Broken", { part: Schema.String, ...Fault.fields })
      implements Fault.Fault
    {
      override readonly [Runtime.errorExitCode] = Fault.exit.refused
      get where(): string {
        return this.part
      }
      override get message(): string {
        return Fault.message(this)
      }
    }
    const broken = new Broken({ part: "a\u001b[2Jb", what: "it is broken", fix: "Mend it" })
    assert.strictEqual(broken.message, "a\\u001b[2Jb: it is broken. Mend it")
    assert.strictEqual(Runtime.getErrorExitCode(broken), 2)
    assert.strictEqual(Fault.message({ what: "only this" }), "only this")
  })
})
