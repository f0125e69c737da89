/** DDPG updates over a grid of batch, width and threads on the engine `wasm`. */
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as UpdateBench from "@ornstein/lab/UpdateBench"
import { availableParallelism } from "node:os"
import * as Markdown from "./Markdown.ts"

// models

export interface Row extends UpdateBench.Result {
  readonly batch: number
  readonly hidden: readonly [number, ...ReadonlyArray<number>]
  readonly threads: number
}

// pure core

const grid: ReadonlyArray<Pick<Row, "batch" | "hidden">> = [
  { batch: 64, hidden: [64, 64] },
  { batch: 64, hidden: [256, 256] },
  { batch: 256, hidden: [256, 256] },
  { batch: 64, hidden: [400, 300] }
]

const alone = (row: Row, all: ReadonlyArray<Row>): Row | undefined =>
  all.find(
    ({ batch, hidden, threads }) =>
      threads === 1 && batch === row.batch && hidden.join() === row.hidden.join()
  )

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["batch, hidden", ({ batch, hidden }) => `${batch}, ${hidden.join("-")}`],
  ["threads", ({ threads }) => String(threads)],
  ["update, ms", ({ milliseconds }) => milliseconds.toFixed(3)],
  [
    "of 1 thread",
    (row, all) => (row.milliseconds / (alone(row, all)?.milliseconds ?? row.milliseconds)).toFixed(2)
  ],
  ["Gflop/s", ({ gflops }) => gflops.toFixed(1)],
  ["of the plain product", ({ peakFraction }) => peakFraction.toFixed(2)],
  ["acting, ms", ({ actingMilliseconds }) => actingMilliseconds.toFixed(4)],
  ["trace and compile, ms", ({ compileMilliseconds }) => compileMilliseconds.toFixed(0)],
  ["bytes per call", ({ allocatedBytesPerCall }) => String(allocatedBytesPerCall)]
]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string => Markdown.table(columns, rows)

// measuring

export const measure = (): ReadonlyArray<Row> =>
  grid.flatMap((sizes) =>
    (availableParallelism() >= 2 ? [1, 2] : [1]).map((threads) => ({
      ...sizes,
      threads,
      ...UpdateBench.measure({ ...sizes, observation: 3, action: 1, engine: WasmEngine.make({ threads }) })
    }))
  )
