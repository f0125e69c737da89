import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as GuardedWorld from "@ornstein/lab/internal/guards/GuardedWorld"
import * as Effect from "effect/Effect"

const ball: Scene.Solid = {
  _tag: "Sphere",
  size: [1, 1, 1],
  position: [0, 0, 0],
  rotation: Scene.upright,
  fill: [200, 0, 0]
}

const good = Scene.spatial(
  [Scene.floor(), ball],
  Scene.orbit([0, 0, 0], { distance: 4, azimuth: 90, elevation: 10 })
)

/** What a world of somebody else's shows, looked at through its guard. */
const shown = (picture: unknown) =>
  Effect.gen(function* () {
    const point = Environment.define({
      id: "Point-v0",
      description: "stands still",
      observation: Space.box({ shape: [1], low: -1, high: 1 }),
      action: Space.box({ shape: [1], low: -1, high: 1 }),
      reset: () => 0,
      step: (state: number) => ({ state, reward: 0, terminated: false }),
      observe: (_, out) => {
        out[0] = 0
      },
      render: () => JSON.parse(JSON.stringify(picture))
    })
    const who = { part: 'world "point"', module: "point.ts", files: [] }
    const instance = yield* GuardedWorld.world(who, point).make
    instance.reset(Key.make(0))
    return yield* Environment.attempt(() => instance.render?.())
  }).pipe(Effect.scoped)

it.effect("a picture in space passes as it is", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* shown(good), good)
  })
)

it.effect.each([
  ["a camera without a target", { ...good, camera: { ...good.camera, target: undefined } }, "a camera"],
  [
    "a camera that looks at itself",
    { ...good, camera: { ...good.camera, target: good.camera.eye } },
    "a camera"
  ],
  ["too wide a lens", { ...good, camera: { ...good.camera, fieldOfView: 180 } }, "a camera"],
  ["no aspect", { ...good, aspect: 0 }, "aspect"],
  ["no sky", { ...good, sky: { horizon: [1, 2, 3] } }, "a sky"],
  ["no solids", { ...good, solids: undefined }, "a list of solids"],
  ["an unknown solid", { ...good, solids: [ball, { ...ball, _tag: "Torus" }] }, "number 1 is none"],
  ["a size below 0", { ...good, solids: [{ ...ball, size: [1, -1, 1] }] }, "number 0 is none"],
  ["a solid that is nowhere", { ...good, solids: [{ ...ball, position: [0, 0, null] }] }, "number 0 is none"],
  [
    "a rotation of four numbers",
    { ...good, solids: [{ ...ball, rotation: [1, 0, 0, 0] }] },
    "number 0 is none"
  ],
  [
    "squares without sides",
    { ...good, solids: [{ ...ball, checker: { fill: [0, 0, 0], side: 0 } }] },
    "0 is none"
  ]
] as const)("refused is %s", ([, picture, told]) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(shown(picture))
    assert.strictEqual(error._tag, "PartError")
    assert.include(error.message, told)
    assert.include(error.message, "render")
  })
)
