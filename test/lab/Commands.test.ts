import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect } from "effect"
import * as Terminal from "./Terminal.ts"

describe("ornstein algos", () => {
  it.live("lists every algorithm, and all that it can be made of, with its paper", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.ornstein("algos")
      assert.strictEqual(code, 0)
      const text = out.join("\n")
      const { bases, networks, optimizers, ramps, variants } = Experiment.catalogues
      const parts: ReadonlyArray<Part.Any> = [bases, variants, networks, optimizers, ramps].flatMap(
        ({ parts }): ReadonlyArray<Part.Any> => parts
      )
      for (const { kind, source } of parts) {
        assert.include(text, kind)
        if (typeof source !== "string") assert.include(text, source.link)
      }
      const json = yield* Terminal.ornstein("algos", "--json")
      const listed: unknown = JSON.parse(json.out[0]!)
      assert.lengthOf(Array.isArray(listed) ? listed : [], parts.length)
      for (const [i, { departures, description, kind, source }] of parts.entries()) {
        assert.deepInclude(JsonPath.at(listed, String(i)), { name: kind, description, source, departures })
      }
    })
  )
})

describe("ornstein schema", () => {
  it.live("prints JSON Schema with defaults, bounds and every kind", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.ornstein("schema")
      assert.strictEqual(code, 0)
      const schema: unknown = JSON.parse(out.join("\n"))
      assert.strictEqual(JsonPath.at(schema, "$schema"), "https://json-schema.org/draft/2020-12/schema")
      assert.strictEqual(JsonPath.at(schema, "additionalProperties"), false)
      assert.deepStrictEqual(JsonPath.at(schema, "required"), ["environment"])
      assert.strictEqual(JsonPath.at(schema, "properties.training.properties.steps.default"), 10_000)
      assert.include(JSON.stringify(JsonPath.at(schema, "properties.environment")), `"mountainCarContinuous"`)
    })
  )
})

describe("ornstein doctor", () => {
  it.live("examines the machine, and its engines by computing with them", () =>
    Effect.gen(function* () {
      const { out } = yield* Terminal.ornstein("doctor")
      const text = out.join("\n")
      assert.match(
        text,
        /ok +engine native +computes at level avx|note +engine native +.+: auto chooses wasm/
      )
      assert.match(text, /ok +engine wasm +computes/)
      assert.match(text, /ok +engine tfjs:cpu +computes/)
      assert.match(text, /gymnasium +.*no snapshots within episodes|there is no python3/)
      assert.include(text, process.versions.node)
      const json = yield* Terminal.ornstein("doctor", "--json")
      assert.isArray(JSON.parse(json.out[0]!))
    })
  )
})

/** Command lines that are wrong, and the first line that is said of each. */
const wrong: ReadonlyArray<readonly [command: string, said: string]> = [
  ["trian", "ornstein: unknown command trian; did you mean train?"],
  ["envs chek", "ornstein envs: unknown command chek; did you mean check?"],
  ["qqqqqqqq", "ornstein: unknown command qqqqqqqq"],
  [
    "play run --gif film.gif --width 100000",
    "ornstein play: --width: expected a value less than or equal to 4096, got 100000"
  ],
  ["train --presett pendulum", "ornstein train: unknown flag --presett; did you mean --preset?"],
  ["train --json --foo", "ornstein train: unknown flag --foo"],
  ["--jsn", "ornstein: unknown flag --jsn"],
  ["train --preset", "ornstein train: --preset: expected NAME, got nothing"],
  ["evaluate --json", "ornstein evaluate: the argument <run> is missing"],
  ["evaluate a b", "ornstein evaluate: more arguments than it takes: b"],
  [
    "evaluate a --episodes foo",
    "ornstein evaluate: --episodes: expected a string representing a finite number, got foo"
  ],
  ["evaluate a --at newest", "ornstein evaluate: --at: expected a step, best or last, got newest"],
  ["play a --at -1", "ornstein play: --at: expected a step, best or last, got -1"],
  ["train --steps 1.5", "ornstein train: --steps: expected an integer, got 1.5"],
  ["branch a --steps 1.5", "ornstein branch: --steps: expected an integer, got 1.5"],
  [
    "evaluate a --episodes 0",
    "ornstein evaluate: --episodes: expected a value greater than or equal to 1, got 0"
  ],
  ["evaluate a --seed -1", "ornstein evaluate: --seed: expected a value greater than or equal to 0, got -1"],
  [
    "evaluate a --step-limit 0",
    "ornstein evaluate: --step-limit: expected a value greater than or equal to 1, got 0"
  ]
]

/** Command lines with several wrong values, and the flags and arguments of which it is said. */
const wrongTwice: ReadonlyArray<readonly [command: string, said: ReadonlyArray<string>]> = [
  [
    "bench update --batch 0 --hidden 8,x --threads 0 --engine gpu",
    ["--batch", "--hidden", "--threads", "--engine"]
  ],
  [
    "evaluate --at new --engine wasn --episodes 0 --seed -1 --step-limit x",
    ["the argument <run> is missing", "--at", "--engine", "--episodes", "--seed", "--step-limit"]
  ],
  ["evaluate a b --episodes 0", ["--episodes", "more arguments than it takes: b"]],
  [
    "play a b --width 0 --fps 0 --speed 0 --policy x",
    ["--policy", "--width", "--fps", "--speed", "more arguments than it takes: b"]
  ],
  [
    "train --steps x --seed y --checkpoint-every 0 --keep 0 --out ",
    ["--seed", "--steps", "--out", "--checkpoint-every", "--keep"]
  ],
  [
    "resume --steps 0 --engine wasm:relaxed:x --keep 0",
    ["the argument <run> is missing", "--steps", "--keep", "--engine"]
  ],
  ["branch --at -1 --steps x --keep 0", ["the argument <run> is missing", "--at", "--steps", "--keep"]],
  ["verify --steps 0 --engine x", ["the argument <run> is missing", "--steps", "--engine"]],
  [
    "report --statistic x --score y --window 0",
    ["the argument <run> is missing", "--statistic", "--score", "--window"]
  ],
  ["envs check --tolerance x", ["the argument <file> is missing", "--tolerance"]]
]

describe("a command line that is wrong", () => {
  it.live.each(wrongTwice)("in several places is told all of them: %s", ([command, said]) =>
    Effect.gen(function* () {
      const { code, err, out } = yield* Terminal.ornstein(...command.split(" "))
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(out, [])
      const told = err.slice(0, -1).map((line) => line.replace(/^ornstein [a-z]+( update| check)?: /, ""))
      assert.sameMembers(
        told.map((line) => (line.startsWith("--") ? line.replace(/:.*/, "") : line)),
        [...said],
        err.join("\n")
      )
    })
  )

  it.live.each(wrong)("%s", ([command, said]) =>
    Effect.gen(function* () {
      const { code, err, out } = yield* Terminal.ornstein(...command.split(" "))
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(out, [])
      assert.lengthOf(err, 2)
      assert.strictEqual(err[0], said)
      assert.match(err[1] ?? "", /^`ornstein( \w+)? --help` says how it is called\.$/)
    })
  )

  it.live("is told every mistake, and controls no terminal", () =>
    Effect.gen(function* () {
      const { err } = yield* Terminal.ornstein("train", "--one", "--two\u001b[2J")
      assert.lengthOf(err, 3)
      assert.notInclude(err.join(""), "\u001b")
    })
  )

  it.live("is not one that asks for help", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* Terminal.ornstein("train", "--help")
      assert.deepStrictEqual([code, err], [0, []])
      assert.include(out.join("\n"), "--preset")
    })
  )
})
