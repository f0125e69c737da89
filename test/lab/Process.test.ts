/** The command as a process: what only a real one has, signals and exit codes and a working directory. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Signals from "@ornstein/lab/Signals"
import { Deferred, Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Terminal from "./Terminal.ts"

const tiny = (
  "train --preset pendulum --set algorithm.hidden=[4] --set evaluation.episodes=1 " +
  "--set training.batchSize=4 --set training.sliceSteps=100 " +
  "--set training.warmup=200 --set training.learningStarts=200"
).split(" ")

describe("the process", () => {
  it.live("writes its run under runs/ and says so in its last line", () =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const { code, out } = yield* Terminal.spawned(cwd, [...tiny, "--json", "--steps", "400", "--seed", "7"])
      assert.strictEqual(code, 0)
      assert.lengthOf(out, 1)
      const runs = readdirSync(join(cwd, "runs"))
      assert.lengthOf(runs, 1)
      assert.match(runs[0]!, /^pendulum-\d{8}-\d{6}-seed7$/)
      assert.strictEqual(JsonPath.at(JSON.parse(out[0]!), "run"), join(cwd, "runs", runs[0]!))
    })
  )

  it.live("exits with 2 and writes nothing when the configuration is wrong", () =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const { code, err, out } = yield* Terminal.spawned(cwd, [...tiny, "--set", "algorithm.tau=0"])
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(out, [""])
      assert.include(err.join("\n"), "algorithm.tau: expected a value greater than 0, got 0")
      assert.deepStrictEqual(readdirSync(cwd), [])
    })
  )

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129]
  ] as const

  it.live.each(signals)(
    "finishes its slice after %s, writes what it has and exits with %i",
    ([signal, expected]) =>
      Effect.gen(function* () {
        const cwd = yield* Terminal.directory
        const args = [...tiny, "--steps", "10000000", "--out", "run", "--set", "replay.capacity=10000"]
        const { code, err } = yield* Terminal.spawned(cwd, args, (line, kill) => {
          if (line.startsWith("before training: return")) kill(signal)
        })
        assert.strictEqual(code, expected)
        assert.include(err.join("\n"), `stopped by ${signal} at step `)
        const run = join(cwd, "run")
        const manifest: unknown = JSON.parse(readFileSync(join(run, "run.json"), "utf8"))
        assert.strictEqual(JsonPath.at(manifest, "status"), "stopped")
        assert.isString(JsonPath.at(manifest, "hash.state"))
        assert.isTrue(existsSync(join(run, "checkpoints", "segments")))
      })
  )

  const endless = [
    ["an evaluation episode", ["environment.timeLimit=1000000000"]],
    ["a round of updates", ["training.updatesPerRound=1000000000"]]
  ] as const

  it.live.each(endless)("is ended by a signal inside %s without end, and has saved its state", ([, sets]) =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const args = [...tiny, "--steps", "1000", "--out", "run", ...sets.flatMap((set) => ["--set", set])]
      const begun = sets[0].startsWith("environment") ? "in " : "before training"
      const { code, err } = yield* Terminal.spawned(cwd, args, (line, kill) => {
        if (line.startsWith(begun)) setTimeout(() => kill("SIGTERM"), 500)
      })
      assert.strictEqual(code, 143)
      assert.include(err.join("\n"), "stopped by SIGTERM at step ")
      const manifest: unknown = JSON.parse(readFileSync(join(cwd, "run", "run.json"), "utf8"))
      assert.strictEqual(JsonPath.at(manifest, "status"), "stopped")
      assert.lengthOf(readdirSync(join(cwd, "run", "checkpoints")), 2)
    })
  )

  it.live("evaluates and plays without end no longer than it is let", () =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const run = join(cwd, "run")
      const sets = ["--set", "environment.timeLimit=1000000000", "--set", "evaluation.stepLimit=30"]
      const { code, out } = yield* Terminal.ornstein(...tiny, "--steps", "300", "--out", run, ...sets)
      assert.strictEqual(code, 0)
      assert.include(out.join("\n"), "over 1 episodes, 1 of 1 cut off after 30 steps")
      for (const args of [
        ["evaluate", run, "--step-limit", "1000000000"],
        ["play", run, "--json", "--steps", "1000000"]
      ]) {
        const ended = yield* Effect.timeoutOption(Terminal.ornstein(...args), "500 millis")
        assert.strictEqual(ended._tag, "None", args[0])
      }
    })
  )

  /** The exit code of the command in a shell, with its streams led elsewhere. */
  const shell = (cwd: string, redirection: string, ...args: ReadonlyArray<string>) =>
    Terminal.shell(cwd, [...tiny, "--steps", "400", "--out", "run", ...args], redirection)

  const lost = [
    ["a full device for results", ">/dev/full", 1, []],
    ["a full device for all", ">/dev/full 2>/dev/full", 1, []],
    ["a full device for the line of JSON", ">/dev/full", 1, ["--json"]],
    ["a full device for the rest", "2>/dev/full", 0, ["--json"]],
    ["nobody who reads the rest", "2> >(exec true)", 0, ["--json"]]
  ] as const

  it.live.each(lost)("trains to the end with %s, without a trace", ([, redirection, expected, args]) =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const { code, err } = yield* shell(cwd, redirection, ...args)
      assert.strictEqual(code, expected, err.join("\n"))
      assert.notMatch(err.join("\n"), /^\s+at |node:|Ornstein's own/m)
      const manifest: unknown = JSON.parse(readFileSync(join(cwd, "run", "run.json"), "utf8"))
      assert.strictEqual(JsonPath.at(manifest, "status"), "finished")
    })
  )

  it.live("stops cleanly where nobody reads its results any more", () =>
    Effect.gen(function* () {
      const cwd = yield* Terminal.directory
      const args = [...tiny, "--steps", "100000", "--out", "run"]
      const { code, err } = yield* Terminal.shell(cwd, args, "| head -n 1; exit ${PIPESTATUS[0]}")
      assert.strictEqual(code, 141)
      assert.include(err.join("\n"), "stopped by SIGPIPE")
      const manifest: unknown = JSON.parse(readFileSync(join(cwd, "run", "run.json"), "utf8"))
      assert.strictEqual(JsonPath.at(manifest, "status"), "stopped")
    })
  )

  it.live("is ended by a signal in the middle of one long synchronous call that may be ended", () =>
    Effect.gen(function* () {
      const busy = fileURLToPath(new URL("Busy.ts", import.meta.url))
      const ended = yield* Effect.callback<NodeJS.Signals | null>((resume) => {
        const child = spawn(process.execPath, ["--conditions=@ornstein/source", busy])
        child.stdout.on("data", () => child.kill("SIGINT"))
        child.on("close", (_, signal) => resume(Effect.succeed(signal)))
      })
      // Nobody caught it: a shell says 130.
      assert.strictEqual(ended, "SIGINT")
    })
  )

  it.live("is ended by a signal while a saved policy is compiled", () =>
    Effect.gen(function* () {
      const run = join(yield* Terminal.directory, "run")
      yield* Terminal.ornstein(...tiny, "--steps", "400", "--out", run)
      let calls = 0
      const deadly: Signals.Shape["deadly"] = (self) => {
        calls += 1
        return self
      }
      const { code } = yield* Terminal.ornstein("evaluate", run, "--episodes", "1").pipe(
        Effect.provideService(Signals.Signals, { caught: Deferred.make<Signals.Signal>(), deadly })
      )
      assert.strictEqual(code, 0)
      assert.isAbove(calls, 0)
    })
  )

  it.live("says that it is Node's permissions that forbid a run to be written", () =>
    Effect.gen(function* () {
      const run = join(yield* Terminal.directory, "run")
      const launcher = fileURLToPath(new URL("../../packages/lab/bin/ornstein.js", import.meta.url))
      const allowed = ["--permission", "--allow-fs-read=*", "--allow-fs-write=*"]
      const said = yield* Effect.callback<string>((resume) => {
        const engine = ["--set", "engine.kind=wasm"]
        const args = [...allowed, launcher, ...tiny, ...engine, "--steps", "400", "--out", run]
        const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] })
        let text = ""
        child.stderr.setEncoding("utf8").on("data", (more: string) => (text += more))
        child.on("close", () => resume(Effect.succeed(text)))
      })
      assert.include(said, "writing failed: Node's permission model (--permission) forbids it")
    })
  )

  it.live("explains itself with --help", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.spawned(".", ["train", "--help"])
      assert.strictEqual(code, 0)
      for (const flag of ["--preset", "--config", "--set", "--seed", "--steps", "--out", "--json"])
        assert.include(out.join("\n"), flag)
    })
  )
})

