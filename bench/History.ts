/** What was measured, where and when: kept in `bench/history.json`, and the latest shown in `docs/performance.md` and
 * `docs/engines.md`. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { arch, cpus, platform, totalmem } from "node:os"
import * as Markdown from "./Markdown.ts"

// models

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly v8: string
}

export interface Entry {
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  /** The rows of every section that was measured. */
  readonly sections: { readonly [name: string]: ReadonlyArray<unknown> }
}

// pure core

const shown = ({ commit, date, machine }: Entry): string => {
  const { cores, memoryGiB, node, processor, system, v8 } = machine
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; Node ${node}, V8 ${v8}; commit ${commit}, ${date.slice(0, 10)}.`
}

// constructors

export const entry = (sections: Entry["sections"]): Entry => ({
  date: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  machine: {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8
  },
  sections
})

// combinators

const HISTORY = new URL("history.json", import.meta.url)
const page = (name: string): URL =>
  new URL(name === "engines" ? "../docs/engines.md" : "../docs/performance.md", import.meta.url)

/** Appends to the history and renews the tables of the pages. */
export const keep = (entry: Entry, tables: { readonly [name: string]: string }): void => {
  for (const [name, table] of Object.entries(tables)) {
    const text = readFileSync(page(name), "utf8")
    writeFileSync(
      page(name),
      Markdown.withSection(text, name, `${shown(entry)}\n\n${table}`, "bench -- --write")
    )
  }
  const history: unknown = existsSync(HISTORY) ? JSON.parse(readFileSync(HISTORY, "utf8")) : []
  const entries: ReadonlyArray<unknown> = Array.isArray(history) ? history : []
  writeFileSync(HISTORY, `${JSON.stringify([...entries, entry], null, 2)}\n`)
}
