/** Every way in which worlds in Python fail, and every way in which we end while they work. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import * as Experiment from "@ornstein/lab/Experiment"
import { Cause, Effect, Exit, Result } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { faultOf, inputOf, markOf, using, zero } from "./Awkward.ts"
import * as Pythons from "./Pythons.ts"

describe.skipIf(Pythons.plain === undefined)(
  "faults of worlds of a stand-in for Gymnasium (needs python3 on Linux)",
  () => {
    it.effect("tell what they raised: Python's type, words and place", () =>
      Effect.gen(function* () {
        const { message, reason, step } = yield* faultOf("raise")
        assert.deepStrictEqual([reason, step], ["world", 0])
        assert.match(message, /ValueError: the wheel is off, at .*awkward\.py:\d+ in harm: raise ValueError/)
        const start = yield* faultOf("raise in reset")
        assert.match(start.message, /ValueError: no start today, at .*awkward\.py:\d+ in reset/)
        const ended = yield* faultOf("sys.exit")
        assert.match(ended.message, /SystemExit: 4/)
        const shape = yield* faultOf("shape")
        assert.match(shape.message, /an observation of shape \(3,\) where the space says \(2,\)/)
        const infinite = yield* faultOf("infinite")
        assert.match(infinite.message, /step 1 of its episode: element 0 of the observation is Infinity/)
      })
    )

    it.effect.each([
      ["exit", "died", /ended by exit 3; it printed last: a last word/],
      ["segfault", "died", /ended by SIGSEGV.*harm/],
      ["kill", "died", /ended by SIGKILL/],
      ["close all", "died", /ended by/],
      ["garbage", "garbage", /[0-9a-f]{32} came where a reply begins/]
    ] as const)("%s: %s", ([how, reason, words]) =>
      Effect.gen(function* () {
        const error = yield* faultOf(how)
        assert.strictEqual(error.reason, reason)
        assert.match(error.message, words)
      })
    )

    it.effect.each([
      ["sleep", /no reply for 0\.5 s.*harm/],
      ["lock", /no reply for 0\.5 s.*harm/],
      ["stop", /no reply for 0\.5 s/],
      ["children, asleep", /no reply for 0\.5 s/]
    ] as const)("%s: hung", ([how, words]) =>
      Effect.gen(function* () {
        const error = yield* faultOf(how, { deadline: 0.5 })
        assert.strictEqual(error.reason, "hung")
        assert.match(error.message, words)
      })
    )

    it.effect("that are not begun in time are hung, too", () =>
      Effect.gen(function* () {
        const error = yield* faultOf("slow start", { startDeadline: 0.5 })
        assert.strictEqual(error.reason, "hung")
      })
    )

    it.effect("leave nothing of what they have started", () =>
      Effect.asVoid(
        using("children", (world) => {
          world.reset(Key.make(0))
          world.step(zero)
        })
      )
    )

    it.effect("cannot be made: which, and what to do", () =>
      Effect.gen(function* () {
        for (const [input, reason, words] of [
          [{ ...inputOf(""), id: "awkward:Nowhere-v0" }, "unknown", /`Nowhere-v0` doesn't exist.*"imports"/],
          [
            { ...inputOf(""), id: "nobody:Nowhere-v0" },
            "package",
            /No module named 'nobody'. Install it: .* nobody/
          ],
          [{ ...inputOf(""), imports: ["nobody"] }, "package", /nobody/],
          [{ ...inputOf(""), variables: { PYTHONPATH: Pythons.worlds } }, "package", /gymnasium|numpy/],
          [
            { ...inputOf(""), python: "/nowhere/python" },
            "python",
            /no Python 3 runs as "\/nowhere\/python" \(ENOENT\)/
          ],
          [{ ...inputOf(""), python: "true" }, "python", /no Python 3 runs as "true"/],
          [{ ...inputOf(""), kwargs: { what: 1 } }, "world", /TypeError.*unexpected keyword/],
          [inputOf("unknown space"), "space", /observation space MultiDiscrete at 'hand'/],
          [inputOf("mixed action"), "space", /Discrete "go", Box "arm" together/]
        ] as const) {
          const world = Gymnasium.make(input)
          const made = yield* Effect.flip(Effect.scoped(world.make))
          assert.instanceOf(made, Environment.EnvironmentError)
          assert.strictEqual(made.reason, reason)
          assert.match(made.message, words)
          assert.throws(() => world.spec, words)
          const { algorithm, environment } = {
            algorithm: { base: "ddpg" },
            environment: { kind: "gymnasium", ...input }
          }
          const decoded = Experiment.decode({ algorithm, environment })
          assert.match(String(Result.isFailure(decoded) && decoded.failure.message), words)
        }
      })
    )

    it.effect("refuse actions that are none, on our side", () =>
      using("exit", (world) => {
        world.reset(Key.make(0))
        assert.throws(() => world.step(Float32Array.of(0, 1)), /has 2 numbers/)
        assert.throws(() => world.step(Float32Array.of(Number.NaN)), /not a number/)
        assert.throws(() => world.step(Float32Array.of(2)), /outside the space/)
      })
    )

    // ends

    const victim = join(import.meta.dirname, "Victim.ts")

    it.each([
      ["SIGKILL", "children, asleep", false],
      ["SIGKILL", "", false],
      ["SIGINT", "children, asleep", true]
    ] as const)(
      "nothing is left of them after %s of ours in the middle of a step (%s)",
      async (signal, how, isGroup) => {
        const mark = markOf()
        const child = spawn(
          process.execPath,
          ["--conditions=@ornstein/source", victim, JSON.stringify(inputOf(how, {}, mark))],
          {
            detached: true,
            stdio: ["ignore", "pipe", "ignore"]
          }
        )
        await new Promise((ready) => child.stdout.once("data", ready))
        await new Promise((later) => setTimeout(later, 300))
        assert.isAtLeast(Pythons.alive(mark).length, how === "" ? 2 : 6)
        const ended = new Promise((end) => child.once("exit", end))
        process.kill(isGroup ? -child.pid! : child.pid!, signal)
        await ended
        assert.deepStrictEqual(Pythons.left(mark), [])
      }
    )

    it("nothing is left where the program ends without closing anything", () => {
      const mark = markOf()
      const { status } = spawnSync(
        process.execPath,
        ["--conditions=@ornstein/source", victim, JSON.stringify(inputOf("", {}, mark)), "leave"],
        { encoding: "utf8" }
      )
      assert.strictEqual(status, 0)
      assert.deepStrictEqual(Pythons.left(mark), [])
    })

    it.effect("are closed when their scope fails", () =>
      Effect.gen(function* () {
        const mark = markOf()
        const exit = yield* Effect.exit(
          Effect.scoped(Effect.andThen(Gymnasium.make(inputOf("", {}, mark)).make, Effect.die("elsewhere")))
        )
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        assert.deepStrictEqual(Pythons.left(mark), [])
      })
    )
  }
)
