import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Lock from "@ornstein/lab/internal/runs/Lock"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Contest from "./Contest.ts"
import * as Terminal from "./Terminal.ts"

const stat = (command: string, state: string) =>
  `42 (${command}) ${state} 1 42 42 0 -1 4194304 5 0 0 0 1 2 0 0 20 0 1 0 987654 1000 200 18446744073709551615`

const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
const namespace = readlinkSync("/proc/self/ns/pid")
Contest.tell(boot, namespace)

const canUnshare = spawnSync("unshare", ["-pf", "--mount-proc", "true"]).status === 0

const inDirectory = (use: (run: string) => Promise<void>) =>
  Effect.flatMap(Terminal.directory, (run) => Effect.promise(() => use(run)))

/** What is left in a run directory. */
const left = (run: string) => readdirSync(run).toSorted()

describe("Lock", () => {
  it("knows a process by the time at which it began, whatever its command is called", () => {
    assert.strictEqual(Lock.startOf(stat("node", "S")), "987654")
    assert.strictEqual(Lock.startOf(stat("a) R 1 (b", "R")), "987654")
    assert.match(Lock.startOf(readFileSync("/proc/self/stat", "utf8")) ?? "", /^\d+$/)
  })

  it("takes a process for gone that has ended and waits to be collected", () => {
    assert.isUndefined(Lock.startOf(stat("node", "Z")))
    assert.isUndefined(Lock.startOf(stat("node", "X")))
  })

  const here: Lock.Owner = { pid: 7, host: "a", boot: "b1", namespace: "n1", machine: "m1", started: "100" }
  const verdicts: ReadonlyArray<
    readonly [name: string, owner: Partial<Lock.Owner>, started: string | undefined, Lock.Verdict]
  > = [
    ["the process is there", {}, "100", "alive"],
    ["there is no such process", {}, undefined, "gone"],
    ["its number is another process's", {}, "101", "gone"],
    ["the host was renamed, the process is there", { host: "z" }, "100", "alive"],
    ["the host was renamed, the process is not there", { host: "z" }, undefined, "gone"],
    ["another namespace: no process of that number here", { namespace: "n2" }, undefined, "unknown"],
    ["another namespace: some process of that number here", { namespace: "n2" }, "100", "unknown"],
    ["the machine was started again", { boot: "b0" }, "100", "gone"],
    ["another machine", { boot: "b0", host: "z", machine: "m2" }, "100", "unknown"],
    ["another machine of the same name", { boot: "b0", machine: "m2" }, undefined, "unknown"],
    ["the machine was started again, and had another name", { boot: "b0", host: "z" }, undefined, "unknown"],
    ["the system told nothing of its start", { boot: "" }, undefined, "unknown"]
  ]

  it.each(verdicts)("judges the owner of a lock: %s", (_, owner, started, verdict) => {
    assert.strictEqual(Lock.judge({ ...here, ...owner }, here, started), verdict)
  })

  it("judges by the host where a lock tells no more, as where no system does", () => {
    const old = { pid: 7, host: "a", started: "100" }
    assert.strictEqual(Lock.judge(old, here, "100"), "alive")
    assert.strictEqual(Lock.judge(old, here, undefined), "gone")
    assert.strictEqual(Lock.judge({ ...old, host: "z" }, here, undefined), "unknown")
    const silent = { ...here, boot: "", namespace: "", machine: "", started: "" }
    assert.strictEqual(Lock.judge(silent, silent, ""), "alive")
    assert.strictEqual(Lock.judge(silent, silent, undefined), "gone")
    assert.strictEqual(Lock.judge({ ...silent, host: "z" }, silent, undefined), "unknown")
  })

  it.live("of many processes that find a lock whose owner is gone, one takes it over", () =>
    inDirectory(async (directory) => {
      const contenders = Array.from({ length: 5 }, () => Contest.contender())
      const wins = await Contest.contest(directory, contenders, 40)
      for (const { ended, kill } of contenders) {
        kill()
        await ended
      }
      assert.deepStrictEqual(wins, Array(40).fill(1))
      // They have left nothing behind either.
      for (const run of readdirSync(directory)) assert.deepStrictEqual(left(join(directory, run)), [])
    })
  )

  it.live("a kill at any moment of taking over leaves a lock that the next one takes", () =>
    inDirectory(async (directory) => {
      const next = Contest.contender()
      let killed = 0
      for (let n = 1; n <= 16; n++) {
        const run = join(directory, String(n))
        mkdirSync(run)
        writeFileSync(join(run, "lock"), Contest.stale(1))
        const victim = Contest.contender({ KILL_AT: String(n) })
        if ((await victim.ask(`take ${run}`)) === "ended") killed += 1
        victim.kill()
        await victim.ended
        assert.strictEqual(await next.ask(`take ${run}`), "won", `killed at change ${n}`)
        await next.ask("leave")
        assert.isFalse(existsSync(join(run, "lock")))
      }
      next.kill()
      assert.isAtLeast(killed, 10)
    })
  )

  it.live("whoever has lost a lock writes nothing more, and does not take the winner's away", () =>
    inDirectory(async (run) => {
      const [first, second] = [Contest.contender(), Contest.contender()]
      assert.strictEqual(await first.ask(`take ${run}`), "won")
      assert.strictEqual(await first.ask(`write ${run}`), "wrote")
      assert.match(await second.ask(`take ${run}`), /lost .*at work in this run directory/)
      assert.strictEqual(await second.ask(`force ${run}`), "won")
      const table = readFileSync(join(run, "metrics.jsonl"), "utf8")
      assert.match(await first.ask(`write ${run}`), /lost .*process \d+ on .* has taken this run over/)
      assert.strictEqual(readFileSync(join(run, "metrics.jsonl"), "utf8"), table)
      const lock = readFileSync(join(run, "lock"), "utf8")
      await first.ask("leave")
      assert.strictEqual(readFileSync(join(run, "lock"), "utf8"), lock)
      assert.strictEqual(await second.ask(`write ${run}`), "wrote")
      await second.ask("leave")
      assert.deepStrictEqual(left(run), ["metrics.jsonl"])
      first.kill()
      second.kill()
    })
  )

  it.live.skipIf(!canUnshare)(
    "a process of another namespace is taken neither for gone nor for another",
    () =>
      inDirectory(async (run) => {
        const inside = Contest.contender({}, ["unshare", "-pf", "--kill-child", "--mount-proc"])
        const outside = Contest.contender()
        const UNSEEN = /lost .*it cannot be seen from here whether that process is still at work.*--force/
        assert.strictEqual(await inside.ask(`take ${run}`), "won")
        assert.match(await outside.ask(`take ${run}`), UNSEEN)
        assert.strictEqual(await outside.ask(`force ${run}`), "won")
        assert.match(await inside.ask(`write ${run}`), /lost .*has taken this run over/)
        await inside.ask("leave")
        // And the other way round; then without the process that cannot be seen.
        assert.match(await inside.ask(`take ${run}`), UNSEEN)
        outside.kill()
        await outside.ended
        assert.match(await inside.ask(`take ${run}`), UNSEEN)
        assert.strictEqual(await inside.ask(`force ${run}`), "won")
        inside.kill()
      })
  )
})

