import { assert, describe, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, Result, Schema } from "effect"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

/** A run of a second: tiny networks on the reference engine. */
const tiny = {
  environment: { kind: "pendulum" },
  algorithm: { base: "ddpg", hidden: [4] },
  training: { steps: 500, warmup: 100, learningStarts: 200, batchSize: 8, sliceSteps: 100, updateEvery: 10 },
  evaluation: { episodes: 2, every: 200 },
  replay: { kind: "uniform", capacity: 1000 }
}

const inDirectory = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Terminal.directory, (path) => {
    writeFileSync(join(path, "tiny.json"), JSON.stringify({ $schema: "./schema.json", ...tiny }))
    return use(path)
  })

const readJson = (...path: ReadonlyArray<string>): unknown => JSON.parse(readFileSync(join(...path), "utf8"))

const Row = Schema.Struct({ step: Schema.Int })

const steps = (...path: ReadonlyArray<string>): ReadonlyArray<number> =>
  readFileSync(join(...path), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => Schema.decodeUnknownSync(Row)(JSON.parse(line)).step)

describe("ornstein train", () => {
  it.live.each([
    [
      "a replay beyond the machine",
      ["--set", "replay.capacity=1e13"],
      /the replay takes .* more than this machine/
    ],
    [
      "networks beyond the engine, told by a rule",
      ["--set", "algorithm.hidden=[9000,9000]"],
      /algorithm.hidden: takes .* and the engine auto has 2.0 GiB/
    ],
    [
      "programs beyond the engine, told by the engine",
      [
        "--set",
        "algorithm.hidden=[1024,1024]",
        "--set",
        "training.batchSize=400000",
        "--set",
        "replay.capacity=1000000",
        "--set",
        "training.learningStarts=400000",
        "--steps",
        "500000"
      ],
      /engine (?:native|wasm): the programs need .* GiB of memory, and the engine has 2/
    ],
    [
      "a variant without effect",
      ["--set", "algorithm.base=d4pg", "--set", 'algorithm.variants=[{"kind":"huber"}]'],
      /huber has no effect beside d4pg's categoricalCritic/
    ]
  ] as const)("refuses %s before there is a directory", ([, flags, said]) =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const { code, err } = yield* Terminal.ornstein(
          "train",
          "--config",
          join(path, "tiny.json"),
          "--out",
          run,
          ...flags
        )
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), said)
        assert.deepStrictEqual(readdirSync(path), ["tiny.json"])
      })
    )
  )

  it.live("leaves a run directory that explains itself", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const { code, out } = yield* Terminal.ornstein(
          "train",
          "--config",
          join(path, "tiny.json"),
          "--out",
          run
        )
        assert.strictEqual(code, 0, out.join("\n"))
        assert.includeMembers(readdirSync(run), [
          "README.md",
          "checkpoints",
          "config.json",
          "evaluations.jsonl",
          "metrics.jsonl",
          "run.json",
          "timing.jsonl"
        ])
        const config = Result.getOrThrow(Experiment.decode(tiny))
        assert.deepStrictEqual(readJson(run, "config.json"), JSON.parse(JSON.stringify(config)))
        assert.deepInclude(readJson(run, "run.json"), {
          status: "finished",
          step: 500,
          seed: 0,
          config: Config.hash(config)
        })
        assert.deepStrictEqual(steps(run, "metrics.jsonl"), [100, 200, 300, 400, 500])
        assert.deepStrictEqual(steps(run, "timing.jsonl"), [100, 200, 300, 400, 500])
        assert.deepStrictEqual(steps(run, "evaluations.jsonl"), [0, 200, 400, 500])
        const text = out.join("\n")
        for (const said of [
          /DDPG learns Pendulum-v1/,
          /step 500\/500/,
          /return before/,
          /return after/,
          /Try next/
        ])
          assert.match(text, said)
      })
    )
  )

  it.live("gives the same bytes again, and from its own config.json", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const [first, second] = [join(path, "a"), join(path, "b")]
        const train = (config: string, out: string) =>
          Terminal.ornstein("train", "--json", "--config", config, "--seed", "3", "--out", out)
        const a = yield* train(join(path, "tiny.json"), first)
        const b = yield* train(join(first, "config.json"), second)
        for (const file of ["config.json", "metrics.jsonl", "evaluations.jsonl"]) {
          assert.strictEqual(
            readFileSync(join(first, file), "utf8"),
            readFileSync(join(second, file), "utf8")
          )
        }
        const hashOf = (line: string | undefined): unknown => JsonPath.at(JSON.parse(line ?? "null"), "hash")
        assert.deepStrictEqual(hashOf(a.out.at(-1)), hashOf(b.out.at(-1)))
      })
    )
  )

  it.live("prints one line of JSON on standard output with --json, all else on standard error", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const flags = "--seed 5 --steps 300 --set algorithm.base=td3".split(" ")
        const config = join(path, "tiny.json")
        const { err, out } = yield* Terminal.ornstein(
          "train",
          "--json",
          "--config",
          config,
          "--out",
          run,
          ...flags
        )
        assert.lengthOf(out, 1)
        const Result = Schema.Struct({
          run: Schema.Literal(run),
          step: Schema.Literal(300),
          evaluation: Schema.Struct({ mean: Schema.Finite, std: Schema.Finite, episodes: Schema.Literal(2) }),
          hash: Schema.Struct({ parameters: Schema.String, state: Schema.String }),
          wallSeconds: Schema.Finite,
          stepsPerSecond: Schema.Finite
        })
        const printed: unknown = JSON.parse(out[0]!)
        assert.deepStrictEqual(
          Schema.decodeUnknownSync(Result, { onExcessProperty: "error" })(printed),
          printed
        )
        assert.match(err.join("\n"), /TD3 learns Pendulum-v1/)
        assert.strictEqual(JsonPath.at(readJson(run, "config.json"), "training.seed"), 5)
      })
    )
  )

  it.live("reads YAML and TOML", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const yaml = "environment: { kind: cartPole }\ntraining:\n  steps: 3000 # comment\n"
        const toml = `[environment]\nkind = "cartPole"\n[training]\nsteps = 3000\n`
        writeFileSync(join(path, "c.yaml"), yaml)
        writeFileSync(join(path, "c.toml"), toml)
        for (const file of ["c.yaml", "c.toml"]) {
          const { code, err } = yield* Terminal.ornstein("train", "--config", join(path, file))
          assert.strictEqual(code, 2)
          assert.match(err.join("\n"), /^1 mistake in the configuration:\n {2}environment.kind: /)
        }
      })
    )
  )

  const refusals: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: RegExp]> = [
    [[], /no experiment is named/],
    [["--preset", "pendulm"], /Did you mean "pendulum"/],
    [["--preset", "pendulum", "--config", "tiny.json"], /both name an experiment/],
    [["--config", "nowhere.json"], /there is no such file/],
    [["--config", "bad.json"], /bad.json: .*Write it as JSON/],
    [["--config", "bad.yaml"], /bad.yaml: .*Write it as YAML/],
    [["--config", "bad.toml"], /bad.toml: .*Write it as TOML/],
    [["--config", "tiny.txt"], /none of the endings/],
    [["--preset", "pendulum", "--set", "algorithm.tua=1"], /did you mean "algorithm.tau"/],
    [["--preset", "pendulum", "--set", "tau", "--set", "training.sed=1"], /set: .*\n.*training.sed/],
    [["--preset", "pendulum", "--steps", "100"], /learningStarts/],
    [["--preset", "pendulum", "--seed", "x"], /seed/],
    [["--bogus"], /bogus/]
  ]

  it.live.each(refusals)("refuses %j with exit code 2 and writes nothing", ([args, said]) =>
    inDirectory((path) =>
      Effect.gen(function* () {
        writeFileSync(join(path, "bad.json"), `{ "environment": `)
        writeFileSync(join(path, "bad.yaml"), "environment: [")
        writeFileSync(join(path, "bad.toml"), "environment = ")
        writeFileSync(join(path, "tiny.txt"), "{}")
        const out = join(path, "run")
        const located = args.map((arg, i) => (args[i - 1] === "--config" ? join(path, arg) : arg))
        const printed = yield* Terminal.ornstein("train", ...located, "--out", out)
        assert.strictEqual(printed.code, 2)
        assert.match([...printed.err, ...printed.out].join("\n"), said)
        assert.isFalse(existsSync(out))
      })
    )
  )

  it.live("never overwrites a run", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const before = readdirSync(path)
        const { code, err } = yield* Terminal.ornstein("train", "--preset", "pendulum", "--out", path)
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /a run is never overwritten/)
        assert.deepStrictEqual(readdirSync(path), before)
      })
    )
  )
})

