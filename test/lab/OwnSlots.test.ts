/** Networks, optimizers, ramps and engines of a person's own: named in a configuration, and by every command that follows. */
import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Ramp from "@ornstein/core/Ramp"
import { Effect, type Schema } from "effect"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"
import * as Terminal from "./Terminal.ts"

const lesson = new URL("../../examples/parts/", import.meta.url)

// Below this file, so that modules find the packages that they import.
const folder = mkdtempSync(new URL("../../node_modules/.parts-", import.meta.url).pathname)
afterAll(() => rmSync(folder, { recursive: true }))

const place = (...names: ReadonlyArray<string>): string => join(folder, ...names)
const read = (...names: ReadonlyArray<string>): unknown => JSON.parse(readFileSync(place(...names), "utf8"))

const [parts, config] = [place("learner.ts"), place("learner.yaml")]
copyFileSync(new URL("learner.ts", lesson), parts)
copyFileSync(new URL("learner.yaml", lesson), config)

/** The same parts, and the engine `wasm` under a name of its own. */
const engines = place("engines.ts")
writeFileSync(
  engines,
  [
    `import { Engine, Field, Part } from "@ornstein/core"`,
    `import { WasmEngine } from "@ornstein/jit"`,
    `export const engines = [`,
    `  Part.make("assembly", {`,
    `    description: "wasm by another name", source: "this test",`,
    `    options: { threads: Field.positiveInt.annotate({ description: "threads" }).pipe(Field.withDefault(1)) },`,
    `    example: { threads: 2 },`,
    `    make: ({ threads }) => Engine.attempt(() => ({ ...WasmEngine.make({ threads }), name: "assembly" }))`,
    `  })`,
    `]`
  ].join("\n")
)

const done = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { code, err, out } = yield* Terminal.ornstein(...args)
  assert.strictEqual(code, 0, err.join("\n"))
  return out.join("\n")
})

const refused = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { code, err } = yield* Terminal.ornstein(...args)
  assert.strictEqual(code, 2, err.join("\n"))
  return err.join("\n")
})

const small = ["--set", "training.steps=1200", "--set", "evaluation.episodes=2"]
const own = ["--with", parts, "--with", engines]

describe("a network, an optimizer, a ramp and an engine of one's own", () => {
  it.live(
    "are trained, resumed, verified, evaluated, branched and reported by the command",
    () =>
      Effect.gen(function* () {
        const trained = yield* done(
          "train",
          "--config",
          config,
          "--out",
          place("run"),
          ...own,
          ...small,
          "--set=engine.kind=assembly"
        )
        assert.include(trained, "TD3 + twoSided learned Pendulum-v1")
        const record = read("run", "run.json")
        assert.strictEqual(JsonPath.at(record, "versions.engine"), "assembly")
        assert.deepStrictEqual(
          [JsonPath.at(record, "parts.0.path"), JsonPath.at(record, "parts.1.path")],
          [parts, engines]
        )
        const kept = read("run", "config.json")
        assert.deepStrictEqual(JsonPath.at(kept, "algorithm.actorOptimizer"), {
          kind: "lion",
          beta1: 0.9,
          beta2: 0.99
        })
        assert.strictEqual(JsonPath.at(kept, "algorithm.criticLearningRate.to.kind"), "triangle")
        assert.strictEqual(JsonPath.at(kept, "engine.kind"), "assembly")

        yield* done("resume", place("run"), "--steps", "1700", ...own)
        assert.include(yield* done("verify", place("run"), ...own), "as recorded, in every column")
        assert.include(
          yield* done("evaluate", place("run"), "--episodes", "2", ...own),
          "Pendulum-v1, policy of step 1,700"
        )
        const acted = yield* done(
          "evaluate",
          place("run"),
          "--episodes=2",
          "--engine=assembly",
          "--json",
          ...own
        )
        assert.strictEqual(JsonPath.at(JSON.parse(acted), "engine"), "assembly")
        yield* done(
          "branch",
          place("run"),
          "--out",
          place("branch"),
          ...own,
          "--set",
          "training.steps=2200",
          "--set",
          "algorithm.tau.high=0.05"
        )
        yield* done("report", place("run"), place("branch"), "--out", place("report"), ...own)
      }),
    120_000
  )

  it.live("are the same bits when a run is cut in two", () =>
    Effect.gen(function* () {
      const train = (run: string, ...more: ReadonlyArray<string>) =>
        done("train", "--config", config, "--out", place(run), "--with", parts, ...more)
      yield* train("whole", ...small)
      yield* train("cut", "--set=training.steps=700", "--set=evaluation.episodes=2")
      yield* done("resume", place("cut"), "--steps", "1200", "--with", parts)
      const [whole, cut] = ["whole", "cut"].map((run) => JsonPath.at(read(run, "run.json"), "hash"))
      assert.isString(JsonPath.at(whole, "state"))
      assert.deepStrictEqual(cut, whole)
    })
  )

  it.live("are refused with another source, or without one", () =>
    Effect.gen(function* () {
      mkdirSync(place("changed"))
      const changed = place("changed", "learner.ts")
      writeFileSync(changed, readFileSync(parts, "utf8").replace("low + (high - low)", "high + (low - high)"))
      for (const command of ["verify", "resume", "evaluate"]) {
        assert.match(
          yield* refused(command, place("whole"), "--with", changed),
          /is not what it was made with .* --accept-changed-parts/
        )
        assert.match(
          yield* refused(command, place("whole")),
          /learner\.ts, which are not loaded\. Give --with/
        )
      }
      const accepted = yield* Terminal.ornstein(
        "verify",
        place("whole"),
        "--with",
        changed,
        "--accept-changed-parts"
      )
      assert.notStrictEqual(accepted.code, 0, "another ramp gives other numbers")
    })
  )

  it.live("are validated and suggested as ours are", () =>
    Effect.gen(function* () {
      const said = yield* refused(
        "train",
        "--config",
        config,
        "--with",
        parts,
        "--out",
        place("no"),
        "--set=algorithm.network.hiden=[3]",
        "--set=algorithm.actorOptimizer.beta1=2",
        '--set=algorithm.criticOptimizer={"kind":"loin"}',
        "--set=algorithm.tau.low=-0.1",
        "--set=exploration.sigma.perod=3"
      )
      assert.include(said, 'did you mean "algorithm.network.hidden"?')
      assert.match(said, /algorithm\.actorOptimizer\.beta1: expected a value between 0 and 1, got 2/)
      assert.match(
        said,
        /algorithm\.criticOptimizer\.kind: expected .*"lion", got "loin"; did you mean "lion"\?/
      )
      assert.match(said, /algorithm\.tau\.low: expected a value .*, got -0.1/)
      assert.include(said, 'did you mean "exploration.sigma.period"?')
      const listed = yield* done("algos", "--with", parts)
      for (const shown of ["that pass on both sides of zero", "2302.06675", "again and again"]) {
        assert.include(listed, shown)
      }
      const schema = yield* done("schema", ...own)
      for (const shown of [`"twoSided"`, `"lion"`, `"triangle"`, `"assembly"`, "steps until it is back"]) {
        assert.include(schema, shown)
      }
      assert.notInclude(yield* done("schema"), `"lion"`)
      assert.match(
        yield* refused("train", "--config", config, "--out", place("no")),
        /algorithm\.network\.kind: expected one of "dense", "deepSets", got "twoSided"/
      )
    })
  )
})

