/** Datasets on a command line: made, described, learned from without a world, and opened by the real Minari. */
import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Gather from "@ornstein/lab/internal/gather/Gather"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const told = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { code, err, out } = yield* Terminal.ornstein(...args, "--json")
  assert.strictEqual(code, 0, err.join("\n"))
  const json: unknown = JSON.parse(out.at(-1) ?? "")
  return json
})

const refused = Effect.fnUntraced(function* (reason: RegExp, ...args: ReadonlyArray<string>) {
  const { code, err } = yield* Terminal.ornstein(...args)
  assert.strictEqual(code, 2)
  assert.match(err.join("\n"), reason)
})

/** Every file of a folder, and its bytes. */
const bytesOf = (folder: string): string => {
  const digest = createHash("sha256")
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .sort()) {
    digest.update(name.slice(folder.length)).update(readFileSync(name))
  }
  return digest.digest("hex")
}

const random = ["--env", "Pendulum-v1", "--from", "random", "--episodes", "2"]

const field = (json: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((value, name) => JsonPath.child(value, name), json)

it("shares are rounded to whole episodes, all of them", () => {
  assert.deepStrictEqual(Gather.shared([1, 1], 5), [3, 2])
  assert.deepStrictEqual(Gather.shared([1, 1, 0.5], 5), [2, 2, 1])
  assert.deepStrictEqual(Gather.shared([0.1, 0.9], 3), [0, 3])
})

describe("a dataset", () => {
  it.live("of a seed has one sequence of bytes, in the layout of Minari", () =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const [a, b, c] = ["a", "b", "c"].map((name) => join(path, name))
      const made = yield* told("dataset", "make", a!, ...random, "--id", "pendulum/random-v0")
      assert.deepStrictEqual([field(made, "episodes"), field(made, "steps")], [2, 400])
      yield* told("dataset", "make", b!, ...random, "--id", "pendulum/random-v0")
      yield* told("dataset", "make", c!, ...random, "--id", "pendulum/random-v0", "--seed", "1")
      assert.strictEqual(bytesOf(a!), bytesOf(b!))
      assert.notStrictEqual(bytesOf(a!), bytesOf(c!))
      assert.deepStrictEqual(readdirSync(path).sort(), ["a", "b", "c"])
      const described = yield* told("dataset", "describe", a!)
      assert.deepStrictEqual(
        ["format", "storage", "episodes", "steps", "timeouts", "problem"].map((name) =>
          field(described, name)
        ),
        ["minari", "arrow", 2, 400, 2, null]
      )
      assert.closeTo(Number(field(described, "return", "mean")), Number(field(made, "return", "mean")), 1e-9)
    }).pipe(Effect.scoped)
  )

  it.live("is never written over, and what cannot be made leaves nothing", () =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const out = join(path, "a")
      writeFileSync(out, "mine")
      yield* refused(/there is something here already/, "dataset", "make", out, ...random)
      assert.strictEqual(readFileSync(out, "utf8"), "mine")
      const other = join(path, "b")
      yield* refused(/it acts in no world/, "dataset", "make", other, "--from", "random")
      yield* refused(/there is no such file/, "dataset", "make", other, "--from", join(path, "nobody"))
      yield* refused(
        /no environment is called/,
        "dataset",
        "make",
        other,
        "--from",
        "random",
        "--env",
        "Nowhere-v0"
      )
      yield* refused(
        /it names nobody who acts/,
        "dataset",
        "make",
        other,
        "--from",
        "random:0",
        "--env",
        "Pendulum-v1"
      )
      yield* refused(/there is no folder/, "dataset", "make", join(path, "no", "b"), ...random)
      assert.deepStrictEqual(readdirSync(path), ["a"])
    }).pipe(Effect.scoped)
  )

  it.live(
    "is made of what a run had learned at its best, in the middle, and at random, then learned from",
    () =>
      Effect.gen(function* () {
        const path = yield* Terminal.directory
        const [file, run, out] = [join(path, "config.json"), join(path, "run"), join(path, "mixed")]
        const online = {
          environment: { kind: "pendulum", timeLimit: 20 },
          algorithm: { base: "td3", hidden: [8] },
          training: { steps: 300, learningStarts: 50, warmup: 50, batchSize: 16, sliceSteps: 100 },
          evaluation: { episodes: 2, every: 100 }
        }
        writeFileSync(file, JSON.stringify(online))
        const trained = yield* Terminal.ornstein(
          "train",
          "--config",
          file,
          "--out",
          run,
          "--checkpoint-every",
          "100",
          "--keep",
          "9"
        )
        assert.strictEqual(trained.code, 0, trained.err.join("\n"))
        const from = ["random:1", `${run}@medium:1`, `${run}@expert:2`].flatMap((text) => ["--from", text])
        const made = yield* told("dataset", "make", out, ...from, "--episodes", "8")
        const sources = field(made, "sources")
        assert.deepStrictEqual(
          (Array.isArray(sources) ? sources : []).map((source) => field(source, "episodes")),
          [2, 2, 4]
        )
        // The world is that of the run: 20 steps.
        assert.strictEqual(field(made, "steps"), 160)

        // Offline, without a world: stopped, gone on with, and repeated.
        const offline = {
          algorithm: { base: "td3", hidden: [8], variants: [{ kind: "behaviourCloning" }] },
          replay: { kind: "offline", file: out },
          training: { steps: 100, batchSize: 16, sliceSteps: 20, normalize: { observations: true } }
        }
        writeFileSync(file, JSON.stringify(offline))
        const [whole, parts] = [join(path, "whole"), join(path, "parts")]
        const first = yield* told("train", "--config", file, "--out", whole)
        assert.isNull(field(first, "evaluation"))
        yield* told("train", "--config", file, "--out", parts, "--steps", "40")
        const rest = yield* told("resume", parts, "--steps", "100")
        assert.deepStrictEqual(field(rest, "hash"), field(first, "hash"))
        for (const each of [whole, parts]) {
          const { code, err } = yield* Terminal.ornstein("verify", each)
          assert.strictEqual(code, 0, err.join("\n"))
        }
        const rows = readFileSync(join(whole, "metrics.jsonl"), "utf8").trim().split("\n")
        assert.deepStrictEqual(
          rows.map((row) => field(JSON.parse(row), "updates")),
          [20, 40, 60, 80, 100]
        )
        // A world is named for the evaluation alone.
        const evaluated = yield* told("evaluate", whole, "--env", "Pendulum-v1", "--episodes", "2")
        assert.match(JSON.stringify(evaluated), /"mean":-\d/)
        yield* refused(
          /evaluation.episodes: expected 0: nothing happens/,
          "train",
          "--config",
          file,
          "--out",
          join(path, "no"),
          "--set",
          "evaluation.episodes=3"
        )
        assert.isFalse(existsSync(join(path, "no")))
      }).pipe(Effect.scoped)
  )
})

