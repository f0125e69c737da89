/** What is checked of a run before it is believed, and what is compared when it is repeated. */
import { assert, describe, it } from "@effect/vitest"
import * as RunRecord from "@ornstein/lab/internal/runs/RunRecord"
import { Effect } from "effect"
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"
import { at, course, inDirectory, read, rewound, train } from "./TinyRun.ts"

const COMMANDS: ReadonlyArray<readonly [name: string, args: ReadonlyArray<string>]> = [
  ["evaluate", []],
  ["play", ["--json"]],
  ["verify", []],
  ["report", []],
  ["resume", []],
  ["branch", ["--set", "training.steps=800", "--out"]]
]

/** Every command that reads a run must refuse it, and change nothing but what it keeps aside. */
const refused = Effect.fnUntraced(function* (
  run: string,
  code: number,
  said: RegExp,
  except: ReadonlyArray<string> = []
) {
  for (const [name, args] of COMMANDS.filter(([name]) => !except.includes(name))) {
    const branch = join(run, "..", "refused")
    const last = name === "branch" ? [branch] : []
    const { code: got, err } = yield* Terminal.ornstein(name, run, ...args, ...last)
    assert.match(err.join("\n"), said, name)
    assert.strictEqual(got, code, name)
    assert.isFalse(existsSync(branch))
  }
})

