/** The command as a process: what only a real one has, signals and exit codes and a working directory. */
import { assert, describe, it } from "@effect/vitest"
import * as JsonPath from "@ornstein/core/JsonPath"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
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
    ["SIGTERM", 143]
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

  it.live("explains itself with --help", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.spawned(".", ["train", "--help"])
      assert.strictEqual(code, 0)
      for (const flag of ["--preset", "--config", "--set", "--seed", "--steps", "--out", "--json"])
        assert.include(out.join("\n"), flag)
    })
  )
})
