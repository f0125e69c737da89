/** The bridge to worlds in Python, with a stand-in for Gymnasium in the standard library. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, Result } from "effect"
import { faultOf, inputOf, markOf, using, zero } from "./Awkward.ts"
import * as Pythons from "./Pythons.ts"

describe.skipIf(Pythons.plain === undefined)(
  "worlds of a stand-in for Gymnasium (needs python3 on Linux)",
  () => {
    it("say what they are without one being made", () => {
      const { action, id, observation, timeLimit, timeStep } = Gymnasium.make(inputOf("")).spec
      assert.strictEqual(id, "awkward:Awkward-v0")
      assert.deepStrictEqual(observation, Space.box({ shape: [2], low: -1e9, high: 1e9 }))
      assert.deepStrictEqual(action, Space.box({ shape: [1], low: -1, high: 1 }))
      assert.deepStrictEqual([timeLimit, timeStep], [undefined, 0.05])
      assert.strictEqual(Gymnasium.make(inputOf("", { id: "awkward:Limited-v0" })).spec.timeLimit, 2)
      assert.strictEqual(Gymnasium.make(inputOf("", { timeLimit: 7 })).spec.timeLimit, 7)
    })

    it.effect.each(["episodes", "replayed"] as const)("keep the contract with snapshots of %s", (snapshots) =>
      Environment.check(Gymnasium.make(inputOf("", { snapshots })), { steps: 60 })
    )

    it.effect(
      "give 9 rows and 3 equal returns in 3 episodes of 3 steps, each with its own last observation",
      () =>
        using("", (world) => {
          const rows: Array<number> = []
          for (let episode = 0; episode < 3; episode++) {
            world.reset(Key.make(episode))
            assert.strictEqual(world.observation[1], 0)
            let sum = 0
            while (!world.terminated && !world.truncated) {
              world.step(zero)
              sum += world.reward
              rows.push(world.observation[1]!)
            }
            assert.strictEqual(sum, 3)
          }
          assert.deepStrictEqual(rows, [1, 2, 3, 1, 2, 3, 1, 2, 3])
        })
    )

    it.effect("are truncated by the limit, and terminated by themselves", () =>
      Effect.gen(function* () {
        const endOf = (more: Partial<Gymnasium.Input>) =>
          using(
            "",
            (world) => {
              world.reset(Key.make(0))
              while (!world.terminated && !world.truncated) world.step(zero)
              return [world.steps, world.terminated, world.truncated]
            },
            more
          )
        assert.deepStrictEqual(yield* endOf({ timeLimit: 2 }), [2, false, true])
        assert.deepStrictEqual(yield* endOf({ timeLimit: 9 }), [3, true, false])
        assert.deepStrictEqual(yield* endOf({ timeLimit: 3 }), [3, true, true])
      })
    )

    it.effect("print as much as they like, by whatever way", () =>
      Effect.gen(function* () {
        for (const how of ["print", "flood"]) {
          const steps = yield* using(how, (world) => {
            world.reset(Key.make(0))
            world.step(zero)
            world.step(zero)
            return world.steps
          })
          assert.strictEqual(steps, 2)
        }
      })
    )

    it.effect("have flat observations and actions, whose leaves keep their names", () =>
      Effect.gen(function* () {
        const input = inputOf("spaces")
        const { action, observation } = Gymnasium.layoutOf(input)
        assert.deepStrictEqual(
          observation.map(({ dtype, kind, name, shape }) => [name, kind, dtype, shape.join()]),
          [
            ["image", "Box", "uint8", "2,3"],
            ["nest.0", "Discrete", "int64", ""],
            ["nest.1", "Box", "float64", ""]
          ]
        )
        assert.deepStrictEqual(
          action.map(({ name }) => name),
          ["arm", "leg"]
        )
        const { spec } = Gymnasium.make(input)
        assert.strictEqual(Space.format(spec.action), "Box([3], float64, [-1, -1, 0] to [1, 1, 2])")
        assert.deepStrictEqual([spec.observation.low.at(-2), spec.observation.high.at(-2)], [-2, 2])
        yield* using("spaces", (world) => {
          world.reset(Key.make(1))
          assert.deepStrictEqual(Array.from(world.observation), [0, 0, 0, 200, 200, 200, -2, 0])
          world.step(Float64Array.of(0.5, -0.25, 2))
          assert.deepStrictEqual(Array.from(world.observation), [1, 1, 1, 200, 200, 200, -1, 2.25])
        })
      })
    )

    it.effect("choose from a list that begins somewhere", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(Gymnasium.make(inputOf("discrete")).spec.action, Space.discrete(3))
        yield* using("discrete", (world) => {
          world.reset(Key.make(1))
          world.step(Float32Array.of(2))
          assert.deepStrictEqual(Array.from(world.observation), [7, 1])
          assert.throws(() => world.step(Float32Array.of(3)), /outside the space/)
        })
      })
    )

    it.effect("show what they draw, the first row on top", () =>
      using("", (world) => {
        assert.throws(() => world.render?.(), /nothing to draw/)
        world.reset(Key.make(1))
        world.step(zero)
        const scene = world.render?.()
        assert.deepStrictEqual(
          scene,
          Scene.pixels(
            5,
            4,
            Uint8Array.from({ length: 60 }, (_, i) => [10, 0, 255][i % 3]!)
          )
        )
      })
    )

    it.effect("stand in wrappers of Python's", () =>
      using(
        "",
        (world) => {
          world.reset(Key.make(1))
          world.step(zero)
          assert.strictEqual(world.reward, 12)
        },
        {
          wrappers: [{ name: "Twice" }, { name: "gymnasium.wrappers.Twice", kwargs: { times: 6 } }]
        }
      )
    )

    it.effect("begin each episode of each lane elsewhere, however many share a process", () =>
      Effect.gen(function* () {
        const startsOf = (copiesPerProcess: number) =>
          Effect.scoped(
            Effect.gen(function* () {
              const world = Gymnasium.make(inputOf("", { copiesPerProcess }))
              const lanes = yield* Effect.all(Array.from({ length: 8 }, () => world.make))
              return lanes.flatMap((lane, i) =>
                [0, 1, 2].map((episode) => {
                  lane.reset(Key.fold(Key.fold(Key.make(3), i), episode))
                  return lane.observation[0]!
                })
              )
            })
          )
        const starts = yield* startsOf(8)
        assert.strictEqual(new Set(starts).size, 24)
        assert.deepStrictEqual(yield* startsOf(3), starts)
      })
    )

    it.effect("step together in one process and in two", () =>
      Effect.gen(function* () {
        for (const copiesPerProcess of [4, 2, 1]) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const mark = markOf()
              const world = Gymnasium.make(inputOf("", { copiesPerProcess }, mark))
              const lanes = yield* Effect.all(Array.from({ length: 4 }, () => world.make))
              // A supervisor and a world each.
              assert.lengthOf(Pythons.alive(mark), (2 * 4) / copiesPerProcess)
              for (const [i, lane] of lanes.entries()) lane.reset(Key.make(i))
              const starts = lanes.map(({ observation }) => observation[0])
              for (const lane of lanes) lane.beside?.send(zero)
              // In another order than they were sent in.
              for (const lane of lanes.toReversed()) lane.beside?.collect()
              assert.deepStrictEqual(
                lanes.map(({ observation, steps }) => [observation[0], observation[1], steps]),
                starts.map((start) => [start, 1, 1])
              )
              lanes[2]!.step(zero)
              assert.deepStrictEqual(
                lanes.map(({ observation }) => observation[1]),
                [1, 1, 2, 1]
              )
            })
          )
        }
      })
    )

    it.effect("go on after one of them has raised something", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const world = Gymnasium.make(inputOf("raise"))
          const [a, b] = yield* Effect.all([world.make, world.make])
          a.reset(Key.make(0))
          b.reset(Key.make(1))
          a.beside?.send(zero)
          b.beside?.send(zero)
          assert.throws(() => b.beside?.collect(), /ValueError: the wheel is off/)
          assert.throws(() => a.beside?.collect(), /ValueError/)
          b.reset(Key.make(1))
          assert.deepStrictEqual([b.observation[1], b.steps], [0, 0])
        })
      )
    )

    // faults, of which there are more in Faults.test.ts

    it.effect.each([
      ["raise", "world", /ValueError: the wheel is off, at .*awkward\.py:\d+ in harm: raise ValueError/],
      ["exit", "died", /ended by exit 3; it printed last: a last word/],
      ["sleep", "hung", /no reply for 0\.5 s; it stands at .*harm/],
      ["garbage", "garbage", /[0-9a-f]{32} came where a reply begins/]
    ] as const)("%s: %s", ([how, reason, words]) =>
      Effect.gen(function* () {
        const error = yield* faultOf(how, { deadline: 0.5 })
        assert.strictEqual(error.reason, reason)
        assert.match(error.message, words)
      })
    )

    // snapshots

    it.effect("cut an episode off where its snapshot is taken within, and say so", () =>
      Effect.gen(function* () {
        const world = Gymnasium.make(inputOf(""))
        assert.strictEqual(world.spec.snapshots, "episodes")
        assert.isUndefined(Gymnasium.make(inputOf("", { snapshots: "replayed" })).spec.snapshots)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const [a, b] = yield* Effect.all([world.make, world.make])
            a.reset(Key.make(5))
            b.restore(Snapshot.parse(Snapshot.stringify(a.snapshot())))
            assert.deepStrictEqual(Array.from(b.observation), Array.from(a.observation))
            b.step(zero)
            assert.strictEqual(b.steps, 1)
            a.step(zero)
            b.restore(a.snapshot())
            assert.deepStrictEqual([b.steps, b.terminated, b.truncated], [1, false, true])
            assert.throws(() => b.step(zero), /after the end/)
          })
        )
      })
    )

    it("need snapshots between the ends of episodes where there are several lanes", () => {
      const mistakesOf = (snapshots: "episodes" | "replayed") =>
        Result.match(
          Experiment.decode({
            environment: { kind: "gymnasium", ...inputOf("", { snapshots }) },
            training: { lanes: 2, updatesPerRound: 2 }
          }),
          { onFailure: ({ mistakes }) => mistakes.map(({ path }) => path), onSuccess: () => [] }
        )
      assert.deepStrictEqual(mistakesOf("episodes"), ["environment.snapshots"])
      assert.deepStrictEqual(mistakesOf("replayed"), [])
    })

    it.effect("that are no function of their seed are not gone on with", () =>
      using(
        "forgetful",
        (world) => {
          world.reset(Key.make(5))
          const saved = world.snapshot()
          assert.throws(() => world.restore(saved), /another observation.*begin a new run/)
        },
        { snapshots: "replayed" }
      )
    )
  }
)
