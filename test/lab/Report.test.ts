import { assert, describe, it } from "@effect/vitest"
import * as Curves from "@ornstein/lab/Curves"
import * as Panels from "@ornstein/lab/Panels"
import * as RunHistory from "@ornstein/lab/RunHistory"
import { Effect } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const tiny = {
  environment: { kind: "pendulum", timeLimit: 20 },
  algorithm: { base: "ddpg", hidden: [4] },
  training: { steps: 200, warmup: 20, learningStarts: 20, batchSize: 4, sliceSteps: 50 },
  evaluation: { episodes: 2, every: 50 },
  replay: { kind: "uniform", capacity: 1000 }
}

/** Runs of the tiny experiment, one for each list of settings. */
const runs = Effect.fnUntraced(function* (...settings: ReadonlyArray<ReadonlyArray<string>>) {
  const directory = yield* Terminal.directory
  const config = join(directory, "tiny.json")
  writeFileSync(config, JSON.stringify(tiny))
  const paths = settings.map((_, i) => join(directory, `run${i}`))
  for (const [i, set] of settings.entries()) {
    const args = set.flatMap((one) => ["--set", one])
    const { code, out } = yield* Terminal.ornstein("train", "--config", config, "--out", paths[i]!, ...args)
    assert.strictEqual(code, 0, out.join("\n"))
  }
  return { directory, paths }
})

const lines = (...path: ReadonlyArray<string>): ReadonlyArray<string> =>
  readFileSync(join(...path), "utf8")
    .trimEnd()
    .split("\n")

const PNG = "89504e470d0a1a0a"

describe("ornstein report", () => {
  it.live("shows one run from inside: four panels, and their numbers", () =>
    Effect.gen(function* () {
      const { paths } = yield* runs([])
      const { code, out } = yield* Terminal.ornstein("report", paths[0]!)
      assert.strictEqual(code, 0, out.join("\n"))
      assert.include(out[0], "10 episodes")
      const report = join(paths[0]!, "report")
      const svg = readFileSync(join(report, "run.svg"), "utf8")
      for (const title of ["Return", "Critic loss", "Actor loss", "Noise"]) assert.include(svg, `>${title}<`)
      assert.strictEqual(readFileSync(join(report, "run.png")).subarray(0, 8).toString("hex"), PNG)
      const [header, ...rows] = lines(report, "run.csv")
      assert.strictEqual(header, "panel,step,value,smoothed")
      assert.lengthOf(
        rows.filter((row) => row.startsWith("Return")),
        10
      )
      assert.lengthOf(
        rows.filter((row) => row.startsWith("Noise")),
        4
      )
    }).pipe(Effect.scoped)
  )

  it.live("compares experiments over their seeds, the same on every call", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs(
        ["training.seed=0"],
        ["training.seed=1"],
        ["algorithm.tau=0.5"],
        ["algorithm.tau=0.5", "training.seed=1"]
      )
      const out = join(directory, "report")
      const first = yield* Terminal.ornstein("report", ...paths, "--out", out)
      assert.strictEqual(first.code, 0, first.out.join("\n"))
      const text = first.out.join("\n")
      assert.match(text, /ddpg-pendulum \(tau=0\.005\) +2 /)
      assert.match(text, /ddpg-pendulum \(tau=0\.5\) +2 /)
      assert.include(text, "mean return of an evaluation without exploration")
      const [header, ...rows] = lines(out, "curves.csv")
      assert.strictEqual(header, "group,environment,runs,step,value,low,high")
      assert.lengthOf(rows, 2 * 5)
      assert.lengthOf(lines(out, "scores.csv"), 1 + 4)
      assert.include(readFileSync(join(out, "curves.svg"), "utf8"), "ddpg-pendulum (tau=0.5)")
      const again = join(directory, "again")
      yield* Terminal.ornstein("report", ...paths, "--out", again)
      for (const file of ["curves.csv", "scores.csv", "curves.svg", "curves.png"]) {
        assert.isTrue(readFileSync(join(out, file)).equals(readFileSync(join(again, file))), file)
      }
    }).pipe(Effect.scoped)
  )

  it.live("says so where the runs of a group have not come equally far", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs([], ["training.seed=1"])
      yield* Terminal.ornstein("resume", paths[1]!, "--steps", "240")
      const { out } = yield* Terminal.ornstein("report", ...paths, "--out", join(directory, "report"))
      assert.match(out.join("\n"), /Runs of ddpg-pendulum have come to steps 200 to 240: /)
    }).pipe(Effect.scoped)
  )

  it.live("refuses what is no run", () =>
    Effect.gen(function* () {
      const directory = yield* Terminal.directory
      mkdirSync(join(directory, "empty"))
      const { code, err } = yield* Terminal.ornstein("report", join(directory, "empty"))
      assert.strictEqual(code, 2)
      assert.include(err.join("\n"), "Give the directory of a run")
    }).pipe(Effect.scoped)
  )
})

const slice = (step: number, returns: ReadonlyArray<number>, length: number, more = {}) => ({
  step,
  exploration: 0.1,
  returns,
  lengths: returns.map(() => length),
  ...more
})

describe("a run's history", () => {
  const slices = [slice(5, [1, 2], 2), slice(10, [3], 3, { criticLoss: 0.5 })]

  it("places every episode at the step of its end", () => {
    assert.deepStrictEqual(RunHistory.episodes({ slices }), { steps: [2, 4, 7], values: [1, 2, 3] })
  })

  it("leaves out slices without a metric", () => {
    assert.deepStrictEqual(RunHistory.metric({ slices }, "criticLoss"), { steps: [10], values: [0.5] })
  })
})

describe("tables", () => {
  it("are CSV, with quotes where they are needed", () => {
    assert.strictEqual(
      Panels.csv([
        { name: "a", value: 1 },
        { name: 'b, "c"', value: -0.5 }
      ]),
      'name,value\na,1\n"b, ""c""",-0.5\n'
    )
    assert.deepStrictEqual(Curves.scores, ["evaluation", "training"])
  })
})
