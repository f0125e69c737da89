/** Frames as an animated GIF (GIF89a, with the looping extension of Netscape): one palette for all frames, LZW. */
import * as Palette from "./Palette.ts"
import type * as Raster from "./Raster.ts"

// models

export interface Options {
  /** Frames per second, all of one length; GIF counts in hundredths of a second. Default 30. */
  readonly fps?: number
  /** How long each frame is shown, in hundredths of a second, in place of `fps`. */
  readonly delays?: ReadonlyArray<number>
}

// pure core: LZW with codes of growing width, least significant bit first

const compress = (indices: Uint8Array, colourBits: number): ReadonlyArray<number> => {
  const clear = 1 << colourBits
  const bytes: Array<number> = []
  let [buffer, filled] = [0, 0]
  let width = colourBits + 1
  let next = clear + 2
  let table = new Map<number, number>()

  const write = (code: number): void => {
    buffer |= code << filled
    filled += width
    for (; filled >= 8; filled -= 8) {
      bytes.push(buffer & 0xff)
      buffer >>>= 8
    }
  }

  write(clear)
  let prefix = indices[0] ?? 0
  for (let i = 1; i < indices.length; i++) {
    const entry = (prefix << 8) | indices[i]!
    const known = table.get(entry)
    if (known !== undefined) {
      prefix = known
      continue
    }
    write(prefix)
    prefix = indices[i]!
    if (next === 4096) {
      write(clear)
      table = new Map()
      width = colourBits + 1
      next = clear + 2
      continue
    }
    table.set(entry, next)
    if (next === 1 << width) width += 1
    next += 1
  }
  write(prefix)
  write(clear + 1)
  if (filled > 0) bytes.push(buffer & 0xff)
  return bytes
}

// pure core: blocks

const short = (n: number): ReadonlyArray<number> => [n & 0xff, n >> 8]

/** Data in blocks of at most 255 bytes, each with its length, and an empty one at the end. */
const blocks = (data: ReadonlyArray<number>): ReadonlyArray<number> => {
  const out: Array<number> = []
  for (let i = 0; i < data.length; i += 255) {
    const block = data.slice(i, i + 255)
    out.push(block.length)
    for (const byte of block) out.push(byte)
  }
  return [...out, 0]
}

const LOOP = [0x21, 0xff, 0x0b, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0]

// constructors

/** All frames have the size of the first. Throws a `RangeError` without frames. */
export const encode = (
  frames: ReadonlyArray<Raster.Frame>,
  { delays = [], fps = 30 }: Options = {}
): Uint8Array => {
  const [first] = frames
  if (first === undefined) throw new RangeError("an animation has at least one frame")
  const { width, height } = first
  const { colours, indexOf } = Palette.make(frames)
  const colourBits = Math.max(2, 32 - Math.clz32(colours.length - 1))
  const table = Array.from({ length: 1 << colourBits }, (_, i) => colours[i] ?? 0)
  const usual = Math.max(2, Math.round(100 / fps))

  const parts: Array<ArrayLike<number>> = [
    new TextEncoder().encode("GIF89a"),
    [...short(width), ...short(height), 0xf0 | (colourBits - 1), 0, 0],
    table.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]),
    LOOP
  ]
  for (const [n, { pixels }] of frames.entries()) {
    const indices = new Uint8Array(width * height)
    for (let i = 0; i < indices.length; i++) {
      indices[i] = indexOf(pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!)
    }
    parts.push(
      [0x21, 0xf9, 4, 4, ...short(Math.min(0xffff, delays[n] ?? usual)), 0, 0],
      [0x2c, 0, 0, 0, 0, ...short(width), ...short(height), 0, colourBits],
      blocks(compress(indices, colourBits))
    )
  }
  parts.push([0x3b])

  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
