import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Safetensors from "@ornstein/core/Safetensors"
import * as Lock from "@ornstein/lab/internal/runs/Lock"
import * as Main from "@ornstein/lab/main"
import * as Output from "@ornstein/lab/Output"
import { Effect, Exit } from "effect"
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import * as Faults from "../laws/Faults.ts"
import * as Terminal from "./Terminal.ts"
import { at, course, inDirectory, read, rewound, train } from "./TinyRun.ts"

describe("ornstein resume", () => {
  it.live(
    "writes again what came after the checkpoint, byte for byte, also over a line that was cut off",
    () =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          yield* train(path, run)
          rewound(run, join(path, "killed"), 400)
          const table = join(path, "killed", "metrics.jsonl")
          writeFileSync(table, read(table).slice(0, -40))
          const { code, out } = yield* Terminal.ornstein("resume", join(path, "killed"))
          assert.strictEqual(code, 0)
          assert.match(out.join("\n"), /from the checkpoint of step 400/)
          assert.deepStrictEqual(course(join(path, "killed")), course(run))
        })
      )
  )

  it.live("goes on from the newest valid checkpoint, with a warning", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const broken = join(path, "broken")
        rewound(run, broken, 600)
        const file = join(broken, "checkpoints", "000000000600", "optimizer.safetensors")
        const bytes = readFileSync(file)
        bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1
        writeFileSync(file, bytes)
        const { code, out } = yield* Terminal.ornstein("resume", broken)
        assert.strictEqual(code, 0)
        assert.match(out.join("\n"), /warning: .*000000000600.optimizer.safetensors: its SHA-256 is not/)
        assert.match(out.join("\n"), /the checkpoint of step 400 is used instead/)
        assert.deepStrictEqual(course(broken), course(run))

        rmSync(join(broken, "checkpoints", "segments"), { recursive: true })
        const { code: failed, err } = yield* Terminal.ornstein("resume", broken)
        assert.strictEqual(failed, 1)
        assert.match(err.join("\n"), /none of the checkpoints here can be used:/)
        assert.match(err.join("\n"), /segments.*: it is not there/)
      })
    )
  )

  it.live("begins again where a run was killed before its first checkpoint", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        rewound(run, join(path, "killed"), 0)
        const { out } = yield* Terminal.ornstein("resume", join(path, "killed"))
        assert.match(out.join("\n"), /before its first checkpoint: it begins again/)
        assert.deepStrictEqual(course(join(path, "killed")), course(run))
      })
    )
  )

  it.live("says that a run ends earlier than it was begun for", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        rewound(run, join(path, "killed"), 200)
        const { code, out } = yield* Terminal.ornstein("resume", join(path, "killed"), "--steps", "400")
        assert.strictEqual(code, 0)
        assert.include(out.join("\n"), "the run ends at step 400 now, before step 600")
        assert.strictEqual(at(join(path, "killed"), "step"), 400)
      })
    )
  )

  it.live("extends a finished run to what a longer one would have become", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run, "--steps", "375")
        yield* train(path, join(path, "whole"))
        assert.strictEqual((yield* Terminal.ornstein("resume", run, "--steps", "600")).code, 0)
        assert.deepStrictEqual(at(run, "hash"), at(join(path, "whole"), "hash"))
        assert.deepStrictEqual(at(run, "extended"), [375])
        assert.strictEqual((yield* Terminal.ornstein("verify", run)).code, 0)
        const { code, err } = yield* Terminal.ornstein("resume", run, "--steps", "300")
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /the run stands at step 600, beyond step 300/)
      })
    )
  )

  it.live(
    "ends with the last episode, in the middle of a slice, however it was stopped; a branch has more",
    () =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          const args = ["--set", "training.episodes=2", "--set", "environment.timeLimit=210"]
          yield* train(path, run, ...args)
          assert.strictEqual(at(run, "status"), "finished")
          assert.strictEqual(at(run, "step"), 420)
          const evaluated = Array.from(read(run, "evaluations.jsonl").matchAll(/"step":(\d+)/g), ([, n]) => n)
          assert.deepStrictEqual(evaluated, ["0", "200", "400", "420"])
          assert.strictEqual((yield* Terminal.ornstein("verify", run)).code, 0)
          rewound(run, join(path, "killed"), 200)
          assert.strictEqual((yield* Terminal.ornstein("resume", join(path, "killed"))).code, 0)
          assert.deepStrictEqual(course(join(path, "killed")), course(run))

          const { code, err } = yield* Terminal.ornstein("resume", run, "--steps", "700")
          assert.strictEqual(code, 2)
          assert.match(err.join("\n"), /all of its episodes, training.episodes = 2. .*branch/)
          const branch = ["branch", run, "--out", join(path, "branch"), "--set"]
          const none = yield* Terminal.ornstein(...branch, "algorithm.tau=0.5")
          assert.match(none.err.join("\n"), /begins after 2 episodes, and training.episodes is 2/)
          assert.strictEqual((yield* Terminal.ornstein(...branch, "training.episodes=3")).code, 0)
          assert.strictEqual(at(join(path, "branch"), "step"), 600)
        })
      )
  )

  it.live("refuses a configuration that was changed, and says where", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const config = JSON.parse(read(run, "config.json"))
        config.training.batchSize = 16
        writeFileSync(join(run, "config.json"), JSON.stringify(config))
        const { code, err } = yield* Terminal.ornstein("resume", run)
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /\(training.batchSize: 8 became 16\)\. Change it back, or .*branch/)
      })
    )
  )

  it.live("refuses a run that another process is at work on; takes over the lock of one that is gone", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const lock = (owner: Lock.Owner) => writeFileSync(join(run, "lock"), JSON.stringify(owner))
        const started = Lock.startOf(read("/proc/self/stat")) ?? ""
        lock({ pid: process.pid, host: hostname(), started })
        const refused = yield* Terminal.ornstein("resume", run)
        assert.strictEqual(refused.code, 2)
        assert.match(refused.err.join("\n"), /process \d+ on .* is at work in this run directory/)

        for (const owner of [
          { pid: process.pid, host: hostname(), started: `${started}0` },
          { pid: 4194305, host: hostname(), started: "1" }
        ]) {
          lock(owner)
          const { code, out } = yield* Terminal.ornstein("resume", run)
          assert.strictEqual(code, 0)
          assert.match(
            out.join("\n"),
            new RegExp(`took over the lock of process ${owner.pid} on .*, which is gone`)
          )
          assert.isFalse(existsSync(join(run, "lock")))
        }
      })
    )
  )

  it.live("keeps the last good checkpoint when the numbers diverge, and names step and tensor", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        const settings = [
          "--set",
          "training.learningStarts=300",
          "--set",
          "algorithm.criticLearningRate=1e25"
        ]
        const { code, err } = yield* train(path, run, ...settings)
        assert.strictEqual(code, 1)
        assert.match(
          err.join("\n"),
          /^at step 3\d\d, update \d+ \(critic\+actor\+targets\): online\.\S+ is not finite\. Lower the learning rates.*The newest checkpoint, of step 200, is unharmed/m
        )
        assert.deepStrictEqual(readdirSync(join(run, "checkpoints")), ["000000000200", "segments"])
        assert.strictEqual((yield* Terminal.ornstein("evaluate", run)).code, 0)
      })
    )
  )

  it.live(
    "writes all that is known before it fails: the slice, the record; and is verified up to there",
    () =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          const settings = ["--set", "algorithm.criticLearningRate=1e25"]
          const { code, err } = yield* train(path, run, ...settings, "--find-nan")
          assert.strictEqual(code, 1)
          const said = err.join("\n")
          assert.match(
            said,
            /^at step 150, update 1 \(critic\S+\): .* it began with \w+ \(.*\.ts:\d+:\d+\)\./m
          )
          assert.match(said, /There is no checkpoint yet/)
          const rows = read(run, "metrics.jsonl").trimEnd().split("\n")
          const last = JSON.parse(rows.at(-1) ?? "")
          assert.deepInclude(last, { step: 150, updates: 1, unfinished: true })
          assert.include(Object.keys(last), "criticLoss")
          assert.lengthOf(read(run, "timing.jsonl").trimEnd().split("\n"), rows.length)
          assert.deepInclude(JSON.parse(read(run, "run.json")), { status: "failed", step: 150 })
          assert.strictEqual((yield* Terminal.ornstein("report", run)).code, 0)
          const verified = yield* Terminal.ornstein("verify", run)
          assert.strictEqual(verified.code, 0, verified.err.join("\n"))

          const table = read(run, "metrics.jsonl")
          writeFileSync(join(run, "metrics.jsonl"), table.replace(/"criticLoss":[^,]+/, '"criticLoss":0.5'))
          const { err: differs } = yield* Terminal.ornstein("verify", run)
          assert.match(differs.join("\n"), /metrics\.jsonl, row 3 \(steps 100 to 150\), .* in "criticLoss"/)
        })
      )
  )

  it.live("a second signal leaves at once, and costs nothing but what came after the checkpoint", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const args = ["train", "--config", "tiny.json", "--out", "twice", "--checkpoint-every", "200"]
        const { code } = yield* Terminal.spawned(path, args, (line, kill) => {
          if (!line.startsWith("step")) return
          kill("SIGINT")
          setTimeout(() => kill("SIGINT"), 5)
        })
        assert.include([0, 130], code)
        yield* Terminal.ornstein("resume", join(path, "twice"))
        assert.deepStrictEqual(course(join(path, "twice")), course(run))
      })
    )
  )

  it.live(
    "after a fault of the disk at any moment, says what to do, and then goes on to the same bytes",
    () =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          yield* train(path, run)
          const attempt = Effect.fnUntraced(function* (
            args: ReadonlyArray<string>,
            intervene: Faults.Intervention
          ) {
            const lines: Array<string> = []
            const output = Terminal.memory(lines)
            const exit = yield* Effect.exit(
              Main.run(args).pipe(
                Effect.provideService(Output.Output, output),
                Effect.provideService(Output.Aside, output),
                Effect.provide(Faults.layer(intervene))
              )
            )
            return { code: Exit.isSuccess(exit) ? 0 : Main.codeOf(exit.cause), text: lines.join("\n") }
          })
          const command = ["train", "--config", join(path, "tiny.json"), "--checkpoint-every", "200", "--out"]
          for (const [n, code] of [
            [15, "ENOSPC"],
            [60, "ENOSPC"],
            [90, "EROFS"],
            [120, "EIO"],
            [150, "EACCES"]
          ] as const) {
            const faulty = join(path, `faulty-${n}`)
            const { code: exit, text } = yield* attempt(
              [...command, faulty],
              Faults.failing(n, code, true).intervene
            )
            assert.strictEqual(exit, 1, text)
            assert.match(text, /free space|Free some|readable and writable|Look at the disk|permissions/)
            // A process that has ended leaves no living lock; this one goes on.
            rmSync(join(faulty, "lock"), { force: true })
            const args = existsSync(faulty) ? ["resume", faulty] : [...command, faulty]
            assert.strictEqual((yield* Terminal.ornstein(...args)).code, 0)
            assert.deepStrictEqual(course(faulty), course(run), `fault ${n}`)
          }
        })
      ).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("ornstein verify", () => {
  it.live("finds the first slice that differs from the record", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const whole = yield* Terminal.ornstein("verify", run, "--json")
        assert.deepStrictEqual(JSON.parse(whole.out.at(-1) ?? ""), {
          run,
          slices: 12,
          evaluations: 4,
          step: 600
        })
        const part = yield* Terminal.ornstein("verify", run, "--json", "--steps", "320")
        assert.deepStrictEqual(JSON.parse(part.out.at(-1) ?? ""), {
          run,
          slices: 6,
          evaluations: 2,
          step: 300
        })
        const rows = read(run, "metrics.jsonl").split("\n")
        rows[4] = rows[4]!.replace(/"chain":"..../, '"chain":"zzzz')
        writeFileSync(join(run, "metrics.jsonl"), rows.join("\n"))
        assert.strictEqual((yield* Terminal.ornstein("verify", run, "--steps", "200")).code, 0)
        const { code, err } = yield* Terminal.ornstein("verify", run)
        assert.strictEqual(code, 1)
        assert.match(
          err.join("\n"),
          /metrics.jsonl, row 5 \(steps 200 to 250\), is the first that differs in "chain"\n {2}recorded "zzzz/
        )
      })
    )
  )
})

