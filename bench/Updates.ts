/** DDPG updates over a grid of batch, width and threads on the engines `native` and `wasm`. */
import { Engine } from "@ornstein/jit"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as UpdateBench from "@ornstein/lab/UpdateBench"
import { availableParallelism } from "node:os"
import * as Markdown from "./Markdown.ts"

// models

export interface Row extends UpdateBench.Result {
  readonly engine: string
  readonly batch: number
  readonly hidden: readonly [number, ...ReadonlyArray<number>]
  readonly threads: number
}

// pure core

const grid: ReadonlyArray<Pick<Row, "batch" | "hidden">> = [
  { batch: 64, hidden: [64, 64] },
  { batch: 64, hidden: [256, 256] },
  { batch: 256, hidden: [256, 256] },
  { batch: 1024, hidden: [256, 256] },
  { batch: 64, hidden: [400, 300] }
]

/** The row of the same size and of this engine, on one thread. */
const alone = (row: Row, all: ReadonlyArray<Row>, of: string): Row | undefined =>
  all.find(
    ({ batch, engine, hidden, threads }) =>
      threads === 1 && engine === of && batch === row.batch && hidden.join() === row.hidden.join()
  )

const ratio = (row: Row, other: Row | undefined): string =>
  (row.milliseconds / (other?.milliseconds ?? row.milliseconds)).toFixed(2)

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["engine", ({ engine }) => `\`${engine}\``],
  ["batch, hidden", ({ batch, hidden }) => `${batch}, ${hidden.join("-")}`],
  ["threads", ({ threads }) => String(threads)],
  ["update, ms", ({ milliseconds }) => milliseconds.toFixed(3)],
  ["of 1 thread", (row, all) => ratio(row, alone(row, all, row.engine))],
  ["of `wasm`, 1 thread", (row, all) => ratio(row, alone(row, all, "wasm"))],
  ["Gflop/s", ({ gflops }) => gflops.toFixed(1)],
  ["of the peak", ({ peakFraction }) => peakFraction.toFixed(2)],
  ["acting, ms", ({ actingMilliseconds }) => actingMilliseconds.toFixed(4)],
  ["trace and compile, ms", ({ compileMilliseconds }) => compileMilliseconds.toFixed(0)],
  ["bytes per call", ({ allocatedBytesPerCall }) => String(allocatedBytesPerCall)]
]

/** The rows as a Markdown table. */
export const table = (rows: ReadonlyArray<Row>): string => Markdown.table(columns, rows)

// measuring

/** `native` at every level that this processor has, and `wasm`. */
const engines = (): ReadonlyArray<readonly [name: string, make: (threads: number) => Engine.Engine]> => {
  const wasm = ["wasm", (threads: number) => WasmEngine.make({ threads })] as const
  try {
    const levels = NativeEngine.level() === "avx512" ? (["avx512", "avx2"] as const) : (["avx2"] as const)
    return [
      ...levels.map(
        (level) => [`native:${level}`, (threads: number) => NativeEngine.make({ level, threads })] as const
      ),
      wasm
    ]
  } catch (cause) {
    if (cause instanceof Engine.EngineError) return [wasm]
    throw cause
  }
}

export const measure = (): ReadonlyArray<Row> =>
  grid.flatMap((sizes) =>
    engines().flatMap(([engine, make]) =>
      (availableParallelism() >= 2 ? [1, 2] : [1]).map((threads) => ({
        ...sizes,
        engine,
        threads,
        ...UpdateBench.measure({ ...sizes, observation: 3, action: 1, threads, engine: make(threads) })
      }))
    )
  )