describe("a module is refused, with exit code 2,", () => {
  const part = (list: string, make: string) =>
    [
      `import { Part } from "@ornstein/core"`,
      `const part = Part.make("mine", { description: "d", source: "s", options: {}, example: {}, make: ${make} })`,
      `export const ${list} = [part]`
    ].join("\n")

  it.live.each([
    [
      "whose network is none",
      part("networks", "() => ({ actor: 3 })"),
      /networks\.0: its make gave an object \(expected a network/
    ],
    [
      "whose optimizer is none",
      part("optimizers", "() => 3"),
      /optimizers\.0: its make gave 3 \(expected an optimizer/
    ],
    ["whose engine is none", part("engines", "() => 3"), /engines\.0: its make gave 3 \(expected an engine/],
    ["whose ramp is none", part("ramps", "() => 3"), /ramps\.0: its make gave 3 \(expected a ramp/],
    [
      "whose ramp has no bounds of its place",
      part("ramps", "() => ({ at: () => 1, least: 1, most: 1 })"),
      /ramps\.0: it is no ramp: make it with Ramp\.make/
    ]
  ] as const)("%s", ([what, text, said]) =>
    Effect.gen(function* () {
      const file = place(`${what.replaceAll(/\W/g, "-")}.ts`)
      writeFileSync(file, text)
      assert.match(yield* refused("schema", "--with", file), said)
    })
  )
})

describe("a ramp of one's own in a program", () => {
  const step = Ramp.make("step", {
    description: "one value, then another",
    source: "this test",
    options: (value: Schema.Finite) => ({ high: value.annotate({ description: "what follows" }) }),
    example: { high: 1 },
    make: ({ high }) => ({
      at: (count) => (count < 3 ? 0 : high),
      least: 0,
      most: high
    })
  })

  it("moves as it says, alone and inside of ours", () => {
    const own = Ramp.kinds.choose(step, { high: 2 })
    assert.deepStrictEqual(
      [0, 2, 3].map((at) => Ramp.at(own, at)),
      [0, 0, 2]
    )
    const later: Ramp.Ramp = { kind: "warmup", steps: 2, to: own }
    assert.deepStrictEqual(
      [1, 4, 5].map((at) => Ramp.at(later, at)),
      [0, 0, 2]
    )
    assert.deepStrictEqual(Ramp.range({ kind: "product", factors: [own, 3] }), { least: 0, most: 6 })
    assert.isFalse(Ramp.isConstant(own))
  })
})
