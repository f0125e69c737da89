/**
 * Machine code in this process: put into memory that is executed and not written, called as JavaScript functions.
 *
 * ```ts
 * const addon = Addon.open()
 * const placed = addon.place(code, starts, memory)
 * const [first] = addon.entries(placed)
 * first?.() // the code at starts[0], with the address of `memory` in rdi
 * addon.free(placed)
 * ```
 */
import { EngineError } from "../../../Engine.ts"
import { Addons } from "../../../host/index.ts"
import type { Level } from "../assembly/index.ts"
import * as Functions from "./Functions.ts"
import * as Image from "./Image.ts"

// models

/** Code in memory, for every thread of the process. */
export interface Placed {
  readonly address: number
  readonly length: number
  /** Where its entries begin. */
  readonly offsets: ReadonlyArray<number>
}

/** A function of a thread. */
export type Entry = () => void

export interface Addon {
  /** The processor's best level. */
  readonly level: Level
  /**
   * Copies code to where it is executed, at a multiple of 64 bytes, with an entry for each of `starts`: it calls what lies
   * there, with the address of `memory`'s first byte in rdi. `memory` must live as long as an entry can be called: an
   * address does not hold it.
   */
  readonly place: (code: Uint8Array, starts: ReadonlyArray<number>, memory: Uint8Array) => Placed
  /** Functions of this thread, in the order of `starts`. */
  readonly entries: (placed: Placed) => ReadonlyArray<Entry>
  /** From now on none of its entries may be called, in any thread. */
  readonly free: (placed: Placed) => void
}

/** A script for a thread of its own, whose `open(given)` gives the entries there. */
export interface Script {
  readonly code: string
  readonly given: {
    readonly addon: Uint8Array
    readonly address: number
    readonly offsets: ReadonlyArray<number>
  }
}

/** What the addon exports. */
interface Exports {
  readonly level: () => number
  readonly place: (code: Uint8Array, memory: Uint8Array) => number
  readonly entry: (address: number, offset: number) => Entry
  readonly free: (address: number, length: number) => number
}

// pure core

const has = <K extends keyof Exports>(u: object, name: K): u is { readonly [_ in K]: Exports[K] } =>
  name in u && typeof Reflect.get(u, name) === "function"

const isExports = (u: unknown): u is Exports =>
  typeof u === "object" &&
  u !== null &&
  has(u, "level") &&
  has(u, "place") &&
  has(u, "entry") &&
  has(u, "free")

const LEVELS: ReadonlyArray<Level | undefined> = [undefined, "avx2", "avx512"]

const refused = (reason: string, fix: string, cause?: unknown): EngineError =>
  new EngineError({ engine: "native", reason, fix, cause })

const SAME = "whose results are the same"
const INSTEAD = `or use the engine wasm, ${SAME}`

/** Node's error, as what can be done about it. */
const notLoaded = (cause: unknown): EngineError => {
  const { code, message } =
    cause instanceof Error ? { code: Reflect.get(cause, "code"), message: cause.message } : { message: "" }
  const line = message.split("\n")[0] ?? ""
  switch (code) {
    case "ERR_DLOPEN_DISABLED":
      return refused("Node's permissions forbid addons", `Give node --allow-addons, ${INSTEAD}`, cause)
    case "ERR_ACCESS_DENIED":
      return refused(
        "Node's permissions forbid to write the addon",
        `Give node --allow-addons and --allow-fs-write for the temporary folder, ${INSTEAD}`,
        cause
      )
    case "ERR_DLOPEN_FAILED":
      return refused(
        `the temporary folder does not allow code to be loaded from it (${line})`,
        `Set TMPDIR to a folder that is not mounted noexec, ${INSTEAD}`,
        cause
      )
    default:
      return refused(
        `the addon cannot be written (${line})`,
        `Set TMPDIR to a folder that can be written to, ${INSTEAD}`,
        cause
      )
  }
}

// constructors

let bytes: Uint8Array<ArrayBuffer> | undefined
let opened: Addon | undefined

/** The addon of this thread. Throws an `EngineError` where there is none: not Linux on x86-64 with AVX2, or it is not loaded. */
export const open = (): Addon => {
  if (opened !== undefined) return opened
  const platform = Addons.platform()
  if (platform?.system !== "linux" || platform.processor !== "x64") {
    throw refused(
      `it is for Linux on x86-64, and this is ${platform === undefined ? "no Node" : `${platform.system} on ${platform.processor}`}`,
      `Use the engine wasm, ${SAME}`
    )
  }
  bytes ??= Functions.make()
  let exports: unknown
  try {
    exports = Addons.load(bytes)
  } catch (cause) {
    throw notLoaded(cause)
  }
  if (!isExports(exports)) throw refused("the addon exports something else", "Report it to the authors")
  const { entry, free, place } = exports
  const level = LEVELS[exports.level()]
  if (level === undefined) throw refused("the processor has no AVX2", `Use the engine wasm, ${SAME}`)
  opened = {
    level,
    place: (code, starts, memory) => {
      const image = Image.make(code, starts)
      const address = place(image.bytes, memory)
      if (address <= 0)
        throw refused(
          `the system gives no memory for code (error ${-address})`,
          `Allow executable memory, ${INSTEAD}`
        )
      return { address, length: image.bytes.length, offsets: image.offsets }
    },
    entries: ({ address, offsets }) => offsets.map((offset) => entry(address, offset)),
    free: ({ address, length }) => {
      free(address, length)
    }
  }
  return opened
}

/** The entries of placed code, for a thread that `Threads` starts. */
export const script = ({ address, offsets }: Placed): Script => ({
  code: `${Addons.SCRIPT}
const open = ({ addon, address, offsets }) => {
  const { entry } = load(addon)
  return offsets.map((offset) => entry(address, offset))
}`,
  given: { addon: (bytes ??= Functions.make()), address, offsets }
})
