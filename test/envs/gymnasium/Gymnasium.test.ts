/** The bridge with a real Gymnasium: the bits of a loop in Python, spaces, pictures, training. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as Pythons from "./Pythons.ts"

const python = Pythons.real ?? "python3"

/** Warnings of packages are not ours. */
const variables = { PYTHONWARNINGS: "ignore" }

const STEPS = 400

/** The key of an episode, and the seed that Python is given for it. */
const keyOf = (episode: number): Key.Key => Key.fold(Key.make(7), episode)
const seedOf = (episode: number): number => Key.integer(Key.fold(keyOf(episode), "gymnasium"), 2 ** 31)

/** What a loop in Python sees, as a hash. */
const alone = (id: string, imports: ReadonlyArray<string>): unknown => {
  const seeds = Array.from({ length: STEPS + 1 }, (_, episode) => seedOf(episode))
  const asked = JSON.stringify({ id, imports, kwargs: {}, steps: STEPS, draw: 7, seeds })
  const { status, stderr, stdout } = spawnSync(python, ["-W", "ignore", Pythons.loop, asked], {
    encoding: "utf8"
  })
  assert.strictEqual(status, 0, stderr)
  return JSON.parse(stdout)
}

/** The same through the bridge. */
const through = (id: string, imports: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { make, spec } = Gymnasium.make({ id, python, imports, variables })
      const world = yield* make
      return yield* Environment.attempt(() => {
        const digest = createHash("sha256")
        let [state, episode] = [7, 0]
        const draw = (): number => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0
          return state / 2 ** 32
        }
        const action = Space.allocate(spec.action)
        const see = (): void => {
          digest.update(Float64Array.from(world.observation))
        }
        world.reset(keyOf(episode))
        see()
        for (let i = 0; i < STEPS; i++) {
          for (let j = 0; j < action.length; j++) {
            action[j] = spec.action._tag === "Box" ? 2 * draw() - 1 : Math.floor(draw() * spec.action.n)
          }
          world.step(action)
          see()
          const tail = Buffer.alloc(10)
          tail.writeDoubleLE(world.reward, 0)
          tail[8] = Number(world.terminated)
          tail[9] = Number(world.truncated)
          digest.update(tail)
          if (world.terminated || world.truncated) {
            episode += 1
            world.reset(keyOf(episode))
            see()
          }
        }
        return digest.digest("hex")
      })
    })
  )

describe.skipIf(Pythons.real === undefined)(
  "worlds of Gymnasium (needs ORNSTEIN_PYTHON, with gymnasium and mujoco)",
  () => {
    it.effect.each(["HalfCheetah-v5", "Hopper-v5", "Ant-v5", "Pendulum-v1", "CartPole-v1"])(
      "%s has the bits of a loop in Python: observations, rewards, ends",
      (id) =>
        Effect.gen(function* () {
          assert.strictEqual(yield* through(id, []), alone(id, []))
        })
    )

    it.effect.each(["episodes", "replayed"] as const)("keep the contract with snapshots of %s", (snapshots) =>
      Environment.check(Gymnasium.make({ id: "HalfCheetah-v5", python, snapshots, variables }), { steps: 60 })
    )

    it("say their spaces, limit, pace and threshold", () => {
      const { spec } = Gymnasium.make({ id: "HalfCheetah-v5", python, variables })
      assert.strictEqual(Space.format(spec.observation), "Box([17], float64, -Infinity to Infinity)")
      assert.strictEqual(Space.format(spec.action), "Box([6], float32, -1 to 1)")
      assert.deepStrictEqual([spec.timeLimit, spec.timeStep, spec.rewardThreshold], [1000, 0.05, 4800])
      assert.match(spec.source ?? "", /^Gymnasium \d/)
      const wrapped = Gymnasium.make({
        id: "Pendulum-v1",
        python,
        kwargs: { g: 9.81 },
        wrappers: [{ name: "RescaleAction", kwargs: { min_action: -0.5, max_action: 0.5 } }],
        variables
      })
      assert.strictEqual(Space.format(wrapped.spec.action), "Box([1], float32, -0.5 to 0.5)")
    })

    it.effect("name a mistake as Gymnasium does", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Effect.scoped(Gymnasium.make({ id: "HalfCheeta-v5", python, variables }).make)
        )
        assert.match(error.message, /doesn't exist. Did you mean: `HalfCheetah`/)
      })
    )

    it.effect.skipIf(Pythons.control === undefined)("of dm_control have its bits, and end by time only", () =>
      Effect.gen(function* () {
        const id = "dm_control/cheetah-run-v0"
        assert.strictEqual(yield* through(id, ["shimmy"]), alone(id, ["shimmy"]))
        const { observation } = Gymnasium.layoutOf({ id, python, imports: ["shimmy"], variables })
        assert.deepStrictEqual(
          observation.map(({ name, shape }) => [name, shape.join()]),
          [
            ["position", "8"],
            ["velocity", "9"]
          ]
        )
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { make, spec } = Gymnasium.make({ id: "dm_control/cartpole-balance-v0", python, variables })
            const world = yield* make
            const action = Space.allocate(spec.action)
            world.reset(Key.make(1))
            while (!world.terminated && !world.truncated) world.step(action)
            assert.deepStrictEqual([world.steps, world.terminated, world.truncated], [1000, false, true])
          })
        )
      })
    )

    it.effect("draw themselves, where there is a display or EGL", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const world = yield* Gymnasium.make({ id: "HalfCheetah-v5", python, variables }).make
          world.reset(Key.make(1))
          const scene = yield* Effect.option(Environment.attempt(() => world.render?.()))
          if (scene._tag === "None" || scene.value === undefined) return
          assert.isTrue(Scene.isDrawable(scene.value))
          assert.isTrue(
            scene.value._tag !== "Spatial" && scene.value.right === 480 && scene.value.top === 480
          )
        })
      )
    )
  }
)
