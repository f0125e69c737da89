/** Worker threads in a process of its own: signals, and parts of the user's own, which each thread loads as well. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Terminal from "./Terminal.ts"
import * as TinyRun from "./TinyRun.ts"

const LANES = ["--set", "training.lanes=4", "--set", "training.updatesPerRound=4"]

describe("a run on 2 worker threads", () => {
  it.live("is stopped by Ctrl-C at once, and goes on to the same bytes", () =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* TinyRun.train(path, run, ...LANES)
        const args = [
          "train",
          "--config",
          "tiny.json",
          "--out",
          "stopped",
          "--checkpoint-every",
          "200",
          ...LANES
        ]
        const { code } = yield* Terminal.spawned(path, [...args, "--workers", "2"], (line, kill) => {
          if (line.startsWith("step")) kill("SIGINT")
        })
        assert.include([0, 130], code)
        yield* Terminal.ornstein("resume", join(path, "stopped"), "--workers", "1")
        assert.deepStrictEqual(TinyRun.course(join(path, "stopped")), TinyRun.course(run))
      })
    )
  )
})

describe("a world of the user's own", () => {
  const parts = fileURLToPath(new URL("../../examples/parts/parts.ts", import.meta.url))
  const experiment = {
    environment: { kind: "lander" },
    algorithm: { base: "td3", hidden: [4] },
    replay: { kind: "uniform", capacity: 400 },
    training: {
      steps: 300,
      warmup: 50,
      learningStarts: 50,
      batchSize: 8,
      sliceSteps: 100,
      lanes: 4,
      updatesPerRound: 1
    },
    evaluation: { episodes: 1 }
  }

  it.live("is found by threads through the module that was named", () =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        writeFileSync(join(path, "lander.json"), JSON.stringify(experiment))
        const args = ["train", "--with", parts, "--config", join(path, "lander.json")]
        const here = yield* Terminal.ornstein(...args, "--out", run)
        assert.strictEqual(here.code, 0, here.err.join("\n"))
        const beside = yield* Terminal.ornstein(...args, "--out", join(path, "beside"), "--workers", "2")
        assert.strictEqual(beside.code, 0, beside.err.join("\n"))
        assert.deepStrictEqual(TinyRun.course(join(path, "beside")), TinyRun.course(run))
      })
    )
  )
})