describe("a command whose output nobody reads", () => {
  const base = mkdtempSync(join(tmpdir(), "ornstein-unread-"))
  beforeAll(async () => {
    const args = [...tiny, "--steps", "400", "--checkpoint-every", "200", "--out", join(base, "run")]
    const { code, err } = await Effect.runPromise(Terminal.ornstein(...args))
    assert.strictEqual(code, 0, err.join("\n"))
  })
  afterAll(() => rmSync(base, { recursive: true }))

  it.live.each<ReadonlyArray<string>>([
    ["algos"],
    ["envs", "--json"],
    ["schema"],
    ["runs", "."],
    ["evaluate", "run"],
    ["play", "run", "--steps", "3"],
    ["export", "run", "--out", "policy"],
    ["report", "run"],
    ["verify", "run"],
    ["branch", "run", "--at", "200", "--steps", "500"],
    [...tiny, "--steps", "400", "--json"],
    [...tiny, "--steps", "400", "--events"]
  ])("is silent, and says so by its exit code alone: %j", (args) =>
    Effect.gen(function* () {
      // The pipe is closed before the command begins to write.
      const { code, err } = yield* Terminal.shell(base, args, "> >(exec true)")
      assert.strictEqual(code, 141, err.join("\n"))
      assert.notMatch(err.join("\n"), /EPIPE|standard output|free space|fault|^\s+at /m)
    })
  )
})
