import { assert, describe, it } from "@effect/vitest"
import * as Curves from "@ornstein/lab/Curves"
import * as Panels from "@ornstein/lab/Panels"
import * as Figure from "@ornstein/lab/Figure"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as Statistics from "@ornstein/lab/Statistics"
import { Effect } from "effect"
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
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

/** Makes of a finished run one that has come to a step and no further, and to no checkpoint. */
const forge = (run: string, step: number, manifest: { readonly [field: string]: unknown }): void => {
  const file = join(run, "run.json")
  rmSync(join(run, "checkpoints"), { recursive: true, force: true })
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...manifest, hash: null }))
  // Its checkpoints would vouch for rows that such a run has not come to.
  rmSync(join(run, "checkpoints"), { recursive: true, force: true })
  for (const table of ["metrics.jsonl", "evaluations.jsonl"]) {
    const rows = readFileSync(join(run, table), "utf8").split("\n").slice(0, -1)
    const kept = rows.filter((row) => JSON.parse(row).step <= step)
    writeFileSync(join(run, table), kept.map((row) => `${row}\n`).join(""))
  }
}

const lines = (...path: ReadonlyArray<string>): ReadonlyArray<string> =>
  readFileSync(join(...path), "utf8")
    .trimEnd()
    .split("\n")

const PNG = "89504e470d0a1a0a"

