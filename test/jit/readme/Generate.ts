/**
 * The parts of the package's README that come from code. `node --conditions=@ornstein/source
 * test/jit/readme/Generate.ts` writes them; a test checks that they are up to date.
 */
import "@ornstein/jit/Gradients"
import * as Kernels from "@ornstein/jit/Kernels"
import * as tf from "@tensorflow/tfjs-core"
import { readFileSync, writeFileSync } from "node:fs"

const readme = new URL("../../../packages/jit/README.md", import.meta.url)
const example = new URL("./Example.ts", import.meta.url)

const yes = (flag: boolean): string => (flag ? "yes" : "")

const row = ({ exact, inputs, kind, name }: Kernels.Kernel): string => {
  const read = inputs === "list" ? "any number" : inputs.join(", ")
  const hasGradient = name === "_FusedMatMul" || Boolean(tf.getGradient(name))
  return `| \`${name}\` | ${kind} | ${read} | ${yes(hasGradient)} | ${yes(exact)} |`
}

const table = [
  "| kernel | kind | inputs | gradient | bits fixed by IEEE 754 |",
  "| --- | --- | --- | --- | --- |",
  ...Kernels.all.map(row)
].join("\n")

/** Replaces what stands between the markers of the part `name`. */
const replace = (text: string, name: string, part: string): string => {
  const [start, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`]
  const [before, rest = ""] = text.split(start)
  const [, after] = rest.split(end)
  if (before === undefined || after === undefined) throw new Error(`the README has no part ${name}`)
  return `${before}${start}\n${part}\n${end}${after}`
}

export const current = (): string => readFileSync(readme, "utf8")

/** The README as it should be. */
export const generated = (): string => {
  const code = ["```ts", readFileSync(example, "utf8").trimEnd(), "```"].join("\n")
  return replace(replace(current(), "example", code), "kernels", table)
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(readme, generated())
