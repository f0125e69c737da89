/** Readers of our image files, written from the formats' own descriptions, so that tests do not ask the writer. */
import { inflateSync } from "node:zlib"

export interface Image {
  readonly width: number
  readonly height: number
  /** RGB of every frame. */
  readonly frames: ReadonlyArray<Uint8Array>
  readonly delays: ReadonlyArray<number>
}

export const readPng = (bytes: Uint8Array): Image => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let [width, height] = [0, 0]
  const parts: Array<Uint8Array> = []
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (type === "IHDR") [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)]
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const rows = inflateSync(Buffer.concat(parts))
  const pixels = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    if (rows[y * (3 * width + 1)] !== 0) throw new Error("a filter that this reader does not know")
    pixels.set(rows.subarray(y * (3 * width + 1) + 1, (y + 1) * (3 * width + 1)), 3 * width * y)
  }
  return { width, height, frames: [pixels], delays: [] }
}

const decompress = (data: Uint8Array, minimum: number): ReadonlyArray<number> => {
  const [clear, end] = [1 << minimum, (1 << minimum) + 1]
  let table: Array<ReadonlyArray<number>> = []
  let width = minimum + 1
  let previous: ReadonlyArray<number> | undefined
  const out: Array<number> = []
  let position = 0
  for (;;) {
    let code = 0
    for (let i = 0; i < width; i++, position++) code |= ((data[position >> 3]! >> (position & 7)) & 1) << i
    if (code === end) return out
    if (code === clear) {
      table = Array.from({ length: clear + 2 }, (_, i) => [i])
      width = minimum + 1
      previous = undefined
      continue
    }
    const entry = table[code] ?? [...previous!, previous![0]!]
    out.push(...entry)
    if (previous !== undefined && table.length < 4096) table.push([...previous, entry[0]!])
    if (table.length === 1 << width && width < 12) width += 1
    previous = entry
  }
}

export const readGif = (bytes: Uint8Array): Image => {
  const short = (at: number) => bytes[at]! | (bytes[at + 1]! << 8)
  const [width, height] = [short(6), short(8)]
  const colours = 2 << (bytes[10]! & 7)
  const palette = bytes.subarray(13, 13 + 3 * colours)
  const frames: Array<Uint8Array> = []
  const delays: Array<number> = []
  const blocks = (from: number): readonly [data: Uint8Array, next: number] => {
    const parts: Array<Uint8Array> = []
    let at = from
    for (; bytes[at] !== 0; at += bytes[at]! + 1) parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
    return [Buffer.concat(parts), at + 1]
  }
  for (let at = 13 + 3 * colours; bytes[at] !== 0x3b; ) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delays.push(short(at + 4))
      at = blocks(at + 2)[1]
    } else {
      const [data, next] = blocks(at + 11)
      frames.push(
        Uint8Array.from(
          decompress(data, bytes[at + 10]!).flatMap((i) => [...palette.subarray(3 * i, 3 * i + 3)])
        )
      )
      at = next
    }
  }
  return { width, height, frames, delays }
}
