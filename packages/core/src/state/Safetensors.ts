/**
 * The safetensors format (Hugging Face, 2022): named arrays in one file, which Python reads with
 * `safetensors.numpy.load_file`, and which holds numbers only, so that reading one runs nothing.
 *
 * ```text
 * 8 bytes    length n of the header, little-endian
 * n bytes    JSON {"actor.l0.w": {"dtype": "F32", "shape": [3, 64], "data_offsets": [0, 768]}, ...}, padded with spaces
 * the rest   the arrays' bytes, little-endian, row-major, without gaps
 * ```
 *
 * The bytes depend on the names and the numbers only: arrays are written by falling element size, then by name.
 */
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault, JsonPath, JsonText } from "../config/index.ts"
import type * as Snapshot from "./Snapshot.ts"

// errors

/** Bytes that are no safetensors file. */
export class SafetensorsError
  extends Schema.TaggedError<SafetensorsError>()("SafetensorsError", { what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Tensor {
  readonly shape: ReadonlyArray<number>
  readonly data: Snapshot.TypedArray
}

export type Tensors = { readonly [name: string]: Tensor }

/** Free text that travels in the header. */
export type Metadata = { readonly [name: string]: string }

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Header = Schema.Record(
  Schema.String,
  Schema.Struct({
    dtype: Schema.Literals(["F64", "F32", "I32", "U32", "U8", "BOOL"]),
    shape: Schema.Array(Count),
    data_offsets: Schema.Tuple([Count, Count])
  })
)

// pure core

const METADATA = "__metadata__"

const KINDS = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
  // Read as bytes, 0 and 1; never written.
  BOOL: Uint8Array
}

const dtypeOf = (data: Snapshot.TypedArray): keyof typeof KINDS => {
  if (data instanceof Float64Array) return "F64"
  if (data instanceof Float32Array) return "F32"
  if (data instanceof Int32Array) return "I32"
  return data instanceof Uint32Array ? "U32" : "U8"
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The file of these arrays. */
export const encode = (tensors: Tensors, metadata: Metadata = {}): Uint8Array => {
  const ordered = Object.entries(tensors).sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || compare(a, b)
  )
  let end = 0
  const entries = ordered.map(([name, { data, shape }]) => {
    const begin = end
    end += data.byteLength
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [begin, end] }] as const
  })
  const notes = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata] as const]
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...notes, ...entries])))
  const length = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + length + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true)
  file.set(json, 8)
  file.fill(0x20, 8 + json.length, 8 + length)
  let at = 8 + length
  for (const [, { data }] of ordered) {
    file.set(bytesOf(data), at)
    at += data.byteLength
  }
  return file
}

/** With what a header begins: `{`. */
const OPEN = 0x7b

/** What a hostile file says may be long. */
const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text)

const decodeEntries = Schema.decodeUnknownResult(Header)

/** A file's arrays, and the texts in its header. */
export interface Contents {
  readonly tensors: Tensors
  readonly metadata: Metadata
}

const decodeMetadata = Schema.decodeUnknownResult(Schema.Record(Schema.String, Schema.String))

/** The arrays of a file, in memory of their own, and the texts in its header. */
export const read = (file: Uint8Array): Result.Result<Contents, SafetensorsError> => {
  const fail = (reason: string) => Result.fail(new SafetensorsError({ what: reason }))
  if (file.length < 8) return fail(`${file.length} bytes are too short for a header`)
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)
  if (length > BigInt(file.length - 8)) {
    if (file[8] !== OPEN) return fail("it is no safetensors file")
    return fail(`the header says ${length} bytes, the file has ${file.length}`)
  }
  const start = 8 + Number(length)
  const json = JsonText.parse(new TextDecoder().decode(file.subarray(8, start)))
  if (Result.isFailure(json)) {
    return fail(json.failure.isJson ? `the header: ${json.failure.reason}` : "the header is no JSON record")
  }
  if (!JsonPath.isRecord(json.success)) return fail("the header is no JSON record")
  const { [METADATA]: notes = {}, ...described } = json.success
  const metadata = decodeMetadata(notes)
  if (Result.isFailure(metadata)) return fail("its metadata are no texts with names")
  const header = decodeEntries(described)
  if (Result.isFailure(header)) return fail(`the header is malformed: ${short(header.failure.message)}`)
  const entries = Object.entries(header.success)
  const ordered = entries.toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])
  let filled = 0
  for (const [
    name,
    {
      data_offsets: [begin, end],
      dtype,
      shape
    }
  ] of ordered) {
    const size = shape.reduce((product, n) => product * n, KINDS[dtype].BYTES_PER_ELEMENT)
    if (end - begin !== size || start + end > file.length) {
      return fail(
        `"${short(name)}" of shape [${short(shape.join(", "))}] does not fill bytes ${begin} to ${end}`
      )
    }
    if (begin !== filled)
      return fail(`"${short(name)}" begins at byte ${begin}, and not at ${filled} where the one before ends`)
    filled = end
  }
  if (start + filled !== file.length) return fail(`${file.length - start - filled} bytes belong to no array`)
  // A copy, since a file's doubles may begin anywhere; `slice` makes none of a Node `Buffer`.
  const tensors = entries.map(
    ([
      name,
      {
        data_offsets: [begin, end],
        dtype,
        shape
      }
    ]) => {
      const bytes = new Uint8Array(file.subarray(start + begin, start + end))
      return [name, { shape, data: new KINDS[dtype](bytes.buffer) }] as const
    }
  )
  return Result.succeed({ tensors: Object.fromEntries(tensors), metadata: metadata.success })
}

/** The arrays of a file, in memory of their own. */
export const decode = (file: Uint8Array): Result.Result<Tensors, SafetensorsError> =>
  Result.map(read(file), ({ tensors }) => tensors)
