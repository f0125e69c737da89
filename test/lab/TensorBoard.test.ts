import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Crc32c from "@ornstein/lab/Crc32c"
import * as TensorBoard from "@ornstein/lab/TensorBoard"
import { Effect, FileSystem } from "effect"

/** The payloads of a file, as TensorFlow's reader takes them apart; throws where a checksum is wrong. */
const payloads = (file: Uint8Array): ReadonlyArray<Uint8Array> => {
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
const fields = (message: Uint8Array): { readonly [field: number]: Field } => {
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

const bytes = (field: Field | undefined): Uint8Array => {
  if (!(field instanceof Uint8Array)) throw new TypeError("no bytes")
  return field
}

const text = (field: Field | undefined): string => new TextDecoder().decode(bytes(field))

describe("CRC-32C", () => {
  it("has the known answers of RFC 3720", () => {
    assert.strictEqual(Crc32c.crc32c(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(Crc32c.crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(Crc32c.crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  })

  it("is masked as TensorFlow does it", () => {
    // rotr(0xe3069283, 15) = 0x2507c60d, and 0xa282ead8 more, modulo 2^32.
    assert.strictEqual(Crc32c.masked(new TextEncoder().encode("123456789")), 0xc78ab0e5)
  })
})

describe("event files", () => {
  it.effect("hold the version, the start and every scalar", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const file = yield* TensorBoard.open(directory)
      yield* file.append([
        { tag: "episode/return", step: 200, value: -1234.5 },
        { tag: "update/criticLoss", step: 2 ** 33, value: 0.25 }
      ])
      yield* file.append([{ tag: "episode/return", step: 400, value: -7 }])
      const events = payloads(yield* fs.readFile(file.path)).map(fields)
      assert.lengthOf(events, 5)
      assert.strictEqual(text(events[0]?.[3]), "brain.Event:2")
      assert.deepStrictEqual(fields(bytes(events[1]?.[7])), { 1: 1n })
      const scalars = events.slice(2).map((event) => {
        const value = fields(bytes(fields(bytes(event[5]))[1]))
        return { step: event[2], tag: text(value[1]), value: value[2] }
      })
      assert.deepStrictEqual(scalars, [
        { step: 200n, tag: "episode/return", value: -1234.5 },
        { step: 8589934592n, tag: "update/criticLoss", value: 0.25 },
        { step: 400n, tag: "episode/return", value: -7 }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it("store what is beyond single precision as infinite, and what is no number", () => {
    for (const [value, stored] of [
      [1e39, Number.POSITIVE_INFINITY],
      [-1e300, Number.NEGATIVE_INFINITY],
      [Number.MAX_VALUE, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [Number.NaN, Number.NaN],
      [3.4028234663852886e38, 3.4028234663852886e38]
    ] as const) {
      const [event = new Uint8Array()] = payloads(TensorBoard.scalar(1, { tag: "x", step: 1, value }))
      const summary = bytes(fields(bytes(fields(event)[5]))[1])
      assert.deepStrictEqual(fields(summary)[2], stored, String(value))
    }
  })

  it("detect a changed byte", () => {
    const record = TensorBoard.scalar(1, { tag: "x", step: 1, value: 2 })
    assert.lengthOf(payloads(record), 1)
    for (const at of [0, 9, 14, record.length - 1]) {
      const changed = record.slice()
      changed[at] = changed[at]! ^ 1
      assert.throws(() => payloads(changed))
    }
  })
})
