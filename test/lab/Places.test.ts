/**
 * Every place that can be named on a command line, named wrongly: exit code 2, one line that says what is wrong, where, and
 * what to do, in our words; and nothing is written.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const tiny = {
  environment: { kind: "pendulum", timeLimit: 100 },
  algorithm: { base: "ddpg", hidden: [2] },
  training: { steps: 200, warmup: 20, learningStarts: 50, batchSize: 4, sliceSteps: 50, updateEvery: 5 },
  evaluation: { episodes: 1, every: 100 },
  replay: { kind: "uniform", capacity: 150 }
}

const base = mkdtempSync(join(tmpdir(), "ornstein-places-"))
const at = (...names: ReadonlyArray<string>): string => join(base, ...names)
const run = at("runs", "a")

beforeAll(async () => {
  writeFileSync(at("tiny.json"), JSON.stringify(tiny))
  writeFileSync(at("file"), "something")
  mkdirSync(at("folder"))
  writeFileSync(at("folder", "inside"), "")
  symlinkSync(at("nowhere"), at("dangling"))
  symlinkSync(at("circle"), at("circle"))
  execFileSync("mkfifo", [at("pipe")])
  mkdirSync(at("runs"))
  for (const args of [
    ["train", "--config", at("tiny.json"), "--checkpoint-every", "100", "--out", run],
    ["export", run, "--out", at("policy.safetensors")]
  ]) {
    const { code, err } = await Effect.runPromise(Terminal.ornstein(...args))
    assert.strictEqual(code, 0, err.join("\n"))
  }
})

afterAll(() => rmSync(base, { recursive: true }))

/** A place on a command line: the words before it, and those behind it. */
type Slot = readonly [before: ReadonlyArray<string>, behind?: ReadonlyArray<string>]

const newFiles: ReadonlyArray<Slot> = [
  [["export", run, "--out"]],
  [["play", "Pendulum-v1", "--steps", "2", "--gif"]],
  [["play", "Pendulum-v1", "--steps", "2", "--png"]]
]
const newDirectories: ReadonlyArray<Slot> = [
  [["train", "--config", at("tiny.json"), "--out"]],
  [["branch", run, "--at", "100", "--set", "training.steps=250", "--out"]],
  [["report", run, "--out"]]
]
const runs: ReadonlyArray<Slot> = [
  [["resume"]],
  [["verify"]],
  [["report"], ["--out", at("never")]],
  [
    ["report", run],
    ["--out", at("never")]
  ],
  [["branch"], ["--set", "algorithm.tau=0.5", "--out", at("never")]]
]
const policies: ReadonlyArray<Slot> = [[["evaluate"]], [["play"]], [["export"], ["--out", at("never")]]]
const listed: ReadonlyArray<Slot> = [[["runs"]]]
const readFiles: ReadonlyArray<Slot> = [
  [["train", "--config"]],
  [["train", "--config", at("tiny.json"), "--with"]],
  [["envs", "check"]]
]
const sockets: ReadonlyArray<Slot> = [
  [["train", "--config", at("tiny.json"), "--socket"]],
  [["resume", run, "--socket"]],
  [["branch", run, "--set", "algorithm.tau=0.5", "--socket"]]
]
const builds: ReadonlyArray<Slot> = ["--wheel", "--libtensorflow", "--node-headers"].map((flag) => [
  ["native", "build", flag]
])
const inputs = [...runs, ...policies, ...listed, ...readFiles, ...sockets]
const all = [...newFiles, ...newDirectories, ...inputs, ...builds]

/** Bad places, by the slots that they are bad for. */
const bad: ReadonlyArray<readonly [name: string, path: string, slots: ReadonlyArray<Slot>]> = [
  ["nothing", "", all],
  ["a name with NUL", "a\u0000b", all],
  ["below a file", at("file", "x"), [...newFiles, ...newDirectories, ...inputs]],
  ["a file with a slash behind it", `${at("file")}/`, [...newFiles, ...newDirectories, ...runs, ...policies]],
  ["in /proc", "/proc/x", [...newFiles, ...newDirectories, ...inputs]],
  ["a device", "/dev/full", [...newFiles, ...newDirectories, ...inputs]],
  ["a device that takes all", "/dev/null", [...newFiles, ...newDirectories, ...inputs]],
  ["a pipe", at("pipe"), [...newFiles, ...newDirectories, ...inputs]],
  ["a link to nowhere", at("dangling"), [...newFiles, ...newDirectories, ...inputs]],
  ["a link to itself", at("circle"), [...newFiles, ...newDirectories, ...inputs]],
  ["too long a name", at("x".repeat(300)), [...newFiles, ...newDirectories, ...inputs]],
  ["a directory", at("folder"), [...newFiles, ...runs, ...policies, ...readFiles, ...sockets]],
  ["a file", at("file"), [...newDirectories, ...inputs]],
  ["nowhere", at("none", "deeper"), [...newFiles, ...inputs]],
  [
    "a policy's file",
    at("policy.safetensors"),
    [...newDirectories, ...runs, ...listed, ...readFiles, ...sockets]
  ],
  ["a run", run, [...newFiles, ...readFiles, ...sockets]],
  ["a run's configuration", join(run, "config.json"), [...runs, ...policies, ...listed, ...sockets]],
  ["a run's checkpoints", join(run, "checkpoints"), [...runs, ...policies, ...readFiles]],
  ["a directory of runs", at("runs"), [...newFiles, ...runs, ...policies, ...readFiles]]
]

