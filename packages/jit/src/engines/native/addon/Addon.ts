/**
 * What the engine asks of the addon of a thread. The face of this room has `open(): Addon`, the one of this thread, which
 * throws an `EngineError` where machine code cannot be run; and `worker(handle, starts)`, a `Foreign.Script` whose `open`
 * gives the entries in a worker, with an addon that it loads itself.
 */
import type { Level } from "../assembly/index.ts"

// models

/** Code that was placed in executable memory, of all threads. */
export type Handle = number

export interface Addon {
  /** The processor's best level. */
  readonly level: Level
  /** Copies the code, which begins at a multiple of 64 bytes there, and makes it executable. */
  readonly place: (code: Uint8Array) => Handle
  /** A function that calls the code at that distance from its beginning, with the address of the memory in `rdi`. */
  readonly entry: (handle: Handle, start: number, memory: Uint8Array) => () => void
  /** Nobody may call the code any more. */
  readonly free: (handle: Handle) => void
}
