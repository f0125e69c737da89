/** Runs that are killed many times, and must end with the numbers and tables of the run that was left alone. */
import { Key } from "@ornstein/core"
import type * as Experiment from "@ornstein/lab/Experiment"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

// models

export interface Options {
  readonly steps: number
  readonly kills: number
  /** Fixes when and how the run is killed. */
  readonly seed: number
  /** The executables of Node that take turns. */
  readonly nodes?: ReadonlyArray<string>
}

export interface Result {
  readonly kills: { readonly SIGKILL: number; readonly SIGINT: number; readonly inWrite: number }
  /** The longest time from SIGINT to the exit, in milliseconds. */
  readonly slowestExit: number
  /** Files that differ from those of the run that was left alone. */
  readonly differences: ReadonlyArray<string>
}

// the table

const pendulum = { kind: "pendulum" } as const
const training = { warmup: 200, learningStarts: 250, batchSize: 32, sliceSteps: 50 }

/** The experiments of the torture, by name. */
export const experiments = {
  "ddpg, uniform": {
    environment: pendulum,
    algorithm: { base: "ddpg", hidden: [32, 32] },
    exploration: { kind: "ornsteinUhlenbeck", theta: 0.15, sigma: 0.2 },
    replay: { kind: "uniform", capacity: 3000 },
    training
  },
  "td3, n-step, priorities": {
    environment: pendulum,
    algorithm: {
      base: "td3",
      hidden: [32, 32],
      actorLearningRate: {
        kind: "warmup",
        steps: 300,
        to: { kind: "cosine", from: 1e-3, to: 1e-5, steps: 900 },
        per: "update"
      },
      criticLearningRate: { kind: "cosine", from: 2e-3, to: 1e-4, steps: 1400 }
    },
    replay: { kind: "prioritized", capacity: 3000, nStep: 3 },
    training
  },
  "sac, normalised observations": {
    environment: pendulum,
    algorithm: { base: "sac", hidden: [32, 32] },
    exploration: { kind: "none" },
    replay: { kind: "uniform", capacity: 3000 },
    training: { ...training, normalize: { observations: true } }
  },
  "td3, HalfCheetah": {
    environment: { kind: "halfCheetah", timeLimit: 150 },
    algorithm: { base: "td3", hidden: [32, 32] },
    replay: { kind: "uniform", capacity: 3000 },
    training
  },
  "td3, Ant": {
    environment: { kind: "ant" },
    algorithm: { base: "td3", hidden: [32, 32] },
    replay: { kind: "uniform", capacity: 3000 },
    training
  },
  "td3, LunarLanderContinuous": {
    environment: { kind: "lunarLanderContinuous", enableWind: true },
    algorithm: { base: "td3", hidden: [32, 32] },
    replay: { kind: "uniform", capacity: 3000 },
    training
  },
  "actor-critic, CartPole": {
    environment: { kind: "cartPole" },
    algorithm: { base: "actorCritic", hidden: [32] },
    exploration: { kind: "none" },
    replay: { kind: "rollout", capacity: 1 },
    training: { ...training, warmup: 0, learningStarts: 0, batchSize: 1 }
  }
} satisfies { readonly [name: string]: Experiment.Input }

// processes

const VICTIM = fileURLToPath(new URL("Victim.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly exitMillis: number
}

/** How a process is to end: by itself, by a signal some time after its run has begun, or in the n-th write. */
type Fate =
  | { readonly kind: "none" }
  | { readonly kind: "inWrite"; readonly at: number }
  | { readonly kind: "SIGKILL" | "SIGINT"; readonly millis: number }

const command = (node: string, args: ReadonlyArray<string>, fate: Fate): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, ...(fate.kind === "inWrite" ? { KILL_AT: String(fate.at) } : {}) }
    const child = spawn(node, ["--conditions=@ornstein/source", VICTIM, ...args, "--json"], { env })
    let output = ""
    let killedAt = 0
    let isBegun = false
    const kill = async (signal: "SIGKILL" | "SIGINT", millis: number): Promise<void> => {
      await sleep(millis)
      killedAt = performance.now()
      child.kill(signal)
    }
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      if (isBegun || !output.includes("\nin ")) return
      isBegun = true
      if (fate.kind === "SIGKILL" || fate.kind === "SIGINT") void kill(fate.kind, fate.millis)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.on("close", (code) =>
      resolve({ code, output, exitMillis: killedAt === 0 ? 0 : performance.now() - killedAt })
    )
  })

