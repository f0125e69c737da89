import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Gif from "@ornstein/lab/internal/picture/Gif"
import * as Png from "@ornstein/lab/internal/picture/Png"
import type * as Raster from "@ornstein/lab/internal/picture/Raster"
import { readGif, readPng } from "./Images.ts"

/** Pixels drawn from so many colours: many make long codes and a full table. */
const noise = (colours: number, width: number, height: number, seed: number): Raster.Frame => {
  const pixels = new Uint8Array(3 * width * height)
  for (let i = 0; i < width * height; i++) {
    const colour = Key.integer(Key.make(seed), colours, i)
    pixels.set([colour % 256, (colour * 7) % 256, (colour * 13) % 256], 3 * i)
  }
  return { width, height, pixels }
}

it.each([1, 2, 5, 200, 256])("a GIF of %i colours keeps every pixel", (colours) => {
  const frames = [noise(colours, 150, 100, 1), noise(colours, 150, 100, 2)]
  const image = readGif(Gif.encode(frames, { fps: 20 }))
  assert.deepStrictEqual([image.width, image.height, image.delays], [150, 100, [5, 5]])
  assert.deepStrictEqual(
    image.frames,
    frames.map(({ pixels }) => pixels)
  )
})

it("a GIF of too many colours comes near each, and keeps white and black", () => {
  const frame = noise(256 * 16, 100, 60, 3)
  frame.pixels.set([255, 255, 255, 0, 0, 0])
  for (let i = 2; i < 2000; i++) frame.pixels[3 * i] = i % 251
  const [pixels = new Uint8Array()] = readGif(Gif.encode([frame])).frames
  assert.deepStrictEqual([...pixels.subarray(0, 6)], [255, 255, 255, 0, 0, 0])
  const furthest = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - frame.pixels[i]!)), 0)
  assert.isBelow(furthest, 64)
})

it("a PNG keeps every pixel", () => {
  const frame = noise(256 * 16, 61, 37, 4)
  const image = readPng(Png.encode(frame))
  assert.deepStrictEqual([image.width, image.height], [61, 37])
  assert.deepStrictEqual(image.frames, [frame.pixels])
})

it("an animation without frames is refused", () => {
  assert.throws(() => Gif.encode([]), /at least one frame/u)
})