// the real Minari

const SCRIPT = `
import json, pathlib, sys
from minari.dataset.minari_dataset import MinariDataset
d = MinariDataset(pathlib.Path(sys.argv[1]) / "data")
e = list(d.iterate_episodes())
print(json.dumps({
  "episodes": int(d.total_episodes), "steps": int(d.total_steps), "id": d.id,
  "observations": [list(x.observations.shape) for x in e], "actions": [list(x.actions.shape) for x in e],
  "types": [str(e[0].observations.dtype), str(e[0].rewards.dtype), str(e[0].terminations.dtype)],
  "sum": float(sum(x.rewards.sum() for x in e)), "truncated": [bool(x.truncations[-1]) for x in e],
  "space": str(d.action_space)
}))
`

const python = process.env["ORNSTEIN_PYTHON"]
const hasMinari = ((): boolean => {
  if (python === undefined) return false
  try {
    execFileSync(python, ["-c", "import minari, pyarrow"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!hasMinari)("the real Minari (ORNSTEIN_PYTHON with minari[arrow])", () => {
  it.live("opens what was made", () =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const out = join(path, "made")
      const made = yield* told("dataset", "make", out, ...random, "--id", "pendulum/random-v0")
      const said: unknown = JSON.parse(execFileSync(python ?? "", ["-c", SCRIPT, out], { encoding: "utf8" }))
      assert.deepStrictEqual(field(said, "episodes"), 2)
      assert.deepStrictEqual(field(said, "id"), "pendulum/random-v0")
      assert.deepStrictEqual(field(said, "observations"), [
        [201, 3],
        [201, 3]
      ])
      assert.deepStrictEqual(field(said, "actions"), [
        [200, 1],
        [200, 1]
      ])
      assert.deepStrictEqual(field(said, "types"), ["float32", "float64", "bool"])
      assert.deepStrictEqual(field(said, "truncated"), [true, true])
      assert.deepStrictEqual(field(said, "space"), "Box(-2.0, 2.0, (1,), float32)")
      assert.closeTo(Number(field(said, "sum")) / 2, Number(field(made, "return", "mean")), 1e-9)
    }).pipe(Effect.scoped)
  )
})
