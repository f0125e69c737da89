import { assert, it } from "@effect/vitest"
import * as Scene from "@ornstein/core/Scene"
import * as Raster from "@ornstein/lab/internal/picture/Raster"

const scene = (...shapes: ReadonlyArray<Scene.Shape>): Scene.Scene => ({
  left: 0,
  right: 10,
  bottom: 0,
  top: 8,
  background: [255, 255, 255],
  shapes
})

/** How dark each pixel is, 0 to 1, and the sum: the area in pixels. */
const darkness = (frame: Raster.Frame) =>
  Array.from(
    frame.pixels.filter((_, i) => i % 3 === 0),
    (red) => 1 - red / 255
  )

const area = (frame: Raster.Frame) => darkness(frame).reduce((sum, value) => sum + value, 0)

const polygon = (...points: ReadonlyArray<Scene.Point>): Scene.Shape => ({
  _tag: "Polygon",
  points,
  fill: [0, 0, 0]
})

it("covers pixels by their share, y upwards", () => {
  // From 1.5 to 3 across and 5 to 6.25 up: rows 1 and 2 from the top.
  const frame = Raster.draw(scene(polygon([1.5, 5], [3, 5], [3, 6.25], [1.5, 6.25])), 10)
  assert.deepStrictEqual([frame.width, frame.height], [10, 8])
  const dark = darkness(frame).map((value) => Math.round(100 * value) / 100)
  const at = (x: number, y: number) => dark[10 * y + x]
  assert.deepStrictEqual([at(1, 2), at(2, 2), at(3, 2), at(1, 1), at(2, 1)], [0.5, 1, 0, 0.13, 0.25])
  assert.approximately(area(frame), 1.5 * 1.25, 0.01)
})

it("keeps areas: triangles, circles, lines, whichever way round", () => {
  const [a, b, c] = [
    [1, 1],
    [9, 2.3],
    [4.7, 7.1]
  ] as const
  const twice = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))
  for (const points of [
    [a, b, c],
    [c, b, a]
  ]) {
    assert.approximately(area(Raster.draw(scene(polygon(...points)), 10)), twice / 2, 0.1)
  }
  const circle: Scene.Shape = { _tag: "Circle", centre: [5, 4], radius: 3, fill: [0, 0, 0] }
  assert.approximately(area(Raster.draw(scene(circle), 10)), 9 * Math.PI, 0.3)
  // Two legs at a right angle with round ends; the corner counts once.
  const line: Scene.Shape = {
    _tag: "Line",
    points: [
      [2, 2],
      [7, 2],
      [7, 6]
    ],
    width: 1,
    stroke: [0, 0, 0]
  }
  assert.approximately(area(Raster.draw(scene(line), 10)), 9 + Math.PI / 4 - 0.25 + Math.PI / 16, 0.15)
})

it("clips what lies outside, on every side", () => {
  const all = polygon([-5, -5], [15, -5], [15, 13], [-5, 13])
  assert.approximately(area(Raster.draw(scene(all), 10)), 80, 1e-9)
  const right = polygon([8, -50], [400, 4], [8, 50])
  assert.isAbove(area(Raster.draw(scene(right), 10)), 15)
  const gone = polygon([11, 1], [20, 1], [20, 2])
  assert.strictEqual(area(Raster.draw(scene(gone), 10)), 0)
})

it("prints text, each letter its own", () => {
  const text = (letters: string) =>
    Raster.draw(scene({ _tag: "Text", at: [0, 1], text: letters, height: 3.5, fill: [0, 0, 0] }), 40)
  const row = (frame: Raster.Frame, y: number, columns: number) =>
    darkness(frame)
      .slice(40 * y, 40 * y + columns)
      .map((value) => (value > 0.5 ? "#" : "."))
      .join("")
  // A dot is two pixels: T is 14 high above row 28.
  const frame = text("T")
  assert.strictEqual(row(frame, 14, 12), "####..####..".replace("####..####..", "##########.."))
  assert.strictEqual(row(frame, 20, 12), "....##......")
  assert.notDeepEqual(text("b").pixels, text("d").pixels)
  assert.deepStrictEqual(text("\u00e9").pixels, text("?").pixels)
})

it("draws the same bits twice", () => {
  const shapes = scene({ _tag: "Circle", centre: [3.3, 4.4], radius: 2.2, fill: [200, 30, 30] })
  assert.deepStrictEqual(Raster.draw(shapes, 33), Raster.draw(shapes, 33))
})

it("copies a picture that was drawn elsewhere: its first row on top, each pixel the mean of those it covers", () => {
  const colours = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 60, 30])
  const picture = Scene.pixels(2, 2, colours)
  assert.deepStrictEqual(Array.from(Raster.draw(picture, 2).pixels), Array.from(colours))
  assert.deepStrictEqual(Array.from(Raster.draw(picture, 1).pixels), [86, 79, 71])
  const larger = Raster.draw(picture, 4).pixels
  assert.deepStrictEqual(Array.from(larger.subarray(0, 12)), [255, 0, 0, 255, 0, 0, 0, 255, 0, 0, 255, 0])
  assert.deepStrictEqual(Array.from(larger.subarray(36, 48)), [0, 0, 255, 0, 0, 255, 90, 60, 30, 90, 60, 30])
})
