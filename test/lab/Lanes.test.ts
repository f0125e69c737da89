/** Several worlds at once, on the command line: how much is learned from each step is printed, recorded, and thought of. */
import { assert, describe, it } from "@effect/vitest"
import * as Experiment from "@ornstein/lab/Experiment"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Updates from "@ornstein/lab/internal/experiment/Updates"
import { Effect, Result } from "effect"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"
import * as TinyRun from "./TinyRun.ts"

describe("updates per step", () => {
  const warned = (input: object, ...overrides: ReadonlyArray<string>) =>
    Updates.warning(input, overrides, Result.getOrThrow(Experiment.ours.decodeWith(input, overrides)))

  const environment = { kind: "pendulum" }
  const stated = { environment, training: { updatesPerRound: 1 } }

  it("a change of lanes alone is warned of; lanes with a rhythm are not", () => {
    assert.include(warned({ environment }, "training.lanes=4") ?? "", "makes 0.25 updates")
    assert.include(warned({ environment, training: { lanes: 4 } }) ?? "", "makes 0.25 updates")
    assert.include(warned({ environment }, 'training={"lanes":4}') ?? "", "makes 0.25 updates")
    // What was written was written for one lane.
    assert.include(warned(stated, "training.lanes=4") ?? "", "makes 0.25 updates")
    assert.isUndefined(warned({ environment }))
    assert.isUndefined(warned(stated))
    assert.isUndefined(warned({ environment, training: { lanes: 4, updatesPerRound: 1 } }))
    assert.isUndefined(warned({ environment, training: { lanes: 4 } }, "training.updateEvery=2"))
    assert.isUndefined(warned({ environment }, "training.lanes=4", "training.updatesPerRound=4"))
    assert.isUndefined(warned({ environment }, 'training={"lanes":4,"updatesPerRound":1}'))
  })

  it("nothing is said of rollouts, each of which is learned from once", () => {
    const input = {
      environment: { kind: "cartPole" },
      algorithm: { base: "a2c" },
      replay: { kind: "rollout", capacity: 20, until: "full" }
    }
    assert.isUndefined(warned(input, "training.lanes=4"))
    assert.isUndefined(Updates.perStep(Result.getOrThrow(Experiment.ours.decodeWith(input, []))))
  })

  const told = ({ err, out }: Terminal.Printed): string => [...out, ...err].join("\n")

  it.live("are printed, and recorded", () =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        const alone = yield* TinyRun.train(path, run, "--set", "training.lanes=4")
        assert.strictEqual(alone.code, 0)
        assert.include(told(alone), "warning: training.lanes = 4 alone makes 0.25 updates")
        assert.include(told(alone), "4 lanes, 0.25 updates per step")
        assert.strictEqual(TinyRun.at(run, "updatesPerStep"), 0.25)
        const meant = yield* TinyRun.train(
          path,
          `${run}-2`,
          ...["training.lanes=4", "training.updatesPerRound=6"].flatMap((text) => ["--set", text])
        )
        assert.notInclude(told(meant), "warning")
        assert.include(told(meant), "4 lanes, 1.5 updates per step")
        assert.strictEqual(TinyRun.at(`${run}-2`, "updatesPerStep"), 1.5)
      })
    )
  )
})

describe("worker threads of a run", () => {
  it.live("change no byte of it: killed, resumed with other threads, verified with others again", () =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        const lanes = ["--set", "training.lanes=4", "--set", "training.updatesPerRound=4"]
        yield* TinyRun.train(path, run, ...lanes)
        const beside = join(path, "beside")
        const { code } = yield* TinyRun.train(path, beside, ...lanes, "--workers", "2")
        assert.strictEqual(code, 0)
        assert.deepStrictEqual(TinyRun.course(beside), TinyRun.course(run))
        assert.strictEqual(
          JsonPath.at(JSON.parse(TinyRun.read(beside, "config.json")), "training.workers"),
          2
        )
        const killed = join(path, "killed")
        TinyRun.rewound(beside, killed, 200)
        const resumed = yield* Terminal.ornstein("resume", killed, "--workers", "3")
        assert.strictEqual(resumed.code, 0)
        assert.deepStrictEqual(TinyRun.course(killed), TinyRun.course(run))
        const verified = yield* Terminal.ornstein("verify", run, "--workers", "4")
        assert.strictEqual(verified.code, 0)
        const more = yield* Terminal.ornstein("verify", run, "--workers", "5")
        assert.strictEqual(more.code, 2)
        assert.include(more.err.join(), "training.workers: expected at most training.lanes (4)")
      })
    )
  )
})