describe("ornstein branch", () => {
  it.live("starts another run from a checkpoint, which is resumed and verified like any", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const branch = join(path, "branch")
        const args = ["branch", run, "--at", "400", "--out", branch, "--checkpoint-every", "100"]
        const change = ["--set", "algorithm.tau=0.5"]
        assert.strictEqual((yield* Terminal.ornstein(...args, ...change)).code, 0)
        assert.deepStrictEqual(at(branch, "origin.step"), 400)
        assert.deepStrictEqual(at(branch, "origin.changes"), ["algorithm.tau: 0.005 became 0.5"])
        assert.notDeepEqual(at(branch, "hash"), at(run, "hash"))
        assert.strictEqual(read(branch, "metrics.jsonl").split("\n").length, 5)
        assert.strictEqual((yield* Terminal.ornstein("verify", branch)).code, 0)

        rmSync(run, { recursive: true })
        // Also where all of its own checkpoints are lost, and with them the segments that it had shared.
        cpSync(branch, join(path, "lost"), { recursive: true })
        rmSync(join(path, "lost", "checkpoints", "segments"), { recursive: true })
        assert.strictEqual((yield* Terminal.ornstein("resume", join(path, "lost"))).code, 0)
        assert.deepStrictEqual(course(join(path, "lost")), course(branch))

        rewound(branch, join(path, "killed"), 0)
        assert.strictEqual((yield* Terminal.ornstein("resume", join(path, "killed"))).code, 0)
        assert.deepStrictEqual(course(join(path, "killed")), course(branch))
      })
    )
  )

  const transitions = Object.fromEntries(
    Object.entries({
      observation: 3,
      nextObservation: 3,
      action: 1,
      reward: 1,
      terminated: 1,
      truncated: 1
    }).map(([name, width]) => [name, { shape: [20, width], data: new Float32Array(20 * width) }])
  )

  it.live.each([
    { changes: ["replay.kind=prioritized", "exploration.kind=ornsteinUhlenbeck"] },
    { changes: ["replay.kind=offline", "replay.file=DATA"] }
  ])("with another memory or other noise is resumed and verified like any: $changes", ({ changes }) =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const branch = join(path, "branch")
        const dataset = join(path, "data.safetensors")
        writeFileSync(dataset, Safetensors.encode(transitions))
        const args = ["branch", run, "--at", "400", "--out", branch, "--checkpoint-every", "100"]
        const set = changes.flatMap((change) => ["--set", change.replace("DATA", dataset)])
        assert.strictEqual((yield* Terminal.ornstein(...args, ...set)).code, 0)
        assert.strictEqual((yield* Terminal.ornstein("verify", branch)).code, 0)
        // From its beginning, and from a checkpoint of its own.
        cpSync(branch, join(path, "lost"), { recursive: true })
        rmSync(join(path, "lost", "checkpoints", "segments"), { recursive: true })
        rewound(branch, join(path, "killed"), 500)
        for (const name of ["lost", "killed"]) {
          assert.strictEqual((yield* Terminal.ornstein("resume", join(path, name))).code, 0)
          assert.deepStrictEqual(course(join(path, name)), course(branch))
        }
      })
    )
  )

  it.live.each([
    [["400"], /changes nothing is the run itself/],
    [
      ["400", "--set", "algorithm.hidden=[5]"],
      /algorithm.hidden.0: expected .*, as in the run: its networks have other numbers/
    ],
    [["400", "--set", "algorithm.tau=0"], /algorithm.tau: expected/],
    [["123", "--set", "algorithm.tau=0.5"], /no checkpoint of step 123. There are ones of 200, 400, 600/],
    [["600", "--set", "algorithm.tau=0.5"], /begins at step 600, and training.steps is 600/]
  ] as const)("refuses %j and writes nothing", ([args, said]) =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const branch = join(path, "branch")
        const { code, err } = yield* Terminal.ornstein("branch", run, "--at", ...args, "--out", branch)
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), said)
        assert.deepStrictEqual(readdirSync(path).sort(), ["run", "tiny.json"])
      })
    )
  )
})