const cases = bad.flatMap(([name, path, slots]) =>
  slots.map(([before, behind = []]) => {
    const command = [...before, "_", ...behind].join(" ").replaceAll(base, "")
    return { name, command, path, args: [...before, path, ...behind] }
  })
)

/** Words of Effect, of Node and of ours inside. */
const LEAKED =
  /FileSystem|BadResource|NotFound|PlatformError|BadArgument|Unknown|\.tmp-|\bE[A-Z]{3,}\b|syscall|Schema|\n {4}at |Error:/

/** Every file below the directory, and those of a run as they are. */
const tree = (): ReadonlyArray<string> => readdirSync(base, { recursive: true, encoding: "utf8" }).toSorted()

const spoken = (text: string): string => text.replaceAll(base, "").replaceAll("x".repeat(300), "x...")

describe("a place that was named wrongly", () => {
  it.live.each(cases)("$command: $name", ({ args, path }) =>
    Effect.gen(function* () {
      const before = tree()
      const config = readFileSync(join(run, "run.json"), "utf8")
      const { code, err, out } = yield* Terminal.ornstein(...args)
      const said = err.join("\n")
      assert.strictEqual(code, 2, said)
      assert.deepStrictEqual(out, [])
      assert.notMatch(spoken(said), LEAKED)
      const [first = "", ...others] = err
      // Mistakes of the command line are followed by where to read on.
      assert.isAtMost(others.length, 1)
      for (const line of others) assert.match(line, /^`ornstein.* --help` says how it is called\.$/)
      const isNamed = path === "" || path.includes("\u0000") || first.includes(path.replace(/\/$/, ""))
      assert.isTrue(isNamed, `does not say where: ${first}`)
      if (others.length === 0) assert.match(first, /\. [A-Z`]/, "does not say what to do")
      assert.deepStrictEqual(tree(), before)
      assert.strictEqual(readFileSync(join(run, "run.json"), "utf8"), config)
      assert.isFalse(existsSync(at("never")))
    })
  )
})

describe("what was given in place of a run", () => {
  const said: ReadonlyArray<readonly [what: string, path: string, answer: RegExp]> = [
    ["a policy's file", at("policy.safetensors"), /it is a policy's file.*`ornstein evaluate`/],
    [
      "a run's file",
      join(run, "config.json"),
      /it is a file, not the directory of a run\. Give the run .*runs\/a$/
    ],
    ["a run's folder", join(run, "checkpoints"), /it is no run: .*\. Give the run .*runs\/a$/],
    ["a folder of runs", at("runs"), /Give one of the 1 runs in it, such as .*runs\/a: `ornstein runs`/],
    ["nothing", at("nowhere"), /there is no such file or directory\. Give the directory of a run/]
  ]
  it.live.each(said)("%s", ([, path, answer]) =>
    Effect.gen(function* () {
      for (const [before, behind = []] of runs) {
        const { err } = yield* Terminal.ornstein(...before, path, ...behind)
        assert.match(err[0] ?? "", answer)
      }
    })
  )
})

describe("what was given in place of something else", () => {
  const said: ReadonlyArray<readonly [args: ReadonlyArray<string>, answer: RegExp]> = [
    [["train", "--config", run], /it is a directory.*Give the configuration of that run, .*config\.json$/],
    [["evaluate", join(run, "config.json")], /it is no safetensors file\. Give the run that it is of, .*a$/],
    [["play", "runs/none"], /there is no such file or directory\. `ornstein runs` lists runs/],
    [["train", "--preset", "mine.yaml"], /no preset is called "mine\.yaml"\. Give a file with --config/]
  ]
  it.live.each(said)("%s", ([args, answer]) =>
    Effect.gen(function* () {
      const { code, err } = yield* Terminal.ornstein(...args)
      assert.strictEqual(code, 2)
      assert.match(err[0] ?? "", answer)
    })
  )
})