describe("a run with two writers", () => {
  it.live("the one that was taken over stops, and the other goes on to the same bits", () =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const run = join(path, "run")
      const tiny = {
        environment: { kind: "pendulum" },
        algorithm: { base: "ddpg", hidden: [2] },
        training: { steps: 10_000_000, warmup: 20, learningStarts: 50, batchSize: 4, sliceSteps: 50 },
        evaluation: { episodes: 1 },
        replay: { kind: "uniform", capacity: 1000 }
      }
      writeFileSync(join(path, "tiny.json"), JSON.stringify(tiny))
      const checkpoints = join(run, "checkpoints")
      const begun = Effect.gen(function* () {
        while (!(existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^\d+$/.test(name))))
          yield* Effect.sleep("20 millis")
        return yield* Terminal.ornstein("resume", run, "--force", "--json", "--steps", "60000")
      })
      const args = ["train", "--config", "tiny.json", "--out", run, "--checkpoint-every", "500"]
      const [first, second] = yield* Effect.all([Terminal.spawned(path, args), begun], { concurrency: 2 })
      assert.strictEqual(first.code, 1)
      assert.match(
        first.err.join("\n"),
        /run: process \d+ on .* has taken this run over, so this process has stopped/
      )
      assert.strictEqual(second.code, 0, second.err.join("\n"))
      assert.match(second.err.join("\n"), /took the lock from process \d+ on .*, which was at work: it stops/)
      assert.strictEqual((yield* Terminal.ornstein("verify", run, "--steps", "2000")).code, 0)
      const manifest = yield* RunDirectory.readManifest(run).pipe(Effect.provide(NodeServices.layer))
      assert.strictEqual(manifest.status, "finished")
      assert.deepStrictEqual(
        readdirSync(run).filter((name) => name.startsWith(".") || name === "lock"),
        []
      )
    })
  )
})
