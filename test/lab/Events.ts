/** What TensorBoard shows of a directory of event files: its record format and its rule for runs that began again. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import * as Crc32c from "@ornstein/lab/internal/sinks/Crc32c"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The payloads of a file, as TensorFlow's reader takes them apart; throws where a checksum is wrong. */
export const payloads = (file: Uint8Array): ReadonlyArray<Uint8Array> => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const out: Array<Uint8Array> = []
  let at = 0
  while (at < file.length) {
    const length = Number(view.getBigUint64(at, true))
    if (Crc32c.masked(file.subarray(at, at + 8)) !== view.getUint32(at + 8, true)) throw new Error("length")
    const payload = file.subarray(at + 12, at + 12 + length)
    if (Crc32c.masked(payload) !== view.getUint32(at + 12 + length, true)) throw new Error("payload")
    out.push(payload)
    at += 16 + length
  }
  return out
}

type Field = number | bigint | Uint8Array

/** The fields of a message by number; nested ones stay bytes. */
export const fields = (message: Uint8Array): { readonly [field: number]: Field } => {
  const reader = new BinaryReader(message)
  const out: { [field: number]: Field } = {}
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (type === WireType.Varint) out[field] = BigInt(reader.int64())
    else if (type === WireType.Bit64) out[field] = reader.double()
    else if (type === WireType.Bit32) out[field] = reader.float()
    else out[field] = reader.bytes()
  }
  return out
}

export const bytes = (field: Field | undefined): Uint8Array => {
  if (!(field instanceof Uint8Array)) throw new TypeError("no bytes")
  return field
}

export const text = (field: Field | undefined): string => new TextDecoder().decode(bytes(field))

/** `tag step value` of every point, tag by tag. */
export const points = (directory: string): ReadonlyArray<string> => {
  let shown: ReadonlyArray<{
    readonly tag: string
    readonly step: number
    readonly value: number
  }> = []
  // Files are read one after the other in the order of their names.
  const files = readdirSync(directory)
    .filter((name) => name.includes("tfevents"))
    .sort()
  for (const file of files) {
    for (const event of payloads(readFileSync(join(directory, file))).map(fields)) {
      const step = Number(event[2] ?? 0)
      const isStart = event[7] !== undefined && fields(bytes(event[7]))[1] === 1n
      // A session that starts at a step expires what was logged at that step and later ones.
      if (isStart) shown = shown.filter((point) => point.step < step)
      if (event[5] === undefined) continue
      const value = fields(bytes(fields(bytes(event[5]))[1]))
      shown = [...shown, { tag: text(value[1]), step, value: Number(value[2]) }]
    }
  }
  return shown.map(({ step, tag, value }) => `${tag} ${String(step).padStart(6)} ${value}`).sort()
}
