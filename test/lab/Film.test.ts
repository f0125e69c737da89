import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as CartPole from "@ornstein/envs/CartPole"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Probe from "@ornstein/envs/Probe"
import * as Registry from "@ornstein/envs/Registry"
import * as Wrapper from "@ornstein/envs/Wrapper"
import * as Film from "@ornstein/lab/Film"
import * as Drawing from "@ornstein/lab/internal/picture/Drawing"
import * as Font from "@ornstein/lab/internal/picture/Font"
import * as Rollout from "@ornstein/lab/Rollout"
import { Effect } from "effect"
import { readGif } from "./Images.ts"
import * as Terminal from "./Terminal.ts"

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => a + b, 0)

describe("the shots of a film", () => {
  it("are as long as the world's time, whatever its step and the pictures' rate", () => {
    for (const state of [5, 2, 100 / 30, 1, 0.8, 12.5, 0.1, 250]) {
      for (const picture of [2, 3, 4, 10, 50]) {
        for (const steps of [0, 1, 2, 3, 7, 199, 200, 1000]) {
          const shots = Film.shots(steps, { state, picture })
          const what = `${steps} steps of ${state} by ${picture}`
          const delays = shots.map(({ delay }) => delay)
          assert.strictEqual(
            sum(delays),
            Math.max(steps > 0 ? 2 * picture : picture, Math.round(steps * state)),
            what
          )
          assert.isTrue(
            delays.every((delay) => delay >= picture),
            what
          )
          assert.strictEqual(shots[0]?.state, 0, what)
          assert.strictEqual(shots.at(-1)?.state, steps, what)
          // Each state comes at its time, up to the last one, which comes a picture early.
          let at = 0
          for (const shot of shots.slice(0, -1)) {
            assert.strictEqual(at, Math.round(shot.state * state), what)
            at += shot.delay
          }
        }
      }
    }
  })

  it("leave out nothing that GIF can show", () => {
    assert.lengthOf(Film.shots(200, { state: 5, picture: 2 }), 201)
    assert.lengthOf(Film.shots(200, { state: 2, picture: 2 }), 200)
    // A world of 125 states a second: two of five fit, where pictures are at least two hundredths apart.
    const fast = Film.shots(1000, { state: 0.8, picture: 2 })
    assert.isAbove(fast.length, 330)
  })

  it("have rates that GIF has", () => {
    const rates = [100, 60, 50, 33, 30, 25, 24, 10, 1].map((fps) => Number(Film.rate(fps).toFixed(2)))
    assert.deepStrictEqual(rates, [50, 50, 50, 33.33, 33.33, 25, 25, 10, 1])
  })
})

describe("a film", () => {
  const record = (environment: Parameters<typeof Film.record>[0], options: Partial<Film.Options> = {}) =>
    Film.record(environment, Rollout.random(environment.spec.action, 0), {
      seed: 0,
      steps: 1000,
      width: 24,
      ...options
    })

  it.effect(
    "of 200 steps of the pendulum lasts 10 s, of the cart 0.02 s a step, repeated actions longer",
    () =>
      Effect.gen(function* () {
        for (const [environment, perStep] of [
          [Pendulum.make(), 5],
          [CartPole.make(), 2],
          [Wrapper.repeatActions(3)(Pendulum.make()), 15],
          // Its substeps are 0.01 s, whoever asks for how many.
          [HalfCheetah.make({ frameSkip: 2, timeLimit: 30 }), 2],
          [HalfCheetah.make({ frameSkip: 10, timeLimit: 30 }), 10]
        ] as const) {
          const { gif, seconds, summary } = yield* record(environment)
          const { delays } = readGif(gif)
          assert.strictEqual(sum(delays), perStep * summary.steps, environment.spec.id)
          assert.strictEqual(seconds, sum(delays) / 100)
        }
        const { gif } = yield* record(Pendulum.make(), { speed: 2.5, fps: 10 })
        assert.strictEqual(sum(readGif(gif).delays), 400)
        assert.isTrue(readGif(gif).delays.every((delay) => delay >= 10))
      })
  )

  it.effect("too large is refused at its first frame", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(record(Pendulum.make(), { width: 4096 }))
      assert.include(String(error), "201 frames of 4096 pixels across would be 3372 million pixels")
    })
  )
})

it.effect("no caption is cut, whatever the world's proportions", () =>
  Effect.gen(function* () {
    assert.isAbove(Registry.entries.length, 10)
    for (const { environment } of Registry.entries) {
      const instance = yield* environment.make
      instance.reset(Key.make(0))
      const text = "step 1000  return -123456.7"
      const picture = Rollout.picture(instance)
      // On pictures of scenes in space it has a sheet of its own: test/lab/Caster.test.ts.
      if (picture._tag === "Spatial") continue
      const scene = Scene.caption(picture, text)
      const caption = scene.shapes.find((shape) => shape._tag === "Text")
      if (caption?._tag !== "Text") throw new Error("no caption")
      const letter = (caption.height / Font.CAPITAL) * (Font.COLUMNS + 1)
      assert.isAtMost(caption.at[0] + letter * text.length, scene.right, environment.spec.id)
      assert.isAbove(caption.height, 0)
    }
    const probe = yield* Probe.make({ world: "constant" }).make
    probe.reset(Key.make(0))
    assert.isAtLeast(Drawing.aspect(Rollout.picture(probe)), 1 - 1e-9)
  }).pipe(Effect.scoped)
)

it.effect("a rate that GIF does not have is told, and sizes and counts have bounds", () =>
  Effect.gen(function* () {
    const directory = yield* Terminal.directory
    const gif = `${directory}/a.gif`
    const play = (...args: ReadonlyArray<string>) =>
      Terminal.ornstein("play", "Pendulum-v1", "--steps", "3", "--width", "20", "--gif", gif, ...args)
    for (const [fps, told] of [
      ["60", "50"],
      ["100", "50"],
      ["30", "33.3"]
    ] as const) {
      const { code, out } = yield* play("--fps", fps)
      assert.strictEqual(code, 0)
      assert.include(out.join("\n"), `at most ${told} frames in a second`)
    }
    for (const fps of ["50", "25", "10"])
      assert.notInclude((yield* play("--fps", fps)).out.join("\n"), "at most")
    const { err, out } = yield* play("--fps", "60", "--json")
    assert.strictEqual(JSON.parse(out.join("\n")).seconds, 0.15)
    assert.include(err.join("\n"), "at most 50 frames")
    for (const [flag, value] of [
      ["--width", "100000"],
      ["--width", "0"],
      ["--steps", "1000001"],
      ["--fps", "1001"],
      ["--speed", "0"],
      ["--speed", "1000"]
    ] as const) {
      assert.strictEqual((yield* Terminal.ornstein("play", "Pendulum-v1", flag, value)).code, 2, flag)
    }
    const large = yield* Terminal.ornstein("play", "Pendulum-v1", "--gif", gif, "--width", "4096")
    assert.strictEqual(large.code, 2)
    assert.include(large.err.join("\n"), "smaller --width")
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
)
