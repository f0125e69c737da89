/**
 * Operations in machine code beside the same in WebAssembly: two memories begin with the same bytes, every operation runs
 * in both, and all bytes must be equal afterwards, those that belong to nobody too.
 */
import { setFlagsFromString } from "node:v8"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import * as Emit from "@ornstein/jit/internal/engines/wasm/emit/index"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import * as Addon from "@ornstein/jit/internal/engines/native/addon/index"
import type { Level } from "@ornstein/jit/internal/engines/native/assembly/index"
import * as Native from "@ornstein/jit/internal/engines/native/emit/index"
import type { Task } from "@ornstein/jit/internal/plan/index"

// What has run for a while comes from V8's optimizing compiler, which may exchange operands; compare with that.
setFlagsFromString("--no-liftoff")

// models

export interface Case {
  readonly name: string
  readonly task: Task.Task
  /** What every buffer holds at the beginning, by number. */
  readonly buffers: ReadonlyArray<NdArray.Data>
}

export interface Difference {
  readonly name: string
  readonly buffer: number
  /** Which byte of it. */
  readonly at: number
  readonly wasm: string
  readonly native: string
}

/** The levels that this machine has. */
export const levels: ReadonlyArray<Level> =
  process.platform === "linux" && process.arch === "x64"
    ? Addon.open().level === "avx512"
      ? ["avx512", "avx2"]
      : ["avx2"]
    : []

// pure core

const LINE = 64

/** Bytes that lie between buffers; nobody may touch them. */
const GAP = 64

const lined = (n: number): number => Math.ceil(n / LINE) * LINE

const partsOf = (task: Task.Task, count: number): ReadonlyArray<readonly [start: number, end: number]> => {
  const cut = (i: number) =>
    Math.min(task.units, Math.ceil((task.units * i) / count / task.granule) * task.granule)
  return Array.from({ length: count }, (_, i) => [cut(i), cut(i + 1)] as const).filter(([a, b]) => b > a)
}

const hex = (bytes: Uint8Array, at: number): string =>
  Array.from(bytes.subarray(at - (at % 4), at - (at % 4) + 4), (byte) => byte.toString(16).padStart(2, "0"))
    .toReversed()
    .join("")

// constructors

/**
 * Runs every case in `parts` parts of machine code, or only one of them on both sides: what belongs to the others must
 * stay as it is. The differences that there are, and the cases that are left to WebAssembly.
 */
export const run = (
  cases: ReadonlyArray<Case>,
  level: Level,
  parts = 1,
  only?: number
): { readonly differences: ReadonlyArray<Difference>; readonly left: ReadonlyArray<string> } => {
  let next = 1024
  const places = cases.map(({ buffers }) =>
    buffers.map((data) => {
      const at = next
      next = lined(next + data.byteLength) + GAP
      return at
    })
  )
  const pages = Math.ceil((next + 4096) / Runtime.PAGE)
  const module = Assembler.make({ pages, shared: false })
  const math = Emit.MathFunctions.make(module)
  const code = Native.code(level)
  const starts: Array<number> = []
  const indices = new Map<number, number>()
  cases.forEach(({ task, buffers }, i) => {
    const address = (buffer: number) => places[i]![buffer]!
    const own = partsOf(task, parts).filter((_, n) => only === undefined || n === only)
    const [begin, end] = [own[0]?.[0] ?? 0, own.at(-1)?.[1] ?? 0]
    const part = Emit.emit(task, { module, math, relaxed: false, address, shared: (_, make) => make() }, {})
    module.expose(
      `case ${i}`,
      module.define(`case ${i}`, [], [], () => (end > begin ? part(begin, end, 0) : []))
    )
    const target = Native.target({ level, fused: false }, address, (buffer) => buffers[buffer]!.byteLength)
    const kernel = Native.emit(task.op, target)
    if (kernel === undefined) return
    const pieces = own.map(([start, end]) => ({ code: kernel, start, end, scratch: 0 }))
    indices.set(i, starts.push(Native.Routine.append(code, pieces)) - 1)
  })
  const memory = Runtime.memory(pages * Runtime.PAGE, false)
  const wasm = new Uint8Array(memory.buffer)
  const native = new Uint8Array(wasm.length)
  // What belongs to nobody is a pattern, so that whoever writes there is seen.
  for (let i = 0; i < wasm.length; i++) wasm[i] = (i * 37 + 11) & 255
  cases.forEach(({ buffers }, i) =>
    buffers.forEach((data, b) =>
      wasm.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), places[i]![b])
    )
  )
  native.set(wasm)
  const functions = Runtime.instantiate(Runtime.compile(module.bytes()), memory)
  const addon = Addon.open()
  const placed = addon.place(code.finish(), starts, native)
  const entries = addon.entries(placed)
  const differences: Array<Difference> = []
  const left: Array<string> = []
  cases.forEach(({ buffers, name }, i) => {
    const index = indices.get(i)
    if (index === undefined) {
      left.push(name)
      return
    }
    functions[`case ${i}`]!()
    entries[index]!()
    const from = places[i]![0]! - GAP
    const last = places[i]!.at(-1)! + buffers.at(-1)!.byteLength + GAP
    for (let at = from; at < last; at++) {
      if (wasm[at] === native[at]) continue
      const buffer = places[i]!.findLastIndex((place) => place <= at)
      differences.push({
        name,
        buffer,
        at: at - (places[i]![buffer] ?? 0),
        wasm: hex(wasm, at),
        native: hex(native, at)
      })
      break
    }
  })
  addon.free(placed)
  return { differences, left }
}
