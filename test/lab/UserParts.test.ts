/** Parts of a person's own: the lesson, run by the command; what a module may not be; what a record of a run is held to. */
import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as UserParts from "@ornstein/lab/UserParts"
import * as PartsModule from "@ornstein/lab/internal/experiment/PartsModule"
import * as Using from "@ornstein/lab/internal/commands/Using"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"
import * as Terminal from "./Terminal.ts"

const lesson = new URL("../../examples/parts/", import.meta.url)

// Below this file, so that modules find the packages that they import.
const folder = mkdtempSync(new URL("../../node_modules/.parts-", import.meta.url).pathname)
afterAll(() => rmSync(folder, { recursive: true }))

const place = (...names: ReadonlyArray<string>): string => join(folder, ...names)

const write = (name: string, text: string): string => {
  writeFileSync(place(name), text)
  return place(name)
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"))

const small = ["--set", "training.steps=1200", "--set", "evaluation.episodes=2"]

describe("the lesson", () => {
  const [parts, config, run] = [place("parts.ts"), place("experiment.yaml"), place("run")]
  copyFileSync(new URL("parts.ts", lesson), parts)
  copyFileSync(new URL("experiment.yaml", lesson), config)

  it.live(
    "is trained, resumed, verified, evaluated, branched and reported by the command",
    () =>
      Effect.gen(function* () {
        const done = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
          const { code, err, out } = yield* Terminal.ornstein(...args, "--with", parts)
          assert.strictEqual(code, 0, err.join("\n"))
          return out.join("\n")
        })
        const trained = yield* done("train", "--config", config, "--out", run, ...small)
        assert.include(trained, "TD3 + smallActions learned Lander-v0")
        assert.include(trained, `--with ${parts}`)
        const { parts: recorded } = JSON.parse(readFileSync(join(run, "run.json"), "utf8"))
        const { sha256 } = recorded[0]
        assert.deepStrictEqual(recorded, [{ path: parts, sha256 }])
        const copy = join(run, "parts", sha256.slice(0, 16), "parts.ts")
        assert.strictEqual(readFileSync(copy, "utf8"), readFileSync(parts, "utf8"))

        yield* done("resume", run, "--steps", "1700")
        assert.include(yield* done("verify", run), "as recorded, in every column")
        assert.include(yield* done("evaluate", run, "--episodes", "2"), "Lander-v0, policy of step 1,700")
        yield* done("branch", run, "--set", "training.steps=2200", "--out", place("branch"))
        yield* done("report", run, place("branch"), "--out", place("report"))
        assert.include(yield* done("algos"), "an actor that pays for large actions")
        assert.include(yield* done("envs"), `"environment": {"kind":"lander"}`)
        assert.include(yield* done("schema"), `"heldPushes"`)
      }),
    60_000
  )

  it.live("is listed and reported by its tables, without its parts and running none of them", () =>
    Effect.gen(function* () {
      const listed = yield* Terminal.ornstein("runs", folder, "--json")
      const states = JSON.parse(listed.out.join("")).map(
        (one: { readonly path: string; readonly state: string }) => [one.path, one.state]
      )
      assert.deepStrictEqual(states, [
        [place("branch"), "finished"],
        [run, "finished"]
      ])
      const reported = yield* Terminal.ornstein("report", run, place("branch"), `--out=${place("figures")}`)
      assert.strictEqual(reported.code, 0, reported.err.join("\n"))
      assert.notInclude(reported.out.join("\n"), "Left out")
    })
  )

  it.live("a policy that was exported says how its world is given", () =>
    Effect.gen(function* () {
      const file = place("policy.safetensors")
      const done = yield* Terminal.ornstein("export", run, `--out=${file}`, `--with=${parts}`)
      assert.strictEqual(done.code, 0, done.err.join("\n"))
      for (const command of ["evaluate", "play"]) {
        const without = yield* Terminal.ornstein(command, file)
        assert.strictEqual(without.code, 2, without.err.join("\n"))
        assert.match(without.err.join("\n"), /made with the world "lander", .* as --with FILE/)
      }
      const given = yield* Terminal.ornstein("evaluate", file, "--episodes=1", `--with=${parts}`)
      assert.strictEqual(given.code, 0, given.err.join("\n"))
    })
  )

  it.live("is refused without its parts, and its options are checked as ours are", () =>
    Effect.gen(function* () {
      const without = yield* Terminal.ornstein("train", "--config", config, "--out", place("no"))
      assert.strictEqual(without.code, 2)
      const mistyped = yield* Terminal.ornstein(
        "train",
        `--config=${config}`,
        `--with=${parts}`,
        `--out=${place("no")}`,
        "--set=algorithm.variants.0.wieght=1",
        "--set=environment.gravity=-1"
      )
      assert.strictEqual(mistyped.code, 2)
      assert.include(mistyped.err.join("\n"), 'did you mean "algorithm.variants.0.weight"?')
      assert.include(mistyped.err.join("\n"), "environment.gravity: expected a value greater than 0, got -1")
    })
  )

  it.live("a run is opened with the source that it was made with, or with a change that is accepted", () =>
    Effect.gen(function* () {
      const unnamed = yield* Terminal.ornstein("verify", run)
      assert.strictEqual(unnamed.code, 2)
      assert.match(
        unnamed.err.join("\n"),
        /made with parts of .*parts\.ts, which are not loaded\. Give --with/
      )

      mkdirSync(place("changed"))
      const changed = write("changed/parts.ts", `${readFileSync(parts, "utf8")}\n// changed\n`)
      for (const command of ["verify", "resume", "evaluate"]) {
        const refused = yield* Terminal.ornstein(command, run, "--with", changed)
        assert.strictEqual(refused.code, 2, command)
        assert.match(refused.err.join("\n"), /is not what it was made with .* --accept-changed-parts/)
      }
      const before = JsonPath.at(read(join(run, "run.json")), "parts.0.sha256")
      const accepted = yield* Terminal.ornstein(
        "resume",
        run,
        "--steps=2200",
        `--with=${changed}`,
        "--accept-changed-parts"
      )
      assert.strictEqual(accepted.code, 0, accepted.err.join("\n"))
      const record = read(join(run, "run.json"))
      assert.deepStrictEqual(JsonPath.at(record, "parts.0.earlier"), [before])
      assert.notStrictEqual(JsonPath.at(record, "parts.0.sha256"), before)
      assert.lengthOf(readdirSync(join(run, "parts")), 2)

      const earlier = place("branch-of-a-change")
      const branched = yield* Terminal.ornstein(
        "branch",
        place("branch"),
        "--set=training.steps=2700",
        `--out=${earlier}`,
        `--with=${changed}`,
        "--accept-changed-parts"
      )
      assert.strictEqual(branched.code, 0, branched.err.join("\n"))
      const inherited = JsonPath.at(read(join(earlier, "run.json")), "parts.0")
      assert.deepStrictEqual(JsonPath.at(inherited, "earlier"), [before])
      assert.lengthOf(readdirSync(join(earlier, "parts")), 1)
      assert.strictEqual((yield* Terminal.ornstein("verify", run, "--with", changed)).code, 0)
    })
  )
})

