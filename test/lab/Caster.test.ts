import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Scene from "@ornstein/core/Scene"
import * as Caster from "@ornstein/lab/internal/picture/Caster"
import * as Drawing from "@ornstein/lab/internal/picture/Drawing"
import * as Solids from "@ornstein/lab/internal/picture/Solids"
import type * as Raster from "@ornstein/lab/internal/picture/Raster"

const red: Scene.Colour = [220, 30, 30]

/** A fifth of a turn around x and an eighth around z, with numbers that a hand can check: columns are of length 1. */
const turned: Scene.Rotation = [0.6, -0.64, 0.48, 0.8, 0.48, -0.36, 0, 0.6, 0.8]

const solid = (
  _tag: Scene.Solid["_tag"],
  size: Scene.Vector,
  rest: Partial<Scene.Solid> = {}
): Scene.Solid => ({
  _tag,
  size,
  position: [0, 0, 0],
  rotation: Scene.upright,
  fill: red,
  ...rest
})

/** From far away and through a narrow lens, so that what is seen is nearly the outline. */
const far = (azimuth: number, elevation: number) =>
  Scene.orbit([0, 0, 0], { distance: 400, azimuth, elevation, fieldOfView: 0.6 })

/** Half the height of what `far` sees, at the target. */
const HALF = 400 * Math.tan((0.3 * Math.PI) / 180)

const isRed = (pixels: Uint8Array, i: number): boolean => pixels[i]! > 1.4 * pixels[i + 1]!

const redPixels = ({ pixels }: Raster.Frame): number => {
  let n = 0
  for (let i = 0; i < pixels.length; i += 3) if (isRed(pixels, i)) n += 1
  return n
}

/** The area that a solid covers, in units squared. */
const areaOf = (of: Scene.Solid, azimuth: number, elevation: number): number => {
  const frame = Caster.draw(Scene.spatial([of], far(azimuth, elevation), { aspect: 1 }), 300)
  return (redPixels(frame) * (2 * HALF) ** 2) / 300 ** 2
}

describe("solids cover what geometry says", () => {
  const [r, h] = [0.4, 0.9]
  const along: ReadonlyArray<readonly [name: string, solid: Scene.Solid, side: number, above: number]> = [
    ["a sphere", solid("Sphere", [r, r, r]), Math.PI * r * r, Math.PI * r * r],
    ["an ellipsoid", solid("Ellipsoid", [1, 0.5, 0.3]), Math.PI * 0.3, Math.PI * 0.5],
    ["a capsule", solid("Capsule", [r, r, h]), Math.PI * r * r + 4 * r * h, Math.PI * r * r],
    ["a cylinder", solid("Cylinder", [r, r, h]), 4 * r * h, Math.PI * r * r],
    ["a box", solid("Box", [1, 0.5, 0.3]), 4 * 0.3, 4 * 0.5],
    ["a plane with an end", solid("Plane", [1, 0.5, 0]), 0, 4 * 0.5]
  ]
  it.each(along)("%s from the side and from above", (_, of, side, above) => {
    assert.approximately(areaOf(of, 90, 0), side, 0.05)
    assert.approximately(areaOf(of, 90, 89.9), above, 0.05)
  })

  it.each(along)("%s turned and moved, where its own axes are", (_, of) => {
    // Whoever turns with it sees the same: rays in its own axes, and the same rays turned.
    const moved = Solids.place({ ...of, position: [3, -2, 5], rotation: turned })
    const still = Solids.place(of)
    const turn = ([x, y, z]: Scene.Vector): Scene.Vector => [
      turned[0] * x + turned[1] * y + turned[2] * z,
      turned[3] * x + turned[4] * y + turned[5] * z,
      turned[6] * x + turned[7] * y + turned[8] * z
    ]
    let met = 0
    for (let i = 0; i < 200; i++) {
      const from: Scene.Vector = [((i * 7) % 11) / 4 - 1.2, ((i * 5) % 13) / 6 - 1, 2.5]
      const to: Scene.Vector = [((i * 3) % 17) / 40 - 0.2, ((i * 11) % 19) / 40 - 0.2, -1]
      const [start, way] = [turn(from), turn(to)]
      const a = Solids.meet(still, Float64Array.of(...from, ...to))
      const b = Solids.meet(moved, Float64Array.of(start[0] + 3, start[1] - 2, start[2] + 5, ...way))
      assert.strictEqual(Number.isFinite(a), Number.isFinite(b))
      if (!Number.isFinite(a)) continue
      met += 1
      assert.approximately(a, b, 1e-9)
      const [n, m] = [new Float64Array(5), new Float64Array(5)]
      Solids.upright(still, from[0] + a * to[0], from[1] + a * to[1], from[2] + a * to[2], n)
      Solids.upright(
        moved,
        3 + start[0] + a * way[0],
        -2 + start[1] + a * way[1],
        5 + start[2] + a * way[2],
        m
      )
      const normal = turn([n[0]!, n[1]!, n[2]!])
      for (let c = 0; c < 3; c++) assert.approximately(normal[c]!, m[c]!, 1e-9)
      // It faces whoever looks from outside.
      assert.isAtMost(n[0]! * to[0] + n[1]! * to[1] + n[2]! * to[2], 1e-9)
    }
    assert.isAbove(met, 15)
  })
})