describe("ornstein runs", () => {
  it.live("says how each run stands", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        rewound(run, join(path, "killed"), 400)
        rewound(run, join(path, "busy"), 400)
        const started = Lock.startOf(read("/proc/self/stat")) ?? ""
        const owner: Lock.Owner = { pid: process.pid, host: hostname(), started }
        writeFileSync(join(path, "busy", "lock"), JSON.stringify(owner))
        rewound(run, join(path, "torn"), 600)
        for (const name of readdirSync(join(path, "torn", "checkpoints"))) {
          if (name !== "segments")
            writeFileSync(join(path, "torn", "checkpoints", name, "manifest.json"), "{")
        }
        const { out } = yield* Terminal.ornstein("runs", path, "--json")
        const runs: ReadonlyArray<{ readonly path: string; readonly state: string; readonly step: number }> =
          JSON.parse(out.at(-1) ?? "[]")
        assert.deepStrictEqual(
          runs.map(({ path, state, step }) => [path.split("/").at(-1), state, step]),
          [
            ["busy", "running", 400],
            ["killed", "stopped", 400],
            ["run", "finished", 600],
            ["torn", "damaged", 600]
          ]
        )
        const table = yield* Terminal.ornstein("runs", path)
        assert.match(table.out[2] ?? "", /run +finished +600 of 600 steps +return -\d+\.\d, best -\d+\.\d/)
        assert.lengthOf((yield* Terminal.ornstein("runs", run)).out, 1)
        for (const nowhere of ["nowhere", "tiny.json"]) {
          const { code, err } = yield* Terminal.ornstein("runs", join(path, nowhere))
          assert.strictEqual(code, 2)
          assert.match(err.join(""), /(nowhere: there is no such|json: a file stands).*Give a directory/)
        }
      })
    )
  )
})