describe("a module is refused, with exit code 2,", () => {
  const cases: ReadonlyArray<readonly [what: string, text: string, said: RegExp]> = [
    ["that does not parse", "export const variants = [", /cannot be run: /],
    ["that throws", `throw new Error("no tank")`, /cannot be run: no tank\. Mend it at that-throws\.ts:1/],
    ["that imports what is not there", `import "./nowhere.ts"`, /nowhere\.ts: there is no such file/],
    ["that exports nothing", "const variants = []", /exports none of environments, wrappers, variants/],
    ["whose default export is none", "export default 3", /default export is no object with environments/],
    ["whose list is none", "export const variants = {}", /"variants" is no list/],
    ["whose part is none", "export const variants = [{}]", /variants\.0: it is no part/]
  ]

  const part = (kind: string, make: string, example = "{}") =>
    [
      `import { Part } from "@ornstein/core"`,
      `const part = Part.make("${kind}", {`,
      `  description: "d", source: "s", options: {}, example: ${example}, make: ${make}`,
      "})"
    ].join("\n")

  it.live.each([
    ...cases,
    [
      "with a name of ours",
      `${part("huber", "() => (a) => a")}\nexport const variants = [part]`,
      /"huber" already/
    ],
    [
      "whose part makes something else",
      `${part("nine", "() => 9")}\nexport const variants = [part]`,
      /variants\.0: its make gave 9 \(expected a variant: that is a function\)/
    ],
    [
      "whose example is not valid",
      `${part("ten", "() => (a) => a", "{ x: 1 }")}\nexport const variants = [part]`,
      /variants\.0: its example is not valid: x: unknown key/
    ],
    [
      "whose part cannot be made",
      `${part("tank", `() => { throw new Error("leaks") }`)}\nexport const environments = [part]`,
      /environments\.0: its make threw leaks \(mend it at whose-part-cannot-be-made\.ts:3\)/
    ]
  ] as const)("%s", ([what, text, said]) =>
    Effect.gen(function* () {
      const file = write(`${what.replaceAll(/\W/g, "-")}.ts`, text)
      const { code, err } = yield* Terminal.ornstein("schema", "--with", file)
      assert.match(err.join("\n"), said)
      assert.strictEqual(code, 2)
    })
  )

  const fine = `${part("one", "() => (a) => a")}\n`

  it.live.each([
    [
      "whose export throws when it is asked for",
      `export default { get variants() { throw new Error("not now") } }`,
      /what it exports cannot be looked at: not now, at /
    ],
    [
      "whose export is a proxy that throws",
      `export default new Proxy({}, { get: (_, name) => { if (name === "then") return undefined; throw "no" } })`,
      /what it exports cannot be looked at: the string "no"/
    ],
    [
      "whose part throws when it is looked at",
      `export const variants = [new Proxy({}, { get: () => { throw new Error("shy") } })]`,
      /what it exports cannot be looked at: shy, at /
    ],
    [
      "whose list is without end",
      `export const variants = Array(1e6)`,
      /"variants" has more than 1000 items/
    ],
    ["that ends the process", "process.exit(0)", /it called process\.exit\(0\) while it was loaded\. .* at /],
    [
      "with two parts of one name",
      `${fine}export const variants = [part, { ...part }]`,
      /there is a variant "one" already, in the same module/
    ],
    [
      "with a base of a variant that is not there",
      [
        `import { Base, Recipe } from "@ornstein/algos"`,
        `export const bases = [Recipe.make("new", { description: "d", source: "s", variants: [{ kind: "nowhere" }], defaults: Base.deterministic })]`
      ].join("\n"),
      /the base "new" cannot be composed: /
    ]
  ] as const)("%s", ([what, text, said]) =>
    Effect.gen(function* () {
      const file = write(`${what.replaceAll(/\W/g, "-")}.ts`, text)
      const { code, err } = yield* Terminal.ornstein("schema", "--with", file)
      assert.match(err.join("\n"), said)
      assert.strictEqual(code, 2)
      assert.lengthOf(err.join("\n").split("\n"), 1)
    })
  )

  it.live("that is a class is none", () =>
    Effect.gen(function* () {
      const file = write(
        "class.ts",
        `${fine}class Own { get variants() { return [part] } }\nexport default new Own()`
      )
      const { code, err, out } = yield* Terminal.ornstein("algos", "--with", file)
      assert.strictEqual(code, 0, err.join("\n"))
      assert.match(out.join("\n"), /\bone\b/)
    })
  )

  it.live("that waits for what does not come, and it is said what is waited for", () =>
    Effect.gen(function* () {
      const file = write("waits.ts", "await new Promise(() => {})\nexport const variants = []")
      const { code, err } = yield* Effect.provideService(
        Terminal.ornstein("algos", "--with", file),
        PartsModule.Patience,
        { tell: "20 millis", end: "200 millis" }
      )
      assert.strictEqual(code, 2)
      assert.match(err[0] ?? "", /waiting for .*waits\.ts to load/)
      assert.match(err[1] ?? "", /waits\.ts: it has not loaded after 200ms/)
    })
  )

  it.live("that is no file of code", () =>
    Effect.gen(function* () {
      mkdirSync(place("folder.ts"))
      const cases: ReadonlyArray<readonly [file: string, said: RegExp]> = [
        [place("folder.ts"), /it is a directory\. Name the file in it/],
        [write("mine.yaml", "a: 1"), /named as a configuration is.* as --config/],
        [write("mine.json", "{}"), /named as a configuration is.* as --config/],
        [write("mine.cts", ""), /it is a CommonJS module.* ends in \.ts, \.mts, \.js, \.mjs/],
        [write("mine.txt", ""), /its name ends in none of \.ts/]
      ]
      for (const [file, said] of cases) {
        const { code, err } = yield* Terminal.ornstein("algos", "--with", file)
        assert.strictEqual(code, 2)
        assert.match(err.join("\n"), said)
      }
      for (const ending of ["js", "mjs", "mts"]) {
        const file = write(`mine.${ending}`, `${fine}export const variants = [part]`)
        const { code, err } = yield* Terminal.ornstein("algos", "--with", file)
        assert.strictEqual(code, 0, err.join("\n"))
      }
    })
  )

  it.live("but the same one twice is one, by whatever name; two of them that clash are both named", () =>
    Effect.gen(function* () {
      const text = `${fine}export const variants = [part]`
      const file = write("once.ts", text)
      symlinkSync(file, place("again.ts"))
      const other = write("other.ts", text)
      const reexporting = write("reexporting.ts", `export { variants } from "./once.ts"`)
      const same = [
        "algos",
        "--with",
        file,
        "--with",
        file,
        "--with",
        place("again.ts"),
        "--with",
        reexporting
      ]
      const { code, err } = yield* Terminal.ornstein(...same)
      assert.strictEqual(code, 0, err.join("\n"))
      const clash = yield* Terminal.ornstein("algos", "--with", file, "--with", other)
      assert.strictEqual(clash.code, 2)
      assert.include(clash.err.join("\n"), `${other}: there is a variant "one" already, in ${file}`)
    })
  )

  it.live("that ends the process, or brings it down from a timer, of a process of its own", () =>
    Effect.gen(function* () {
      const leaves = write("leaves.mjs", "process.exit(0)")
      const left = yield* Terminal.spawned(folder, ["algos", "--with", leaves])
      assert.strictEqual(left.code, 2)
      assert.match(left.err.join("\n"), /leaves\.mjs: it called process\.exit\(0\) while it was loaded/)
      for (const [act, said] of [
        [`throw new Error("ticked")`, /timer or a promise of its own: it failed by ticked/],
        ["process.exit(0)", /timer or a promise of its own: it called process\.exit\(0\)/]
      ] as const) {
        const run = place(`brought-down-${act.length}`)
        const file = write("late.mjs", `setTimeout(() => { ${act} }, 1500)\nexport const variants = []`)
        const endless = ["train", "--preset=pendulum", "--steps=5000000", `--with=${file}`, `--out=${run}`]
        const { code, err } = yield* Terminal.spawned(folder, endless)
        assert.strictEqual(code, 1)
        assert.match(err.at(-1) ?? "", said)
        if (!existsSync(run)) continue
        const record = read(join(run, "run.json"))
        assert.strictEqual(JsonPath.at(record, "status"), "failed")
        assert.match(String(JsonPath.at(record, "reason")), said)
      }
    })
  )

  it.live("that is not there", () =>
    Effect.map(Terminal.ornstein("algos", "--with", place("none.ts")), ({ code, err }) => {
      assert.strictEqual(code, 2)
      assert.match(err.join("\n"), /none\.ts: there is no such file or directory\. Name a TypeScript file/)
    })
  )
})