describe("a frame", () => {
  const camera = Scene.orbit([0, 0, 0.5], { distance: 4, azimuth: 90, elevation: 20 })
  const ball = solid("Sphere", [0.5, 0.5, 0.5], { position: [0, 0, 0.5] })

  /** Red, green and blue at a share of the width and of the height. */
  const at = ({ height, pixels, width }: Raster.Frame, x: number, y: number): ReadonlyArray<number> => {
    const i = 3 * (Math.floor(y * height) * width + Math.floor(x * width))
    return [...pixels.subarray(i, i + 3)]
  }

  it("shows the nearer solid, whichever comes first", () => {
    const blue = solid("Box", [2, 0.1, 2], { position: [0, 1.5, 0], fill: [30, 30, 220] })
    const [one, two] = [
      [ball, blue],
      [blue, ball]
    ].map((solids) => Caster.draw(Scene.spatial(solids, camera), 80))
    assert.deepStrictEqual(one, two)
    assert.isTrue(isRed(Uint8Array.from(at(one!, 0.5, 0.5)), 0))
    const [red = 0, , bluish = 0] = at(one!, 0.3, 0.5)
    assert.isAbove(bluish, 2 * red)
  })

  it("has a floor of squares, a sky above it, and a shadow away from the light", () => {
    const bare = Caster.draw(Scene.spatial([Scene.floor()], camera), 200)
    const both = Caster.draw(Scene.spatial([Scene.floor(), ball], camera), 200)
    assert.deepStrictEqual(at(bare, 0.5, 0.01), at(both, 0.5, 0.01))
    const floors = new Set<number>()
    for (let x = 0; x < 200; x++) floors.add(at(bare, (x + 0.5) / 200, 0.95)[0]!)
    assert.isAbove(Math.max(...floors) - Math.min(...floors), 15)
    // What is darker than without the ball, and no ball, lies to the right: the light comes from the left.
    let [dark, toTheRight] = [0, 0]
    for (let i = 0; i < both.pixels.length; i += 3) {
      if (isRed(both.pixels, i) || both.pixels[i]! > bare.pixels[i]! - 25) continue
      dark += 1
      if ((i / 3) % 200 >= 100) toTheRight += 1
    }
    assert.isAbove(dark, 250)
    assert.isAbove(toTheRight, 0.85 * dark)
  })

  it("keeps what is followed in the middle, and the floor moves", () => {
    const shot = (x: number) => {
      const seen = Scene.orbit([x, 0, 0.5], { distance: 4, azimuth: 90, elevation: 20 })
      return Caster.draw(Scene.spatial([Scene.floor(), { ...ball, position: [x, 0, 0.5] }], seen), 120)
    }
    const [here, there] = [shot(0), shot(100.5)]
    assert.strictEqual(redPixels(here), redPixels(there))
    assert.deepStrictEqual(at(here, 0.5, 0.5), at(there, 0.5, 0.5))
    assert.notDeepEqual(here.pixels, there.pixels)
  })

  it("shows the first of two surfaces that are one, and no speckles of both", () => {
    const blue = { ...ball, fill: [30, 30, 220], rotation: turned } as const
    const [alone, both] = [[ball], [ball, blue]].map((solids) =>
      Caster.draw(Scene.spatial(solids, camera), 120)
    )
    assert.isAbove(redPixels(alone!), 500)
    assert.strictEqual(redPixels(both!), redPixels(alone!))
    assert.isBelow(redPixels(Caster.draw(Scene.spatial([blue, ball], camera), 120)), 5)
  })

  it("looks from where the camera stands: around and above its target", () => {
    const { eye, target } = Scene.orbit([1, 2, 3], { distance: 10, azimuth: 30, elevation: 30 })
    const flat = 10 * Math.cos(Math.PI / 6)
    const expected = [1 - flat * Math.cos(Math.PI / 6), 2 - flat * 0.5, 3 + 5]
    for (const [i, x] of expected.entries()) assert.approximately(eye[i]!, x, 1e-12)
    assert.deepStrictEqual(target, [1, 2, 3])
  })

  it("has smooth edges: the mean of rays, where two solids meet", () => {
    const frame = Caster.draw(
      Scene.spatial([solid("Box", [0.5, 0.5, 0.5], { fill: [0, 0, 0] })], far(90, 0)),
      60
    )
    const black = new Set<number>()
    for (let i = 0; i < frame.pixels.length; i += 3) black.add(frame.pixels[i]!)
    assert.isTrue([...black].some((x) => x > 60 && x < 160))
  })

  it("has a caption of its own, and the proportions that were asked for", () => {
    const picture = Scene.spatial([ball], camera, { aspect: 2 })
    const [plain, told] = [Drawing.draw(picture, 200), Drawing.captioned(picture, "step 3", 200)]
    assert.deepStrictEqual([plain.width, plain.height, Drawing.pixels(picture, 200)], [200, 100, 20_000])
    let changed = 0
    for (let i = 0; i < plain.pixels.length; i++) {
      if (plain.pixels[i] === told.pixels[i]) continue
      changed += 1
      assert.isBelow(i, 3 * 200 * 20)
    }
    assert.isAbove(changed, 50)
  })

  it("is the same bits everywhere", () => {
    const solids: ReadonlyArray<Scene.Solid> = [
      Scene.floor(),
      ball,
      solid("Capsule", [0.1, 0.1, 0.6], { position: [-1, 0.2, 0.6], rotation: turned }),
      solid("Box", [0.2, 0.3, 0.4], { position: [1, 0.4, 0.5], rotation: turned }),
      solid("Cylinder", [0.2, 0.2, 0.3], { position: [1, -0.6, 0.5], rotation: turned }),
      solid("Ellipsoid", [0.2, 0.3, 0.4], { position: [-0.6, -0.9, 0.5], rotation: turned })
    ]
    const { pixels } = Caster.draw(Scene.spatial(solids, camera), 160)
    assert.strictEqual(
      createHash("sha256").update(pixels).digest("hex"),
      "cad1d036174d8bd1b0e67d81eb548430a41e2b038e8a2e60cf397762f1dc2328"
    )
  })
})

it("what cannot be drawn is known", () => {
  const camera = far(90, 0)
  const good = Scene.spatial([solid("Sphere", [1, 1, 1])], camera)
  assert.isTrue(Scene.isDrawable(good))
  for (const bad of [
    { ...good, solids: [] },
    { ...good, aspect: 0 },
    { ...good, solids: [solid("Sphere", [1, Number.NaN, 1])] },
    { ...good, solids: [solid("Sphere", [1, -1, 1])] },
    { ...good, solids: [solid("Sphere", [1, 1, 1], { position: [0, 0, Number.POSITIVE_INFINITY] })] },
    { ...good, camera: { ...camera, eye: camera.target } },
    { ...good, camera: { ...camera, fieldOfView: 180 } }
  ]) {
    assert.isFalse(Scene.isDrawable(bad))
  }
})