describe("ornstein report", () => {
  it.live(
    "shows one run from inside: returns with evaluations, losses, values, noise, and their numbers",
    () =>
      Effect.gen(function* () {
        const { paths } = yield* runs([])
        const { code, out } = yield* Terminal.ornstein("report", paths[0]!)
        assert.strictEqual(code, 0, out.join("\n"))
        assert.include(out[0], "10 episodes")
        const report = join(paths[0]!, "report")
        const svg = readFileSync(join(report, "run.svg"), "utf8")
        for (const title of ["Return", "Critic loss", "Actor loss", "Q value", "Noise"])
          assert.include(svg, `>${title}<`)
        assert.strictEqual(readFileSync(join(report, "run.png")).subarray(0, 8).toString("hex"), PNG)
        const [header, ...rows] = lines(report, "run.csv")
        assert.strictEqual(header, "panel,step,value,smoothed")
        assert.lengthOf(
          rows.filter((row) => row.startsWith("Return")),
          10
        )
        for (const [panel, number] of [
          ["Noise", 4],
          ["Q value", 4],
          ["Evaluation", 5]
        ] as const) {
          assert.lengthOf(
            rows.filter((row) => row.startsWith(panel)),
            number,
            panel
          )
        }
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
      const directory = yield* Terminal.directory
      const config = join(directory, "poles.json")
      const poles = {
        environment: { kind: "cartPole" },
        algorithm: { base: "actorCritic", hidden: [4] },
        training: { steps: 2000, episodes: 4, sliceSteps: 50 },
        evaluation: { episodes: 1 }
      }
      writeFileSync(config, JSON.stringify(poles))
      const paths = ["0", "1"].map((seed) => join(directory, seed))
      for (const [seed, path] of paths.entries()) {
        yield* Terminal.ornstein("train", "--config", config, "--out", path, "--seed", String(seed))
      }
      const { out } = yield* Terminal.ornstein("report", ...paths, "--out", join(directory, "report"))
      assert.match(out.join("\n"), /Runs of actorCritic-cartPole have come to steps \d+ to \d+: /)
    }).pipe(Effect.scoped)
  )

  it.live("counts a run that was extended with those that were as long from the beginning", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs(["training.steps=240"], ["training.seed=1"])
      yield* Terminal.ornstein("resume", paths[1]!, "--steps", "240")
      const { out } = yield* Terminal.ornstein("report", ...paths, "--out", join(directory, "report"))
      assert.match(out.join("\n"), /^ddpg-pendulum +2 +240 /m)
    }).pipe(Effect.scoped)
  )

  it.live("counts a run once, however often and by whatever path it is named, copies as well", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs([], ["training.seed=1"])
      const [first = "", second = ""] = paths
      const copy = join(directory, "copy")
      cpSync(first, copy, { recursive: true })
      symlinkSync(first, join(directory, "link"))
      const one = yield* Terminal.ornstein("report", first, first, `${first}/`, join(directory, "link"))
      assert.strictEqual(one.code, 0, one.err.join("\n"))
      assert.include(one.out[0], "10 episodes")
      assert.include(one.out.join("\n"), `${first}: named 4 times, counted once.`)
      assert.include(one.out.at(-1), join(first, "report"))
      const out = join(directory, "report")
      const two = yield* Terminal.ornstein("report", first, second, copy, "--out", out)
      assert.match(two.out.join("\n"), /^ddpg-pendulum +2 /m)
      assert.include(two.out.join("\n"), `${copy}: the same run as ${first}, counted once`)
      assert.lengthOf(lines(out, "scores.csv"), 1 + 2)
    }).pipe(Effect.scoped)
  )

  it.live("names and counts a run that diverged, before its first row or after", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs(
        [],
        ["training.seed=1"],
        ["training.seed=2"],
        ["training.seed=3"]
      )
      const whole = join(directory, "whole")
      yield* Terminal.ornstein("report", ...paths.slice(0, 3), "--out", whole)
      const last = paths[3]!
      for (const kept of [100, 0]) {
        forge(last, kept, {
          status: "failed",
          step: kept,
          reason: "at step 120, critic.l0.w is not finite. ..."
        })
        if (kept === 0) rmSync(join(last, "metrics.jsonl"))
        const out = join(directory, `after${kept}`)
        const { code, out: text } = yield* Terminal.ornstein("report", ...paths, "--out", out)
        assert.strictEqual(code, 0, text.join("\n"))
        assert.include(text.join("\n"), `3 of 4; 1 diverged at step 120 (${last})`)
        assert.match(text.join("\n"), /^ddpg-pendulum +3 of 4 +200 /m)
        // The others are as if it had never been.
        assert.deepStrictEqual(lines(out, "curves.csv"), lines(whole, "curves.csv"))
        assert.deepStrictEqual(lines(out, "scores.csv").slice(0, 4), lines(whole, "scores.csv"))
        assert.match(lines(out, "scores.csv")[4]!, /,3,.*,diverged at step 120,\d+,evaluation,,,,,$/)
        assert.include(readFileSync(join(out, "curves.svg"), "utf8"), "n = 3 of 4")
        const spec: unknown = JSON.parse(readFileSync(join(out, "curves.vl.json"), "utf8"))
        const drawn = JSON.stringify(spec).split(`"broken":${JSON.stringify(last)}`).length - 1
        assert.strictEqual(drawn, kept === 0 ? 1 : 3, "drawn as far as it goes: evaluations at 0, 50 and 100")
      }
      const alone = yield* Terminal.ornstein("report", last)
      assert.strictEqual(alone.code, 2)
      assert.include(alone.err.join("\n"), "diverged at step 120, before its first row")
    }).pipe(Effect.scoped)
  )

  it.live("an unfinished run beside finished ones is left out by name and changes nothing", () =>
    Effect.gen(function* () {
      const { directory, paths } = yield* runs(
        [],
        ["training.seed=1"],
        ["training.seed=2"],
        ["training.seed=3"]
      )
      const whole = join(directory, "whole")
      const before = yield* Terminal.ornstein("report", ...paths.slice(0, 3), "--out", whole)
      const last = paths[3]!
      // With two evaluations it would have made training returns of all curves, and cut them at its step.
      forge(last, 50, { status: "stopped", step: 60, reason: "stopped by SIGINT at step 60" })
      const out = join(directory, "after")
      const after = yield* Terminal.ornstein("report", ...paths, "--out", out, "--json")
      assert.strictEqual(after.code, 0, after.err.join("\n"))
      const json = JSON.parse(after.out[0] ?? "null")
      assert.deepStrictEqual(json.leftOut, [{ run: last, reason: "unfinished at step 60 of 200" }])
      assert.deepStrictEqual(lines(out, "curves.csv"), lines(whole, "curves.csv"))
      assert.deepStrictEqual(lines(out, "scores.csv").slice(0, 4), lines(whole, "scores.csv"))
      const [header = "", ...rows] = lines(whole, "scores.csv")
      assert.strictEqual(header, "group,seed,run,status,steps,score,step,final,lastTenth,best,area")
      for (const row of rows) assert.match(row, /,counted,200,evaluation,200,-/)
      // The table says what the file says: its estimate is that of the column.
      const finals = rows.map((row) => Number(row.split(",")[7]))
      const estimate = Statistics.interquartileMean(finals)
      assert.include(before.out.join("\n"), ` 200    ${estimate.toFixed(1)} [`)
    }).pipe(Effect.scoped)
  )

  it.live("says that there are no episodes yet, in words", () =>
    Effect.gen(function* () {
      const set = ["environment.timeLimit=500", "evaluation.every=0", "evaluation.episodes=1"]
      const { directory, paths } = yield* runs(set, [...set, "training.seed=1"])
      const out = join(directory, "report")
      const two = yield* Terminal.ornstein("report", ...paths, "--out", out)
      const one = yield* Terminal.ornstein("report", paths[0]!)
      assert.deepStrictEqual([two.code, one.code], [0, 0])
      const text = [...two.out, ...one.out, ...lines(out, "scores.csv")].join("\n")
      assert.notMatch(text, /NaN|Infinity|undefined|null/)
      assert.include(two.out.join("\n"), "none yet")
      assert.include(one.out.join("\n"), "no episode has ended yet")
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
    assert.deepStrictEqual(RunHistory.episodes({ begun: 0, slices }), { steps: [2, 4, 7], values: [1, 2, 3] })
    assert.deepStrictEqual(RunHistory.episodes({ begun: 90, slices }).steps, [92, 94, 97])
  })

  it.live(
    "places the episodes of a branch behind where it began, in the middle of one",
    () =>
      Effect.gen(function* () {
        const { directory, paths } = yield* runs(["training.steps=150"])
        const branch = join(directory, "branch")
        const set = ["--set", "algorithm.gamma=0.5", "--set", "training.steps=250"]
        const { code, out } = yield* Terminal.ornstein("branch", paths[0]!, "--out", branch, ...set)
        assert.strictEqual(code, 0, out.join("\n"))
        yield* Terminal.ornstein("report", branch)
        const ends = lines(branch, "report", "run.csv").filter((row) => row.startsWith("Return,"))
        assert.deepStrictEqual(
          ends.map((row) => Number(row.split(",")[1])),
          [160, 180, 200, 220, 240]
        )
      }).pipe(Effect.scoped),
    60_000
  )

  it("leaves out slices without a metric", () => {
    assert.deepStrictEqual(RunHistory.metric({ slices }, "criticLoss"), { steps: [10], values: [0.5] })
  })
})

describe("figures", () => {
  it("draw no two of 200 lines alike", () => {
    const strokes = Array.from({ length: 200 }, (_, i) => JSON.stringify(Figure.stroke(i)))
    assert.strictEqual(new Set(strokes).size, 200)
  })

  it("name every group with its n, and begin at 0", () =>
    Effect.gen(function* () {
      const curves = Array.from({ length: 12 }, (_, i): Curves.Curve => {
        const points = [0, 5000, 10_000].map((step) => ({ step, point: i, low: i - 1, high: i + 1 }))
        return {
          group: { label: `group${i}`, environment: "pendulum", runs: [], aside: [] },
          points,
          broken: []
        }
      })
      const title = { title: "Return of evaluations", subtitle: "IQM over n runs" }
      const svg = yield* Figure.svg("curves", Panels.curves(curves, title))
      for (const text of [
        "Return of evaluations",
        "IQM over n runs",
        "pendulum",
        "group11 (n = 0)",
        "0",
        "10k"
      ]) {
        assert.include(svg, `>${text}<`)
      }
      assert.notInclude(svg, ">0k<")
      // Line 9 has the colour of line 1, and dashes.
      assert.include(svg, 'stroke-dasharray="7,3"')
    }).pipe(Effect.runPromise))
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