// running

const KINDS = ["SIGKILL", "SIGINT", "inWrite"] as const

const TABLES = ["config.json", "metrics.jsonl", "evaluations.jsonl"]

const hashOf = (run: string): string =>
  JSON.stringify(JSON.parse(readFileSync(join(run, "run.json"), "utf8")).hash)

/**
 * Runs the experiment once undisturbed, and once killed `kills` times, below `directory`. Throws if a process ends in a
 * way that is none of those.
 */
export const torture = async (
  directory: string,
  experiment: Experiment.Input,
  { kills, nodes = [process.execPath], seed, steps }: Options
): Promise<Result> => {
  const file = join(directory, "experiment.json")
  const [whole, run] = [join(directory, "whole"), join(directory, "run")]
  mkdirSync(directory, { recursive: true })
  writeFileSync(
    file,
    JSON.stringify({
      ...experiment,
      training: { ...experiment.training, steps },
      evaluation: { episodes: 2, every: 1000 }
    })
  )
  const every = Math.max(300, Math.floor(steps / 60))
  const train = ["train", "--config", file, "--checkpoint-every", String(every)]
  const key = Key.make(seed)
  const node = (n: number): string => nodes[n % nodes.length] ?? process.execPath

  const undisturbed = await command(node(0), [...train, "--out", whole], { kind: "none" })
  if (undisturbed.code !== 0) throw new Error(undisturbed.output)
  const { wallSeconds }: { readonly wallSeconds: number } = JSON.parse(
    readFileSync(join(whole, "run.json"), "utf8")
  )

  const fate = (n: number): Fate => {
    const kind = KINDS[n % KINDS.length] ?? "SIGKILL"
    const share = Key.uniform(Key.fold(key, "when"), n)
    if (kind === "inWrite") return { kind, at: Math.floor(100 * share) }
    return { kind, millis: Math.floor((1500 * wallSeconds * share) / kills) }
  }
  const differing = (): ReadonlyArray<string> => [
    ...TABLES.filter(
      (name) => readFileSync(join(run, name), "utf8") !== readFileSync(join(whole, name), "utf8")
    ),
    ...(hashOf(run) === hashOf(whole) ? [] : ["the final hashes"])
  ]
  const counts = { SIGKILL: 0, SIGINT: 0, inWrite: 0 }
  let slowestExit = 0
  for (let n = 0; ; n++) {
    const isDone = counts.SIGKILL + counts.SIGINT + counts.inWrite >= kills
    const next: Fate = isDone ? { kind: "none" } : fate(n)
    const args = existsSync(run) ? ["resume", run] : [...train, "--out", run]
    const { code, exitMillis, output } = await command(node(n), args, next)
    if (code === 0) {
      const differences = differing()
      if (isDone || differences.length > 0) return { kills: counts, slowestExit, differences }
      // It was done before it could be killed: the rest of the kills are for another run like it.
      rmSync(run, { recursive: true })
      continue
    }
    const isExpected = next.kind === "SIGINT" ? code === 130 : next.kind !== "none" && code === null
    if (!isExpected) throw new Error(`${next.kind} ended with ${code}:\n${output}`)
    if (next.kind === "SIGINT") slowestExit = Math.max(slowestExit, exitMillis)
    if (next.kind !== "none") counts[next.kind] += 1
  }
}
