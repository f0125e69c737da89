/** What a plan must know of the machine that will run it. Each engine that runs plans gives one of its own. */
import type { Op } from "./Op.ts"

export interface Machine {
  /** The engine's name, for errors. */
  readonly engine: string
  /** How long an operation takes on one thread, roughly, in nanoseconds; it decides what is shared, never bits. */
  readonly cost: (op: Op) => number
  /** Parts of a divided operation begin at multiples of this many units. */
  readonly granule: (op: Op) => number
  /** Bytes of scratch memory that a part of the operation needs. */
  readonly scratch: (op: Op) => number
  /** Bytes at the beginning of the memory that belong to the engine. */
  readonly reserved: number
  /** The most bytes that the memory can have. */
  readonly mostBytes: number
}
