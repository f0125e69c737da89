/**
 * What machine code is written with, and what a task's code is.
 *
 * **Registers.** The memory begins at the address in `BASE`; code never holds an address of its own. A kernel keeps `BASE`,
 * `rsp` and what lies above it, and may use every other register: the function around the kernels saves those that its
 * caller wants back, loads MXCSR at its beginning and ends with `vzeroupper`. A subroutine (`Code.shared`) is called with
 * arguments in registers of its own choice and keeps the same two.
 */
import type { Buffers, Op } from "../../../plan/index.ts"
import { Assembler, type Gpr, type Label, type Level, rdi } from "../assembly/index.ts"

// models

export const BASE: Gpr = rdi

/** The machine, and where everything lies. */
export interface Target {
  readonly level: Level
  /** Products use fused multiply-add. */
  readonly fused: boolean
  /**
   * The distance from `BASE` of the `bytes` bytes at `offset` of a buffer. Throws a `RangeError` where they are not all the
   * buffer's own: nothing checks an address when code runs, so every range that a loop touches is asked for here.
   */
  readonly range: (buffer: Buffers.BufferId, offset: number, bytes: number) => number
}

/** Machine code that is being written. */
export interface Code {
  readonly assembler: Assembler.Assembler
  /** The subroutine of this key, written once behind all else; equal kernels are shared. */
  readonly shared: (key: string, write: (code: Code) => void) => Label
  /** All bytes; nothing can be added then. */
  readonly finish: () => Uint8Array<ArrayBuffer>
}

/** Units `start` up to, not including, `end`, with scratch memory that begins at a distance from `BASE`. */
export interface Part {
  readonly start: number
  readonly end: number
  readonly scratch: number
}

/** Appends the code of one part. */
export type Kernel = (code: Code, part: Part) => void

/** The code of an operation; `undefined` where there is none and the engine `wasm` does it. */
export type Emitter<T extends Op.Tag> = (op: Op.Of<T>, target: Target) => Kernel | undefined

// constructors

export const code = (level: Level): Code => {
  const assembler = Assembler.make(level)
  const labels = new Map<string, Label>()
  const waiting: Array<{ readonly label: Label; readonly write: (code: Code) => void }> = []
  const self: Code = {
    assembler,
    shared: (key, write) => {
      const known = labels.get(key)
      if (known !== undefined) return known
      const label = assembler.label()
      labels.set(key, label)
      waiting.push({ label, write })
      return label
    },
    finish: () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        assembler.align(64)
        assembler.bind(next.label)
        next.write(self)
      }
      return assembler.bytes()
    }
  }
  return self
}

/** `bytes` are those that a buffer has. */
export const target = (
  machine: Pick<Target, "level" | "fused">,
  address: (buffer: Buffers.BufferId) => number,
  bytesOf: (buffer: Buffers.BufferId) => number
): Target => ({
  ...machine,
  range: (buffer, offset, bytes) => {
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= bytesOf(buffer))) {
      throw new RangeError(
        `${bytes} bytes at ${offset} are not in buffer ${buffer}, which has ${bytesOf(buffer)}`
      )
    }
    return address(buffer) + offset
  }
})
