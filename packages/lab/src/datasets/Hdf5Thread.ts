/** The thread's side of `Hdf5`: holds one file in memory, and answers what is in it. */
import * as Result from "effect/Result"
import * as h5wasm from "h5wasm"
import { parentPort, workerData } from "node:worker_threads"
import type { Answer, Found, Numbers, Order } from "./Hdf5.ts"

// pure core

const PATH = "/dataset.hdf5"

const isOrder = (u: unknown): u is Order => typeof u === "object" && u !== null && "_tag" in u

const isBytes = (u: unknown): u is Uint8Array => u instanceof Uint8Array

type Metadata = ReturnType<Awaited<typeof h5wasm.ready>["get_dataset_metadata"]>

/** Classes of types in HDF5. */
const INTEGER = 0
const FLOAT = 1
const ENUM = 8

const kindOf = ({ enum_type, size, type }: Metadata): "float" | "integer" | "flag" | "other" => {
  if (type === FLOAT && (size === 4 || size === 8)) return "float"
  if (type === INTEGER && [1, 2, 4, 8].includes(size)) return "integer"
  const members = enum_type?.members ?? {}
  return type === ENUM && size === 1 && members["FALSE"] === 0 && members["TRUE"] === 1 ? "flag" : "other"
}

/** The bytes of an array as numbers; long integers as those of double precision, short ones as longer. */
const numbersOf = (bytes: ArrayBuffer, { signed, size, type }: Metadata): Numbers => {
  if (type === FLOAT) return size === 4 ? new Float32Array(bytes) : new Float64Array(bytes)
  if (type === ENUM) return new Uint8Array(bytes)
  if (size === 8) return Float64Array.from(new BigInt64Array(bytes), Number)
  if (size === 4) return signed ? new Int32Array(bytes) : new Uint32Array(bytes)
  if (size === 2) return Int32Array.from(signed ? new Int16Array(bytes) : new Uint16Array(bytes))
  return signed ? Int32Array.from(new Int8Array(bytes)) : new Uint8Array(bytes)
}

// the file

const module = await h5wasm.ready
const files = module.FS
// Of the disk it has nothing; of the process's own streams neither.
for (const name of ["stdin", "stdout", "stderr", "tty", "tty1", "random", "urandom"])
  files.unlink(`/dev/${name}`)
const given: unknown = workerData
if (isBytes(given)) files.writeFile(PATH, given)
const id = module.open(PATH, module.H5F_ACC_RDONLY)

const foundAt = (path: string): Found => {
  const type = module.get_type(id, path)
  if (type === module.H5G_GROUP) return { _tag: "Group" }
  if (type === module.H5G_LINK || type === module.H5G_UDLINK) {
    return { _tag: "Other", what: "it is a link to what is not in this file" }
  }
  if (type !== module.H5G_DATASET) return { _tag: "Other", what: "it is not there" }
  const metadata = module.get_dataset_metadata(id, path)
  const { shape, size, virtual_sources } = metadata
  return {
    _tag: "Array",
    shape: shape ?? [],
    size,
    of: shape === null ? "other" : kindOf(metadata),
    isHere: virtual_sources === undefined
  }
}

const readAt = (path: string): Numbers | undefined => {
  const metadata = module.get_dataset_metadata(id, path)
  const length = metadata.size * metadata.total_size
  if (length === 0) return numbersOf(new ArrayBuffer(0), metadata)
  const at = module._malloc(length)
  if (at === 0) return undefined
  // The library's own readers do not look at the status: of what cannot be read they give whatever is in memory.
  const status = module.get_dataset_data(id, path, null, null, null, BigInt(at))
  const bytes = new ArrayBuffer(length)
  new Uint8Array(bytes).set(module.HEAPU8.subarray(at, at + length))
  module._free(at)
  return status < 0 ? undefined : numbersOf(bytes, metadata)
}

const answer = (order: Order): Answer => {
  switch (order._tag) {
    case "names":
      return { _tag: "names", names: module.get_names(id, order.path, false) }
    case "look":
      return { _tag: "look", found: order.paths.map(foundAt) }
    case "read": {
      const numbers = readAt(order.path)
      return numbers === undefined
        ? { _tag: "failed", what: "it is damaged: its numbers cannot be read" }
        : { _tag: "read", numbers }
    }
  }
}

const attempt = (run: () => Answer): Answer =>
  Result.getOrElse(
    Result.try({ try: run, catch: String }),
    (reason): Answer => ({ _tag: "failed", what: `it is damaged (${reason})` })
  )

const say = (message: Answer): void => {
  const moved = message._tag === "read" ? [message.numbers.buffer] : []
  parentPort?.postMessage(message, moved)
}

parentPort?.on("message", (order: unknown) => {
  if (isOrder(order)) say(attempt(() => answer(order)))
})

say(id < 0n ? { _tag: "failed", what: "it is damaged: it cannot be opened as HDF5" } : { _tag: "ready" })
