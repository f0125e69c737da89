/**
 * The same DDPG update on every engine that is here, each in a process of its own: some libraries take their threads
 * once a process. For one size all engines follow each other, so that they see the same machine.
 */
import { spawnSync } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import * as Markdown from "./Markdown.ts"

// models

interface Engine {
  readonly name: string
  /** Not given to engines that take none. */
  readonly threads?: number
  /** Measured at the small sizes only. */
  readonly isSlow?: true
}

interface Size {
  readonly batch: number
  readonly hidden: string
}

interface Measured {
  readonly milliseconds: number
  readonly actingMilliseconds: number
  readonly compileMilliseconds: number
}

export interface Row extends Engine {
  /** By size; nothing if the engine is not here. */
  readonly updates: { readonly [size: string]: Measured }
  /** Why it is not here. */
  readonly missing?: string
}

// pure core

const sizes: ReadonlyArray<Size> = [
  { batch: 64, hidden: "64,64" },
  { batch: 64, hidden: "256,256" },
  { batch: 64, hidden: "400,300" },
  { batch: 256, hidden: "256,256" },
  { batch: 1024, hidden: "256,256" }
]

/** How many of them are small. */
const SMALL = 2

const nameOf = ({ batch, hidden }: Size): string => `${batch}, ${hidden.replaceAll(",", "-")}`

const threads = availableParallelism() >= 2 ? [1, 2] : [1]

const engines: ReadonlyArray<Engine> = [
  ...threads.map((threads) => ({ name: "wasm", threads })),
  ...threads.map((threads) => ({ name: "wasm:relaxed", threads })),
  { name: "tfjs:cpu", isSlow: true },
  { name: "tfjs:webgpu" },
  { name: "tfjs:webgpu:any", isSlow: true },
  ...threads.map((threads) => ({ name: "tensorflow:cpu", threads })),
  { name: "tensorflow:gpu" }
]

const shown = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? "" : milliseconds.toFixed(milliseconds < 1 ? 3 : 2)

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["engine", ({ name }) => `\`${name}\``],
  ["threads", ({ threads }) => String(threads ?? "")],
  ...sizes.map(
    (size): Markdown.Column<Row> => [
      nameOf(size),
      ({ updates }) => shown(updates[nameOf(size)]?.milliseconds)
    ]
  ),
  ["acting", ({ updates }) => shown(updates["64, 256-256"]?.actingMilliseconds)],
  ["trace and compile", ({ updates }) => updates["64, 256-256"]?.compileMilliseconds.toFixed(0) ?? ""]
]

/** The rows as a Markdown table in milliseconds, and why an engine has none. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const here = rows.filter(({ missing }) => missing === undefined)
  const absent = rows.flatMap(({ missing, name }) =>
    missing === undefined ? [] : [`\`${name}\`: ${missing}`]
  )
  return [Markdown.table(columns, here), ...absent.map((why) => `Not measured, ${why}`)].join("\n\n")
}

// measuring

const command = fileURLToPath(new URL("../packages/lab/bin/ornstein.js", import.meta.url))

const isMeasured = (u: unknown): u is Measured =>
  typeof u === "object" && u !== null && "milliseconds" in u && "actingMilliseconds" in u

const run = ({ name, threads }: Engine, { batch, hidden }: Size): Measured | string => {
  const options = ["--engine", name, "--batch", String(batch), "--hidden", hidden]
  const given = threads === undefined ? [] : ["--threads", String(threads)]
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [command, "bench", "update", "--json", ...options, ...given],
    { encoding: "utf8" }
  )
  const measured: unknown = status === 0 ? JSON.parse(stdout) : undefined
  return isMeasured(measured) ? measured : (stderr.trim().split("\n").at(-1) ?? "it failed")
}

export const measure = (): ReadonlyArray<Row> => {
  const updates = engines.map((): { [size: string]: Measured } => ({}))
  const missing = engines.map((): string | undefined => undefined)
  for (const [n, size] of sizes.entries()) {
    engines.forEach((engine, i) => {
      if (missing[i] !== undefined || (engine.isSlow && n >= SMALL)) return
      const result = run(engine, size)
      if (typeof result === "string") missing[i] = result
      else updates[i] = { ...updates[i], [nameOf(size)]: result }
    })
  }
  return engines.map((engine, i) => ({
    ...engine,
    updates: updates[i] ?? {},
    ...(missing[i] === undefined ? {} : { missing: missing[i] })
  }))
}
