/**
 * The same DDPG update on every engine that is here, each in a process of its own: some libraries take their threads
 * once a process. For one size all of them follow each other, and again, so that they see the same machine.
 *
 * `BENCH_PYTHON` may name a Python that has PyTorch and JAX: then the same update in theirs stands beside.
 */
import { spawnSync } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import * as Markdown from "./Markdown.ts"

// models

interface Size {
  readonly batch: number
  readonly hidden: string
}

interface Measured {
  readonly milliseconds: number
  readonly actingMilliseconds: number
  readonly compileMilliseconds: number
}

interface Stack {
  readonly name: string
  /** Not given to those that take none. */
  readonly threads?: number
  /** Measured at the small sizes only. */
  readonly isSlow?: true
  /** A program and its arguments, which prints a `Measured` as JSON. */
  readonly command: (size: Size) => ReadonlyArray<string>
}

export interface Row {
  readonly name: string
  readonly threads?: number
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

/** How often everything is measured. */
const PASSES = 2

const nameOf = ({ batch, hidden }: Size): string => `${batch}, ${hidden.replaceAll(",", "-")}`

const options = ({ batch, hidden }: Size): ReadonlyArray<string> => [
  "--batch",
  String(batch),
  "--hidden",
  hidden
]

const better = (a: Measured | undefined, b: Measured): Measured =>
  a === undefined
    ? b
    : {
        milliseconds: Math.min(a.milliseconds, b.milliseconds),
        actingMilliseconds: Math.min(a.actingMilliseconds, b.actingMilliseconds),
        compileMilliseconds: Math.min(a.compileMilliseconds, b.compileMilliseconds)
      }

const isMeasured = (u: unknown): u is Measured =>
  typeof u === "object" && u !== null && "milliseconds" in u && "actingMilliseconds" in u

// what is measured

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const ornstein = script("../packages/lab/bin/ornstein.js")

const engine = (name: string, more: Pick<Stack, "threads" | "isSlow"> = {}): Stack => ({
  name,
  ...more,
  command: (size) => [
    process.execPath,
    ornstein,
    "bench",
    "update",
    "--json",
    "--engine",
    name,
    ...(more.threads === undefined ? [] : ["--threads", String(more.threads)]),
    ...options(size)
  ]
})

const threads = availableParallelism() >= 2 ? [1, 2] : [1]

const python = (interpreter: string): ReadonlyArray<Stack> =>
  threads.flatMap((threads) => {
    const cores = `0-${threads - 1}`
    return [
      {
        name: "PyTorch",
        threads,
        command: (size) => [
          interpreter,
          script("python/update_torch.py"),
          ...options(size),
          "--threads",
          String(threads)
        ]
      },
      {
        name: "JAX",
        threads,
        command: (size) => [
          "taskset",
          "-c",
          cores,
          interpreter,
          script("python/update_jax.py"),
          ...options(size)
        ]
      }
    ]
  })

const { BENCH_PYTHON } = process.env

const stacks: ReadonlyArray<Stack> = [
  ...threads.map((threads) => engine("native", { threads })),
  engine("native:avx2", { threads: 1 }),
  engine("native:fused", { threads: 1 }),
  ...threads.map((threads) => engine("wasm", { threads })),
  ...threads.map((threads) => engine("wasm:relaxed", { threads })),
  ...threads.map((threads) => engine("tensorflow:cpu", { threads })),
  engine("tensorflow:gpu"),
  engine("tfjs:webgpu"),
  engine("tfjs:webgpu:any", { isSlow: true }),
  engine("tfjs:cpu", { isSlow: true }),
  ...(BENCH_PYTHON === undefined ? [] : python(BENCH_PYTHON))
]

// the table

const shown = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? "" : milliseconds.toFixed(milliseconds < 1 ? 3 : 2)

const columns: ReadonlyArray<Markdown.Column<Row>> = [
  ["engine", ({ name }) => (/^(?:native|wasm|tensorflow|tfjs)\b/.test(name) ? `\`${name}\`` : name)],
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

const run = ([program = "", ...args]: ReadonlyArray<string>): Measured | string => {
  const { error, status, stderr, stdout } = spawnSync(program, args, { encoding: "utf8" })
  const measured: unknown = status === 0 ? JSON.parse(stdout) : undefined
  return isMeasured(measured) ? measured : (error?.message ?? stderr.trim().split("\n").at(-1) ?? "it failed")
}

export const measure = (): ReadonlyArray<Row> => {
  const rows = stacks.map(({ name, threads }) => ({
    name,
    ...(threads === undefined ? {} : { threads }),
    updates: new Map<string, Measured>(),
    missing: new Array<string>()
  }))
  for (const [n, size] of sizes.entries()) {
    for (let pass = 0; pass < PASSES; pass++) {
      stacks.forEach(({ command, isSlow }, i) => {
        const row = rows[i]
        if (row === undefined || row.missing.length > 0) return
        if (isSlow && (n >= SMALL || pass > 0)) return
        const result = run(command(size))
        if (typeof result === "string") row.missing.push(result)
        else row.updates.set(nameOf(size), better(row.updates.get(nameOf(size)), result))
      })
    }
  }
  return rows.map(({ missing: [missing], updates, ...row }) => ({
    ...row,
    updates: Object.fromEntries(updates),
    ...(missing === undefined ? {} : { missing })
  }))
}
