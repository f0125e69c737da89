/** Frames as PNG files (ISO/IEC 15948): 8-bit RGB, one compressed block. */
import { Buffer } from "node:buffer"
import { crc32, deflateSync } from "node:zlib"
import type * as Raster from "./Raster.ts"

// pure core

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

const header = ({ width, height }: Raster.Frame): Buffer => {
  const out = Buffer.alloc(13)
  out.writeUInt32BE(width, 0)
  out.writeUInt32BE(height, 4)
  // 8 bits a sample, true colour; the remaining three bytes are 0: deflate, standard filters, no interlace.
  out.set([8, 2], 8)
  return out
}

// constructors

export const encode = (frame: Raster.Frame): Uint8Array => {
  const { width, height, pixels } = frame
  const rows = new Uint8Array((3 * width + 1) * height)
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(3 * width * y, 3 * width * (y + 1)), (3 * width + 1) * y + 1)
  }
  const image = deflateSync(rows)
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header(frame)),
    chunk("IDAT", image),
    chunk("IEND", new Uint8Array(0))
  ])
}
