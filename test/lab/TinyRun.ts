/** A run of a second, and what it leaves. */
import * as JsonPath from "@ornstein/core/JsonPath"
import { Effect } from "effect"
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

/** A run of a second, with a checkpoint every 200 steps. */
export const tiny = {
  environment: { kind: "pendulum" },
  algorithm: { base: "ddpg", hidden: [4] },
  training: { steps: 600, warmup: 100, learningStarts: 150, batchSize: 8, sliceSteps: 50 },
  evaluation: { episodes: 2, every: 200 },
  replay: { kind: "uniform", capacity: 400 }
}

export const read = (...path: ReadonlyArray<string>): string => readFileSync(join(...path), "utf8")

export const at = (run: string, path: string): unknown => JsonPath.at(JSON.parse(read(run, "run.json")), path)

/** What must not depend on how a run was stopped. */
export const course = (run: string) => ({
  metrics: read(run, "metrics.jsonl"),
  evaluations: read(run, "evaluations.jsonl"),
  hash: at(run, "hash")
})

export const inDirectory = <A, E, R>(use: (path: string, run: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Terminal.directory, (path) => {
    writeFileSync(join(path, "tiny.json"), JSON.stringify(tiny))
    return use(path, join(path, "run"))
  })

export const train = (path: string, run: string, ...args: ReadonlyArray<string>) =>
  Terminal.ornstein(
    "train",
    "--config",
    join(path, "tiny.json"),
    "--out",
    run,
    "--checkpoint-every",
    "200",
    ...args
  )

/** The run as a kill left it right after the checkpoint of a step; rows of later slices are there already. */
export const rewound = (run: string, to: string, step: number): void => {
  cpSync(run, to, { recursive: true })
  const checkpoints = join(to, "checkpoints")
  for (const name of readdirSync(checkpoints)) {
    if (name !== "segments" && Number(name) > step) rmSync(join(checkpoints, name), { recursive: true })
  }
  const manifest = JSON.parse(read(to, "run.json"))
  writeFileSync(join(to, "run.json"), JSON.stringify({ ...manifest, status: "running", hash: null }))
}
