/** The ground that all worlds on MuJoCo stand on. */
import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Library from "@ornstein/envs/internal/mujoco/Library"
import * as Physics from "@ornstein/envs/internal/mujoco/Physics"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const stateOf = (snapshot: Snapshot.Snapshot): Float64Array => {
  const state = Snapshot.get(snapshot, "state")
  assert.instanceOf(state, Float64Array)
  return state
}

it.effect("an unstable step is an error, not a teleport to the start", () =>
  Effect.gen(function* () {
    const world = yield* HalfCheetah.make().make
    world.reset(Key.make(1))
    for (let i = 0; i < 3; i++) world.step(new Float32Array(6))
    const snapshot = world.snapshot()
    // Time, 9 positions, then velocities.
    stateOf(snapshot)[10] = 1e9
    world.restore(snapshot)
    const error = yield* Effect.flip(Environment.attempt(() => world.step(new Float32Array(6))))
    assert.strictEqual(
      error.message,
      "HalfCheetah-v5, step 3 of its episode: the physics is unstable: acceleration 3 is no number or beyond 1e10. " +
        "Lower the actions or the frame skip, or start elsewhere; MuJoCo itself would go on from the first position"
    )
    yield* Effect.flip(Environment.attempt(() => world.step(new Float32Array(6))))
    world.reset(Key.make(1))
    world.step(new Float32Array(6))
  })
)

it.effect("memory that grows under one world leaves the others where they were", () =>
  Effect.gen(function* () {
    const walk = (world: Environment.Instance, from: number, to: number) => {
      for (let i = from; i < to; i++)
        world.step(Float32Array.from({ length: 6 }, (_, k) => ((i + k) % 3) - 1))
      return Snapshot.stringify(world.snapshot())
    }
    const [alone, crowded] = [yield* HalfCheetah.make().make, yield* HalfCheetah.make().make]
    alone.reset(Key.make(2))
    crowded.reset(Key.make(2))
    walk(crowded, 0, 20)
    const { now } = yield* Physics.make(
      "<mujoco><worldbody><body><freejoint/><geom size='1'/></body></worldbody></mujoco>"
    )
    const { qpos } = now()
    for (let i = 0; qpos.length > 0; i++) {
      assert.isBelow(i, 500, "memory does not grow")
      yield* Physics.make("<mujoco/>")
    }
    assert.deepStrictEqual([...now().qpos], [0, 0, 0, 1, 0, 0, 0])
    assert.strictEqual(walk(crowded, 20, 60), walk(alone, 0, 60))
  })
)

it.effect("a model that does not compile says why", () =>
  Effect.gen(function* () {
    const absence = yield* Effect.flip(Physics.make("<mujoco><worldbody><geom/></worldbody></mujoco>"))
    assert.match(absence.what, /^the model does not compile: /u)
  })
)

it.effect("another release is refused", () =>
  Effect.gen(function* () {
    const absence = yield* Effect.flip(Library.accept({ mj_versionString: () => "3.15.0" }))
    assert.strictEqual(
      absence.what,
      "@mujoco/mujoco is 3.15.0, and other releases compute other bits than 3.14.0"
    )
    assert.include(absence.fix, "npm install @mujoco/mujoco@3.14.0")
    yield* Library.accept({ mj_versionString: () => "3.14.0" })
  })
)

it.live("without the package, whoever asks for a world is told what to install", () =>
  Effect.gen(function* () {
    const absent = new URL("Absent.ts", import.meta.url)
    const launcher = fileURLToPath(new URL("../../../packages/lab/bin/ornstein.js", import.meta.url))
    const node = ["--conditions=@ornstein/source", `--import=${absent.href}`, launcher]
    const child = spawn(process.execPath, [...node, "play", "HalfCheetah-v5", "--json"])
    const said = yield* Effect.promise(() => text(child.stderr))
    assert.match(
      said,
      /the package @mujoco\/mujoco is not installed\..*`npm install @mujoco\/mujoco@3\.14\.0`/u
    )
    assert.notInclude(said, "    at ")
  })
)
