import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import * as Space from "@ornstein/core/Space"
import { play } from "@ornstein/lab/internal/commands/Play"
import * as Output from "@ornstein/lab/Output"
import * as Rollout from "@ornstein/lab/Rollout"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import { readGif, readPng } from "./Images.ts"
import * as Terminal from "./Terminal.ts"

/** Runs the command and collects what it prints. */
const run = Effect.fnUntraced(function* (args: ReadonlyArray<string>, isLive = false) {
  const lines: Array<string> = []
  const output = Terminal.memory(lines, isLive)
  yield* Command.runWith(play, { version: "0" })(args).pipe(Effect.provideService(Output.Output, output))
  return lines
})

it.effect("writes an animation of every step and a picture of the last", () =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.makeTempDirectoryScoped()
    const [gif, png] = [`${directory}/a.gif`, `${directory}/a.png`]
    const lines = yield* run([
      "Pendulum-v1",
      "--gif",
      gif,
      "--png",
      png,
      "--steps",
      "4",
      "--width",
      "100",
      "--seed",
      "3"
    ])
    assert.match(lines[0]!, /^Pendulum-v1, random policy, seed 3: return -[0-9.]+ in 4 steps, stopped$/u)
    const animation = readGif(yield* files.readFile(gif))
    assert.deepStrictEqual([animation.width, animation.height, animation.frames.length], [100, 100, 5])
    const picture = readPng(yield* files.readFile(png))
    assert.deepStrictEqual(picture.frames[0], animation.frames[4])
    assert.notDeepEqual(animation.frames[0], animation.frames[4])
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("writes film, picture and page of one and the same episode, of a world in space", () =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.makeTempDirectoryScoped()
    const [gif, png, html] = ["a.gif", "a.png", "a.html"].map((name) => `${directory}/${name}`)
    const args = ["--steps", "6", "--width", "60", "--gif", gif!, "--png", png!, "--html", html!]
    const lines = yield* run(["HalfCheetah-v5", ...args])
    const [, told] = /return (-?[0-9.]+) in 6 steps/u.exec(lines[0]!) ?? []
    assert.deepStrictEqual(lines.slice(1), [
      `wrote ${gif}: 0.30 s`,
      `wrote ${png}`,
      `wrote ${html}: open it in a browser`
    ])
    const [picture] = readPng(yield* files.readFile(png!)).frames
    const animation = readGif(yield* files.readFile(gif!))
    assert.deepStrictEqual([animation.width, animation.height, animation.frames.length], [60, 45, 7])
    // An animation has 256 colours for all of its frames.
    const off =
      animation.frames[6]!.reduce((sum, x, i) => sum + Math.abs(x - picture![i]!), 0) / picture!.length
    assert.isBelow(off, 2)
    const page = yield* files.readFileString(html!)
    assert.include(page, `"returns":[0,`)
    assert.include(page, '"title":"HalfCheetah-v5, random policy, seed 0"')
    const [, returns = ""] = /"returns":\[([^\]]*)\]/u.exec(page) ?? []
    assert.strictEqual(Number(returns.split(",")[6]).toFixed(1), told)
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("the same seed plays the same episode, another seed another", () =>
  Effect.gen(function* () {
    const episode = (seed: string) => run(["CartPole-v1", "--json", "--seed", seed])
    assert.deepStrictEqual(yield* episode("1"), yield* episode("1"))
    assert.notDeepEqual(yield* episode("1"), yield* episode("2"))
    const [json = ""] = yield* run(["ProbeConstant-v0", "--policy", "zero", "--json"])
    const expected = {
      environment: "ProbeConstant-v0",
      policy: "zero",
      seed: 0,
      return: 1,
      steps: 1,
      end: "terminated"
    }
    assert.deepStrictEqual(JSON.parse(json), expected)
  }).pipe(Effect.provide(NodeServices.layer))
)

it.live("a terminal shows half blocks, each frame over the last", () =>
  Effect.gen(function* () {
    const lines = yield* run(["PointReach-v0", "--steps", "2", "--fps", "500"], true)
    assert.lengthOf(lines, 4)
    assert.include(lines[0]!, "▀")
    assert.isTrue(lines[0]!.startsWith("\u001b[38;2;"))
    assert.isTrue(lines[1]!.startsWith(`\u001b[${lines[0]!.split("\n").length}A`))
    // A picture 4 by 3 in 22 lines of two pixels each.
    const [first = ""] = yield* run(["HalfCheetah-v5", "--steps", "1"], true)
    assert.deepStrictEqual([first.split("\n").length, first.split("\n")[0]!.match(/▀/gu)?.length], [22, 58])
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("refuses an unknown world, and a learned policy that nobody has learned", () =>
  Effect.gen(function* () {
    const unknown = yield* Effect.flip(run(["Pendulom-v1"]))
    assert.include(String(unknown), "Did you mean Pendulum-v1?")
    for (const flag of ["--steps", "--fps", "--width"]) {
      assert.isTrue(CliError.isCliError(yield* Effect.flip(run(["Pendulum-v1", flag, "0"]))))
    }
    const unlearned = yield* Effect.flip(run(["Pendulum-v1", "--policy", "learned"]))
    assert.include(String(unlearned), "no run in such a directory")
  }).pipe(Effect.provide(NodeServices.layer))
)

it("doing nothing is what is nearest to 0 in the space", () => {
  const action = new Float32Array(2)
  Rollout.zero(Space.box({ shape: [2], low: [1, -1], high: [2, 1] }))(action, action)
  assert.deepStrictEqual([...action], [1, 0])
})
