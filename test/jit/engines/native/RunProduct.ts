/** A matrix product as machine code, in parts, on memory with guards around everything. */
import * as Addon from "@ornstein/jit/internal/engines/native/addon/Addon"
import type { Level } from "@ornstein/jit/internal/engines/native/assembly/Registers"
import * as Emitter from "@ornstein/jit/internal/engines/native/emit/Emitter"
import * as Product from "@ornstein/jit/internal/engines/native/emit/Product"
import * as Routine from "@ornstein/jit/internal/engines/native/emit/Routine"
import type * as Op from "@ornstein/jit/internal/plan/Op"
import * as Sizes from "@ornstein/jit/internal/plan/Product"

export interface Machine {
  readonly level: Level
  readonly fused: boolean
}

export interface Result {
  readonly c: Float32Array
  /** Whether all memory but the result and the scratch memory is as it was. */
  readonly isClean: boolean
}

export const size = (shape: ReadonlyArray<number>): number => shape.reduce((a, b) => a * b, 1)

const GUARD = 64

/** `undefined` where the emitter leaves it to the engine `wasm`. */
export const run = (
  machine: Machine,
  op: Op.Product,
  values: { readonly a: Float32Array; readonly b: Float32Array; readonly bias: Float32Array },
  parts = 1,
  granule = 8
): Result | undefined => {
  const arrays = [op.a, op.b, op.output, ...(op.bias === undefined ? [] : [op.bias])]
  let next = 256
  const places = new Map(
    arrays.map(({ buffer, shape }) => {
      const at = next
      next += Math.ceil((4 * size(shape)) / 64) * 64 + GUARD
      return [buffer, { at, bytes: 4 * size(shape) }] as const
    })
  )
  const scratch = next
  const scratchBytes = Product.scratchBytes(op)
  const memory = new Float32Array((next + scratchBytes + GUARD) / 4).fill(12345)
  const put = (buffer: number, data: Float32Array) =>
    new Uint32Array(memory.buffer).set(
      new Uint32Array(data.buffer, data.byteOffset, data.length),
      (places.get(buffer)?.at ?? 0) / 4
    )
  put(op.a.buffer, values.a)
  put(op.b.buffer, values.b)
  if (op.bias !== undefined) put(op.bias.buffer, values.bias)
  const target = Emitter.target(
    machine,
    (buffer) => places.get(buffer)?.at ?? 0,
    (buffer) => places.get(buffer)?.bytes ?? 0
  )
  const kernel = Product.emit(op, target)
  if (kernel === undefined) return undefined
  const code = Emitter.code(machine.level)
  const { m, n } = Sizes.sizes(op)
  const units = Sizes.splitsRows({ m }) ? m : n
  const cut = (part: number) => Math.min(units, Math.ceil((units * part) / parts / granule) * granule)
  const pieces = Array.from({ length: parts }, (_, part) => ({
    code: kernel,
    start: cut(part),
    end: cut(part + 1),
    scratch
  })).filter(({ end, start }) => end > start)
  const start = Routine.append(code, pieces)
  const addon = Addon.open()
  const placed = addon.place(code.finish(), [start], new Uint8Array(memory.buffer))
  const before = memory.slice()
  for (const call of addon.entries(placed)) call()
  addon.free(placed)
  const at = (places.get(op.output.buffer)?.at ?? 0) / 4
  const count = size(op.output.shape)
  const c = memory.slice(at, at + count)
  memory.fill(0, at, at + count)
  memory.fill(0, scratch / 4, (scratch + scratchBytes) / 4)
  before.fill(0, at, at + count)
  before.fill(0, scratch / 4, (scratch + scratchBytes) / 4)
  return { c, isClean: Buffer.from(memory.buffer).equals(Buffer.from(before.buffer)) }
}