describe("ornstein evaluate", () => {
  it.live("repeats the evaluation after training, and makes another with another seed", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const config = join(path, "tiny.json")
        const trained = yield* Terminal.ornstein("train", "--json", "--config", config, "--out", run)
        const evaluate = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
          const { code, out } = yield* Terminal.ornstein("evaluate", run, "--json", ...args)
          assert.strictEqual(code, 0)
          return JsonPath.at(JSON.parse(out.at(-1) ?? "null"), "evaluation")
        })
        const after = JsonPath.at(JSON.parse(trained.out.at(-1) ?? "null"), "evaluation")
        assert.deepStrictEqual(yield* evaluate(), after)
        assert.notDeepEqual(yield* evaluate("--seed", "1"), after)
        assert.strictEqual(JsonPath.at(yield* evaluate("--episodes", "3"), "episodes"), 3)
        const none = yield* Terminal.ornstein("evaluate", run, "--episodes", "0")
        assert.strictEqual(none.code, 2)
        assert.match(none.err.join("\n"), /episodes: expected a value greater than or equal to 1, got 0/)
        const most = yield* Terminal.ornstein("evaluate", run, "--episodes", "1000000000000")
        assert.strictEqual(most.code, 2)
        assert.match(
          most.err.join("\n"),
          /episodes: expected a value less than or equal to 1000000, got 1000000000000/
        )
      })
    )
  )

  it.live("refuses what is no run", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const { code, err } = yield* Terminal.ornstein("evaluate", path)
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), /Give the directory of a run/)
      })
    )
  )
})
