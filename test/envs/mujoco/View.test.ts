import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Physics from "@ornstein/envs/internal/mujoco/Physics"
import * as View from "@ornstein/envs/internal/mujoco/View"
import { HalfCheetah as Model } from "@ornstein/envs/internal/mujoco/models/index"
import * as Registry from "@ornstein/envs/Registry"
import * as Caster from "@ornstein/lab/internal/picture/Caster"
import * as Effect from "effect/Effect"

const worlds = Registry.entries
  .map(({ environment }) => environment)
  .filter(({ spec }) => spec.libraries?.["mujoco"] !== undefined)

const seen = (instance: Environment.Instance): Scene.Spatial => {
  const picture = instance.render?.()
  if (picture?._tag !== "Spatial") throw new Error("no scene in space")
  return picture
}

/** Walks on with random actions, into the next episode where one ends, and looks or does not. */
const walk = (
  instance: Environment.Instance,
  spec: Environment.Spec,
  steps: number,
  looks: boolean
): string => {
  const action = Space.allocate(spec.action)
  const told: Array<string> = []
  for (let i = 0; i < steps; i++) {
    Space.sample(spec.action, Key.fold(Key.make(1), i), action)
    if (instance.terminated || instance.truncated) instance.reset(Key.fold(Key.make(2), i))
    instance.step(action)
    if (looks) seen(instance)
    told.push(Snapshot.stringify(instance.snapshot()))
  }
  return told.join("\n")
}

it("there are eleven such worlds", () => {
  assert.lengthOf(worlds, 11)
})

it.effect("the cheetah looks as it does, to the bit", () =>
  Effect.gen(function* () {
    const instance = yield* HalfCheetah.make().make
    instance.reset(Key.make(0))
    const { pixels } = Caster.draw(seen(instance), 80)
    assert.strictEqual(createHash("sha256").update(pixels).digest("hex").slice(0, 16), "5841b9a1d391f9fc")
  }).pipe(Effect.scoped)
)

describe.each(worlds.map((world) => [world.spec.id, world] as const))("%s", (_, { make, spec }) => {
  it.effect("is the same to the bit whether somebody looks or not", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* make, yield* make]
      for (const instance of [one, two]) instance.reset(Key.make(0))
      assert.strictEqual(walk(one, spec, 60, true), walk(two, spec, 60, false))
    }).pipe(Effect.scoped)
  )

  it.effect("looks the same after it has been restored elsewhere", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* make, yield* make]
      one.reset(Key.make(0))
      walk(one, spec, 20, false)
      two.restore(Snapshot.parse(Snapshot.stringify(one.snapshot())))
      assert.isTrue(Scene.isDrawable(seen(one)))
      assert.deepStrictEqual(seen(two), seen(one))
    }).pipe(Effect.scoped)
  )

  it.effect("has its agent in the picture, at the start and after a thousand steps", () =>
    Effect.gen(function* () {
      const instance = yield* make
      instance.reset(Key.make(0))
      const area = (): number => {
        const scene = seen(instance)
        const bare = Caster.draw(
          { ...scene, solids: scene.solids.filter(({ _tag }) => _tag === "Plane") },
          120
        )
        const full = Caster.draw(scene, 120)
        let n = 0
        for (let i = 0; i < full.pixels.length; i += 3) {
          const off = [0, 1, 2].map((c) => Math.abs(full.pixels[i + c]! - bare.pixels[i + c]!))
          if (Math.max(off[0]!, off[1]!, off[2]!) > 20) n += 1
        }
        return n / (full.width * full.height)
      }
      const share = area()
      assert.isAbove(share, 0.012)
      assert.isBelow(share, 0.4)
      walk(instance, spec, 1000, false)
      assert.isAbove(area(), 0.012)
    }).pipe(Effect.scoped)
  )
})

it.effect("frees what it draws with", () =>
  Effect.gen(function* () {
    /** Bytes of MuJoCo's memory after a look at a cheetah of its own. */
    const lookAt = Effect.scoped(
      Effect.gen(function* () {
        const physics = yield* Physics.make(Model.mjcf)
        const look = yield* View.make(physics, { target: [0, 0, 0.6], distance: 4 })
        assert.lengthOf(look().solids, 9)
        return physics.now().qpos.buffer.byteLength
      })
    )
    const first = yield* lookAt
    // Fifty sets of data that stay would be 300 MB.
    for (let i = 0; i < 50; i++) assert.strictEqual(yield* lookAt, first)
  })
)