describe("a run that is not what its record says", () => {
  it.live("is refused by every command: a configuration that was changed", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const config = JSON.parse(read(run, "config.json"))
        config.environment.gravity = 3
        writeFileSync(join(run, "config.json"), JSON.stringify(config))
        yield* refused(
          run,
          2,
          /it was changed since the run was started \(environment.gravity: 10 became 3\)/
        )
        config.environment.gravity = 10
        config.training.steps = 6000
        writeFileSync(join(run, "config.json"), JSON.stringify(config))
        yield* refused(run, 2, /\(training.steps: 600 became 6000\).*resume RUN --steps N/)
        config.training.steps = 600
        writeFileSync(join(run, "config.json"), JSON.stringify(config))
        assert.strictEqual((yield* Terminal.ornstein("evaluate", run)).code, 0)
      })
    )
  )

  it.live("is refused by every command: a checkpoint of another run", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const other = join(path, "other")
        yield* train(path, other, "--set", "environment.gravity=3", "--steps", "800")
        const foreign = (name: string, from: string, step: string) => {
          cpSync(run, join(path, name), { recursive: true })
          rmSync(join(path, name, "checkpoints"), { recursive: true })
          cpSync(join(from, "checkpoints"), join(path, name, "checkpoints"), { recursive: true })
          assert.include(readdirSync(join(path, name, "checkpoints")), step)
          return join(path, name)
        }
        yield* refused(
          foreign("a", other, "000000000800"),
          2,
          /000000000800: it belongs to another configuration/
        )

        // Also of one that had the same configuration, but began elsewhere.
        const branches = ["200", "400"].map((step) => join(path, `from${step}`))
        for (const [i, step] of ["200", "400"].entries()) {
          const set = ["--set", "algorithm.tau=0.5", "--out", branches[i]!, "--checkpoint-every", "100"]
          assert.strictEqual((yield* Terminal.ornstein("branch", run, "--at", step, ...set)).code, 0)
        }
        rmSync(join(branches[0]!, "checkpoints"), { recursive: true })
        cpSync(join(branches[1]!, "checkpoints"), join(branches[0]!, "checkpoints"), { recursive: true })
        yield* refused(
          branches[0]!,
          2,
          /it belongs to another run, or metrics.jsonl was changed: its hash chain/
        )
      })
    )
  )

  const DAMAGES: ReadonlyArray<readonly [name: string, (text: string) => string | undefined]> = [
    ["a byte that breaks a row", (text) => text.replace('"step"', '"st\u0001p"')],
    [
      "a digit",
      (text) =>
        text.replace(/(\d)(?=,)/g, (digit, _, at: number) => (at === text.search(/\d,/) ? "7" : digit))
    ],
    ["a row less", (text) => text.split("\n").toSpliced(1, 1).join("\n")],
    [
      "a row twice",
      (text) =>
        text
          .split("\n")
          .flatMap((line, i) => (i === 1 ? [line, line] : [line]))
          .join("\n")
    ],
    [
      "rows swapped",
      (text) =>
        [1, 0]
          .map((i) => text.split("\n")[i])
          .concat(text.split("\n").slice(2))
          .join("\n")
    ],
    ["cut off", (text) => text.slice(0, 60)],
    ["emptied", () => ""],
    ["deleted", () => undefined]
  ]

  it.live.each(["metrics.jsonl", "evaluations.jsonl", "timing.jsonl"])(
    "loses no row: %s must be whole up to the checkpoint, and is kept aside where it is not",
    (table) =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          yield* train(path, run)
          for (const [name, damage] of DAMAGES) {
            const hurt = join(path, "hurt")
            rewound(run, hurt, 400)
            const file = join(hurt, table)
            const good = read(file)
            const bad = damage(good)
            // What a row of times says is not repeated by another run: only its step is known.
            if (table === "timing.jsonl" && name === "a digit") continue
            assert.notStrictEqual(bad, good, name)
            if (bad === undefined) rmSync(file)
            else writeFileSync(file, bad)
            const before = readdirSync(hurt)
            const { code, err } = yield* Terminal.ornstein("resume", hurt)
            assert.strictEqual(code, 1, `${name}: ${err.join("\n")}`)
            assert.include(err.join("\n"), file)
            assert.match(
              err.join("\n"),
              /Restore it from a copy\. Without one, train the run's config.json again/
            )
            const aside = readdirSync(hurt).filter((one) => !before.includes(one))
            if (bad === undefined) assert.deepStrictEqual(aside, [])
            else {
              assert.lengthOf(aside, 1, name)
              assert.match(aside[0]!, new RegExp(`^${table}\\.damaged-[0-9a-f]{8}$`))
              assert.strictEqual(read(hurt, aside[0]!), bad)
              assert.strictEqual(read(file), bad)
              // Once is enough.
              yield* Terminal.ornstein("resume", hurt)
              assert.lengthOf(readdirSync(hurt), before.length + 1)
            }
            for (const other of ["evaluate", "report"]) {
              assert.strictEqual((yield* Terminal.ornstein(other, hurt)).code, 1, `${other}, ${name}`)
            }
            writeFileSync(file, good)
            assert.strictEqual((yield* Terminal.ornstein("resume", hurt)).code, 0, name)
            assert.deepStrictEqual(course(hurt), course(run), name)
            rmSync(hurt, { recursive: true })
          }
        })
      )
  )

  it.live("what is behind the checkpoint is written again, whatever it is", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        rewound(run, join(path, "hurt"), 400)
        for (const table of ["metrics.jsonl", "evaluations.jsonl", "timing.jsonl"]) {
          const lines = read(path, "hurt", table).split("\n")
          const last = lines.findLastIndex((line) => line.startsWith('{"step":400,'))
          const text = [...lines.slice(0, last + 1), "no row", '{"step":1}', "{"].join("\n")
          writeFileSync(join(path, "hurt", table), text)
        }
        assert.strictEqual((yield* Terminal.ornstein("resume", join(path, "hurt"))).code, 0)
        assert.deepStrictEqual(course(join(path, "hurt")), course(run))
      })
    )
  )
})