describe("a source", () => {
  it.live("is the file and what it imports from beside it; its hash is of all of them", () =>
    Effect.gen(function* () {
      mkdirSync(place("deep"))
      write("goal.ts", "export const goal = 1")
      const file = write("deep/entry.ts", `import { goal } from "../goal.ts"\nexport const a = goal`)
      const source = yield* UserParts.sourceOf(file)
      assert.deepStrictEqual(Object.keys(source.files).sort(), ["deep/entry.ts", "goal.ts"])
      write("goal.ts", "export const goal = 2")
      assert.notStrictEqual((yield* UserParts.sourceOf(file)).sha256, source.sha256)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("the project's ornstein.config.ts", () => {
  it.live("is found from below, up to the project's root, and never from a run's directory", () =>
    Effect.gen(function* () {
      mkdirSync(place("project", "deep", "runs", "a", "parts"), { recursive: true })
      write("ornstein.config.ts", "")
      const from = (...names: ReadonlyArray<string>) => Using.configFrom(place("project", ...names))
      write("project/package.json", "{}")
      assert.isUndefined(yield* from("deep"))
      const config = write("project/ornstein.config.ts", "")
      assert.strictEqual(yield* from("deep"), config)
      assert.strictEqual(yield* from("deep", "runs"), config)
      write("project/deep/runs/a/run.json", "{}")
      write("project/deep/runs/a/ornstein.config.ts", "")
      assert.isUndefined(yield* from("deep", "runs", "a"))
      assert.isUndefined(yield* from("deep", "runs", "a", "parts"))
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
