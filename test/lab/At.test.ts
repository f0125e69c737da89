import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import { Effect } from "effect"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

/** Learns wildly enough that the best of its checkpoints is not the last. */
const wild = {
  environment: { kind: "pendulum" },
  algorithm: { base: "ddpg", hidden: [8], actorLearningRate: 0.02, criticLearningRate: 0.02 },
  training: { steps: 800, warmup: 100, learningStarts: 150, batchSize: 8, sliceSteps: 50 },
  evaluation: { episodes: 2, every: 200, seed: 5 },
  replay: { kind: "uniform", capacity: 400 }
}

/** The means of the table of evaluations, by step. */
const means = (run: string): ReadonlyMap<number, number> =>
  new Map(
    readFileSync(join(run, "evaluations.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map((row) => [Number(JsonPath.at(row, "step")), Number(JsonPath.at(row, "mean"))])
  )

const trained = Effect.gen(function* () {
  const path = yield* Terminal.directory
  const [config, run] = [join(path, "wild.json"), join(path, "run")]
  writeFileSync(config, JSON.stringify(wild))
  const args = [
    "train",
    "--config",
    config,
    "--out",
    run,
    "--checkpoint-every",
    "200",
    "--keep",
    "9",
    "--seed",
    "4"
  ]
  assert.strictEqual((yield* Terminal.ornstein(...args)).code, 0)
  return run
})

const evaluate = Effect.fnUntraced(function* (run: string, ...args: ReadonlyArray<string>) {
  const { code, out } = yield* Terminal.ornstein("evaluate", run, "--json", ...args)
  assert.strictEqual(code, 0)
  const told: unknown = JSON.parse(out[0] ?? "")
  return { step: JsonPath.at(told, "step"), mean: JsonPath.at(told, "evaluation.mean") }
})

describe("--at", () => {
  it.live(
    "evaluates the policy of a step, the best one or the last, as it was evaluated while it learned",
    () =>
      Effect.gen(function* () {
        const run = yield* trained
        const table = means(run)
        const steps = [200, 400, 600, 800]
        for (const step of steps) {
          assert.deepStrictEqual(yield* evaluate(run, "--at", `${step}`), { step, mean: table.get(step) })
        }
        const [best = 0] = steps.toSorted((a, b) => (table.get(b) ?? 0) - (table.get(a) ?? 0))
        assert.notStrictEqual(best, 800)
        assert.deepStrictEqual(yield* evaluate(run, "--at", "best"), { step: best, mean: table.get(best) })
        const last = { step: 800, mean: table.get(800) }
        assert.deepStrictEqual(yield* evaluate(run, "--at", "last"), last)
        assert.deepStrictEqual(yield* evaluate(run), last)

        const checkpoints = join(run, "checkpoints")
        rmSync(join(checkpoints, readdirSync(checkpoints).find((name) => Number(name) === best) ?? "none"), {
          recursive: true
        })
        // Step 600 was saved without its evaluation, which was not the best then.
        assert.strictEqual((yield* evaluate(run, "--at", "best")).step, 800)
        const gone = yield* Terminal.ornstein("evaluate", run, "--at", `${best}`)
        assert.deepStrictEqual([gone.code, gone.out], [2, []])
        const others = steps.filter((step) => step !== best).join(", ")
        assert.include(
          gone.err.join("\n"),
          `there is no checkpoint of step ${best}. There are ones of ${others}`
        )
      })
  )

  it.live("plays them too, and is refused where nothing was learned", () =>
    Effect.gen(function* () {
      const run = yield* trained
      const played = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
        const { code, out } = yield* Terminal.ornstein("play", run, "--json", ...args)
        assert.strictEqual(code, 0)
        return JsonPath.at(JSON.parse(out[0] ?? ""), "return")
      })
      assert.strictEqual(yield* played(), yield* played("--at", "800"))
      assert.notStrictEqual(yield* played("--at", "200"), yield* played("--at", "800"))
      for (const args of [["Pendulum-v1"], [run, "--policy", "random"]]) {
        const { code, err, out } = yield* Terminal.ornstein("play", ...args, "--at", "best")
        assert.deepStrictEqual([code, out], [2, []])
        assert.include(err.join(), "--at chooses among the policies that a run has learned")
      }
    })
  )

  it.live("says so where no checkpoint was evaluated", () =>
    Effect.gen(function* () {
      const run = yield* trained
      const checkpoints = join(run, "checkpoints")
      for (const name of readdirSync(checkpoints)) {
        if (name !== "segments") rmSync(join(checkpoints, name), { recursive: true })
      }
      const { code, err } = yield* Terminal.ornstein("evaluate", run, "--at", "best")
      assert.strictEqual(code, 2)
      assert.include(err.join(), "no checkpoint here was evaluated. There are none at all")
    })
  )
})