describe("a run that was given another end", () => {
  it.live("is the run that had it from the beginning, for every command", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        const [whole, again] = [join(path, "whole"), join(path, "again")]
        yield* train(path, run, "--steps", "400")
        yield* train(path, whole)
        assert.strictEqual((yield* Terminal.ornstein("resume", run, "--steps", "600")).code, 0)
        assert.strictEqual(read(run, "config.json"), read(whole, "config.json"))
        for (const key of ["config", "hash", "steps"])
          assert.deepStrictEqual(at(run, key), at(whole, key), key)
        const config = join(run, "config.json")
        yield* Terminal.ornstein("train", "--config", config, "--out", again, "--checkpoint-every", "200")
        assert.deepStrictEqual(course(again), course(whole))
        assert.deepStrictEqual(course(run), course(whole))
        for (const one of [run, whole]) {
          const branch = ["branch", one, "--set", "algorithm.tau=0.5", "--out", `${one}-branch`]
          assert.strictEqual((yield* Terminal.ornstein(...branch, "--at", "400")).code, 0)
          assert.strictEqual((yield* Terminal.ornstein("verify", `${one}-branch`)).code, 0)
          const none = yield* Terminal.ornstein(...branch)
          assert.match(none.err.join("\n"), /begins at step 600, and training.steps is 600/)
        }
        assert.deepStrictEqual(course(`${run}-branch`), course(`${whole}-branch`))
      })
    )
  )

  it.live("also where the kill came before the configuration said so, and where the end came nearer", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run, "--steps", "400")
        const former = read(run, "config.json")
        yield* Terminal.ornstein("resume", run, "--steps", "600")
        rewound(run, join(path, "killed"), 400)
        writeFileSync(join(path, "killed", "config.json"), former)
        assert.strictEqual((yield* Terminal.ornstein("resume", join(path, "killed"))).code, 0)
        assert.strictEqual(read(path, "killed", "config.json"), read(run, "config.json"))
        assert.deepStrictEqual(course(join(path, "killed")), course(run))

        rewound(run, join(path, "nearer"), 400)
        assert.strictEqual(
          (yield* Terminal.ornstein("resume", join(path, "nearer"), "--steps", "500")).code,
          0
        )
        yield* train(path, join(path, "short"), "--steps", "500")
        assert.deepStrictEqual(course(join(path, "nearer")), course(join(path, "short")))
        const { code, err } = yield* Terminal.ornstein("resume", run, "--steps", "100")
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /stands at step 600/)
      })
    )
  )
})

