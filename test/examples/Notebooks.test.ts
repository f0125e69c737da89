import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"

const root = new URL("../..", import.meta.url)
const directory = mkdtempSync(join(tmpdir(), "ornstein-notebooks-"))
afterAll(() => rmSync(directory, { recursive: true }))

/** What an example prints. */
const start = (notebook: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(
    process.execPath,
    ["--conditions=@ornstein/source", `examples/notebooks/${notebook}.ts`, ...args],
    {
      cwd: root,
      encoding: "utf8"
    }
  )

/** Runs an example for some steps; what it printed, and the directory of its runs. */
const run = (notebook: string, configuration: string, steps: number, runs = 1) => {
  const out = join(directory, `${notebook}-${configuration}`)
  const flags = { configuration, steps, runs, out }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const printed = start(notebook, ...args)
  return { out, printed }
}

const lines = (...path: ReadonlyArray<string>): ReadonlyArray<string> =>
  readFileSync(join(...path), "utf8")
    .trimEnd()
    .split("\n")

const magic = (...path: ReadonlyArray<string>): string =>
  readFileSync(join(...path))
    .subarray(0, 6)
    .toString("latin1")

describe("the notebooks, shortened", () => {
  it("000: an episode without noise every 20, printed and filmed", () => {
    const { out, printed } = run("000-pendulum", "original", 4000)
    assert.match(printed, /Episode 19# , Reward-\d+\.\d/)
    assert.strictEqual(magic(out, "run0", "episode-19.gif"), "GIF89a")
    assert.includeMembers(readdirSync(join(out, "run0", "report")), ["run.svg", "run.png", "run.csv"])
  })

  it("000 as written: an actor that is fitted to the value pushes one way for ever", () => {
    const out = join(directory, "000-as-written")
    const printed = start("000-as-written", "8000", out)
    assert.lengthOf(lines(out, "run0", "evaluations.csv"), 1 + 2)
    const [first, second] = [...printed.matchAll(/Reward(-\d+\.\d) /g)].map(([, reward]) => Number(reward))
    assert.isBelow(first ?? 0, -1000)
    assert.strictEqual(second, first)
  })

  it("001: runs, tests of the loaded policies, tables, the four panels, the film", () => {
    const { out, printed } = run("001-mountain-car", "tuned", 1100)
    assert.match(printed, /run 0: 100 test episodes, return -?\d/)
    const [header, first] = lines(out, "train_data.csv")
    assert.strictEqual(header, "x,y")
    assert.match(first ?? "", /^1,-?\d/)
    assert.lengthOf(lines(out, "test_data.csv"), 1 + 100)
    const svg = readFileSync(join(out, "run0", "report", "run.svg"), "utf8")
    for (const panel of ["Return", "Critic loss", "Actor loss", "Noise"]) assert.include(svg, panel)
    assert.strictEqual(magic(out, "mountain-car.gif"), "GIF89a")
  })

  it("001: hindsight, with the car told to be at the flag in its tests", () => {
    const out = join(directory, "001-hindsight")
    const printed = start("001-hindsight", "1500", "0", out)
    assert.match(printed, /step 1500: \d+ of 20 at the flag, return -?\d/)
    assert.match(lines(out, "run0", "evaluations.csv").join(" "), /^step,solved,mean,std 1500,/)
  })

  it("002: a random player loses; training until it is solved; the trained player", () => {
    const { out, printed } = run("002-cart-pole", "original", 25_000)
    const [random = "", ...trained] = printed.split("\n").filter((line) => line.includes("total reward"))
    assert.include(random, "Sorry, try again...")
    assert.match(printed, /Let's play: ([LR], )+Done!/)
    assert.match(printed, /Playing episode 10\.\.\. reward of \d+\.\d\d/)
    assert.match(printed, /Solved at episode \d+!/)
    assert.include(trained.join(), "YOU WIN!")
    assert.strictEqual(magic(out, "run0", "cart-pole.gif"), "GIF89a")
  })

  it("002: the mean of the last 40 episodes of the pendulum, and its plot", () => {
    const { out, printed } = run("002-pendulum", "tuned", 1200)
    assert.match(printed, /Episode \* 5 \* final_mark is ==> -\d/)
    assert.include(readFileSync(join(out, "run0", "rewards.svg"), "utf8"), "Averaged last 40")
  })

  it("003: a line for every episode, and the learning curve", () => {
    const { out, printed } = run("003-post", "tuned", 1200)
    assert.include(printed, "average_reward: none yet")
    assert.notMatch(printed, /NaN|undefined/)
    assert.match(printed, /episode: 1, reward: -\d+\.\d\d, average_reward: -\d/)
    assert.strictEqual(magic(out, "run0", "pendulum.gif"), "GIF89a")
  })

  it("004: the notebook's targets beside n-step returns, and the distance at the end", () => {
    const { out, printed } = run("004-point-reach", "tuned", 1000)
    assert.match(printed, /notebook's targets( -\d+\.\d){10}\n/)
    assert.match(printed, /Episode: 10, Reward: -\d/)
    const [, distance] = /distance at the end: (\d+\.\d+)/.exec(printed) ?? []
    assert.isBelow(Number(distance), 15)
    assert.strictEqual(magic(out, "run0", "point-reach.gif"), "GIF89a")
  })

  it.each(["target", "overwritten"])("004 as written: it ends in a corner (%s)", (kind) => {
    const out = join(directory, `004-${kind}`)
    const printed = start("004-as-written", kind, "1", "1000", out)
    assert.lengthOf(lines(out, "run0", "episodes.csv"), 1 + 10)
    assert.match(printed, /Episode: 10, Reward: -1\d\d\d\.\d, Critic loss: \d+\.\d, Value: -\d+\.\d\n/)
    assert.match(printed, /run 0: distance at the end: 15\.\d{3}; 0 of 20 episodes reached the goal/)
  })
})
