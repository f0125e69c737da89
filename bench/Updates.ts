/** The grid of update sizes that `npm run bench` measures, and how its results are shown and kept. */
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as UpdateBench from "@ornstein/lab/UpdateBench"
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { arch, cpus, platform, totalmem } from "node:os"

// models

export interface Row extends UpdateBench.Result {
  readonly batch: number
  readonly hidden: readonly [number, ...ReadonlyArray<number>]
  readonly threads: number
}

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly v8: string
}

/** One line of the history: what was measured, where, at which commit. */
export interface Entry {
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly updates: ReadonlyArray<Row>
}

// pure core

const observation = 3
const action = 1

const grid: ReadonlyArray<Pick<Row, "batch" | "hidden">> = [
  { batch: 64, hidden: [64, 64] },
  { batch: 64, hidden: [256, 256] },
  { batch: 256, hidden: [256, 256] },
  { batch: 64, hidden: [400, 300] }
]

const columns: ReadonlyArray<readonly [title: string, cell: (row: Row, all: ReadonlyArray<Row>) => string]> =
  [
    ["batch, hidden", ({ batch, hidden }) => `${batch}, ${hidden.join("-")}`],
    ["threads", ({ threads }) => String(threads)],
    ["update, ms", ({ milliseconds }) => milliseconds.toFixed(3)],
    [
      "of 1 thread",
      (row, all) => {
        const one = all.find(
          ({ batch, hidden, threads }) =>
            threads === 1 && batch === row.batch && hidden.join() === row.hidden.join()
        )
        return one === undefined ? "" : (row.milliseconds / one.milliseconds).toFixed(2)
      }
    ],
    ["Gflop/s", ({ gflops }) => gflops.toFixed(1)],
    ["of the plain product", ({ peakFraction }) => peakFraction.toFixed(2)],
    ["acting, ms", ({ actingMilliseconds }) => actingMilliseconds.toFixed(4)],
    ["trace and compile, ms", ({ compileMilliseconds }) => compileMilliseconds.toFixed(0)],
    ["bytes per call", ({ allocatedBytesPerCall }) => String(allocatedBytesPerCall)]
  ]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string =>
  [
    columns.map(([title]) => title),
    columns.map(() => "---"),
    ...rows.map((row) => columns.map(([, cell]) => cell(row, rows)))
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")

const describe = ({ cores, memoryGiB, node, processor, system, v8 }: Machine): string =>
  `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; Node ${node}, V8 ${v8}`

const BEGIN = "<!-- made by npm run bench -- --write -->"
const END = "<!-- end -->"

/** The page with its table replaced by this entry's. */
export const withTable = (page: string, { commit, date, machine, updates }: Entry): string => {
  const [before] = page.split(BEGIN)
  const [, after = ""] = page.split(END)
  const made = `${describe(machine)}; commit ${commit}, ${date.slice(0, 10)}.\n\n${table(updates)}`
  return `${before}${BEGIN}\n\n${made}\n\n${END}${after}`
}

// measuring

export const measure = (threads: ReadonlyArray<number>): ReadonlyArray<Row> =>
  grid.flatMap((sizes) =>
    threads.map((count) => ({
      ...sizes,
      threads: count,
      ...UpdateBench.measure({ ...sizes, observation, action, engine: WasmEngine.make({ threads: count }) })
    }))
  )

const machine = (): Machine => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.versions.node,
  v8: process.versions.v8
})

export const entry = (updates: ReadonlyArray<Row>): Entry => ({
  date: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  machine: machine(),
  updates
})

// keeping

const HISTORY = new URL("history.json", import.meta.url)
const PAGE = new URL("../docs/performance.md", import.meta.url)

/** Appends to the history and renews the table in `docs/performance.md`. */
export const keep = (entry: Entry): void => {
  const history: unknown = existsSync(HISTORY) ? JSON.parse(readFileSync(HISTORY, "utf8")) : []
  const entries: ReadonlyArray<unknown> = Array.isArray(history) ? history : []
  writeFileSync(HISTORY, `${JSON.stringify([...entries, entry], null, 2)}\n`)
  writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), entry))
}