describe("ornstein verify", () => {
  it.live("compares every row of both tables: every column, order and number; and the hash", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const forged = Effect.fnUntraced(function* (
          file: string,
          forge: (lines: ReadonlyArray<string>) => ReadonlyArray<string>,
          said: RegExp
        ) {
          const good = read(run, file)
          const bad = forge(good.trimEnd().split("\n"))
            .map((line) => `${line}\n`)
            .join("")
          assert.notStrictEqual(bad, good, String(said))
          writeFileSync(join(run, file), bad)
          const { code, err } = yield* Terminal.ornstein("verify", run)
          assert.match(err.join("\n"), said)
          assert.strictEqual(code, 1)
          writeFileSync(join(run, file), good)
        })
        const edit =
          (row: number, change: (columns: { [name: string]: unknown }) => void) =>
          (lines: ReadonlyArray<string>) =>
            lines.map((line, i) => {
              if (i !== row) return line
              const columns = JSON.parse(line)
              change(columns)
              return JSON.stringify(columns)
            })
        // Every column of both tables.
        for (const [file, row] of [
          ["metrics.jsonl", 7],
          ["evaluations.jsonl", 2]
        ] as const) {
          const columns: object = JSON.parse(read(run, file).split("\n")[row]!)
          assert.isAbove(Object.keys(columns).length, 5)
          for (const name of Object.keys(columns)) {
            const forge = edit(row, (columns) => {
              columns[name] = typeof columns[name] === "number" ? columns[name] + 1 : "forged"
            })
            yield* forged(file, forge, new RegExp(`${file}, row ${row + 1} .* in "${name}"`))
          }
          yield* forged(
            file,
            edit(row, (columns) => void (columns["more"] = 1)),
            /in "more"/
          )
          yield* forged(file, (lines) => lines.toSpliced(1, 1), new RegExp(`${file}, row 2 `))
          yield* forged(file, (lines) => lines.toSpliced(1, 0, lines[1]!), new RegExp(`${file}, row 3 `))
          yield* forged(
            file,
            (lines) => [lines[1]!, lines[0]!, ...lines.slice(2)],
            new RegExp(`${file}, row 1 `)
          )
          yield* forged(
            file,
            (lines) => [...lines, lines.at(-1)!],
            new RegExp(`${file}, row \\d+, behind the last`)
          )
          yield* forged(
            file,
            (lines) => lines.slice(0, -1),
            new RegExp(`${file}, row \\d+ .*\\n {2}recorded nothing`)
          )
        }
        const manifest = read(run, "run.json")
        const { hash } = JSON.parse(manifest)
        const other = { ...JSON.parse(manifest), hash: { ...hash, state: "0".repeat(64) } }
        writeFileSync(join(run, "run.json"), JSON.stringify(other))
        assert.match(
          (yield* Terminal.ornstein("verify", run)).err.join("\n"),
          /the hash in run.json is the first .* in "state"/
        )
        writeFileSync(join(run, "run.json"), manifest)
        assert.strictEqual((yield* Terminal.ornstein("verify", run)).code, 0)
      })
    )
  )

  it.live("verifies what a killed run has recorded, wherever that ends", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const evaluations = read(run, "evaluations.jsonl").trimEnd().split("\n")
        for (const [rows, evaluated] of [
          [8, 2],
          [8, 3],
          [9, 3],
          [12, 3],
          [12, 4]
        ] as const) {
          const killed = join(path, `killed-${rows}-${evaluated}`)
          rewound(run, killed, 400)
          const lines = read(run, "metrics.jsonl").trimEnd().split("\n")
          const keep = (all: ReadonlyArray<string>, n: number) =>
            all
              .slice(0, n)
              .map((line) => `${line}\n`)
              .join("")
          writeFileSync(join(killed, "metrics.jsonl"), `${keep(lines, rows)}{"st`)
          writeFileSync(join(killed, "evaluations.jsonl"), keep(evaluations, evaluated))
          rmSync(join(killed, "checkpoints"), { recursive: true })
          const { code, err, out } = yield* Terminal.ornstein("verify", killed, "--json")
          assert.strictEqual(code, 0, err.join("\n"))
          const { evaluations: count, slices } = JSON.parse(out.at(-1)!)
          assert.deepStrictEqual([slices, count], [rows, evaluated])
        }
        assert.lengthOf(readFileSync(join(run, "metrics.jsonl"), "utf8").split("\n"), 13)
      })
    )
  )
})

it("a number that becomes a ramp, or a ramp that becomes another kind, is told once", () => {
  const linear = { kind: "linear", from: 0.1, to: 0.01, steps: 20 }
  const of = (tau: unknown) => ({ algorithm: { tau, hidden: [8] } })
  assert.deepStrictEqual(RunRecord.differences(of(0.1), of(linear)), [
    'algorithm.tau: 0.1 became {"kind":"linear","from":0.1,"to":0.01,"steps":20}'
  ])
  assert.deepStrictEqual(RunRecord.differences(of(linear), of(0.1)), [
    'algorithm.tau: {"kind":"linear","from":0.1,"to":0.01,"steps":20} became 0.1'
  ])
  assert.deepStrictEqual(RunRecord.differences(of(linear), of({ ...linear, to: 0.02 })), [
    "algorithm.tau.to: 0.01 became 0.02"
  ])
  assert.deepStrictEqual(RunRecord.differences(of(0.1), { algorithm: { tau: 0.1 } }), [
    "algorithm.hidden: [8] became nothing"
  ])
  assert.deepStrictEqual(RunRecord.differences({ algorithm: { tau: 0.1 } }, of(0.1)), [
    "algorithm.hidden: nothing became [8]"
  ])
})

it("the level of an engine is not compared with another engine's", () => {
  const native = { engine: "native", level: "avx512", node: "24.21.0" }
  assert.deepStrictEqual(RunRecord.versionChanges(native, { engine: "wasm", node: "24.21.0" }), [
    'engine: "native" became "wasm"'
  ])
  assert.deepStrictEqual(RunRecord.versionChanges(native, { ...native, level: "avx2" }), [
    'level: "avx512" became "avx2"'
  ])
})
