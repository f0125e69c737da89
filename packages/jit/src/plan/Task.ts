/**
 * What a graph is lowered to: tasks that read and write buffers. A task is data: what it computes (`op`), how it may be
 * split among threads, and which bytes each part touches. So the order, the places in memory and the barriers are
 * decided without knowing the machine, and any engine that has code for every `Op` can run what was planned.
 */
import type { BufferId, Reach } from "./Buffers.ts"
import type { Op } from "./Op.ts"

// models

export interface Task {
  readonly name: string
  readonly op: Op
  readonly reads: ReadonlyArray<BufferId>
  readonly writes: ReadonlyArray<BufferId>
  /** Pairs of an output and an input that may share memory: every element is read before it is written. */
  readonly inPlace: ReadonlyArray<readonly [output: BufferId, input: BufferId]>
  /** How long it takes on one thread, roughly, in nanoseconds. */
  readonly cost: number
  /** How many units it can be split into; parts begin at multiples of `granule`. */
  readonly units: number
  readonly granule: number
  /** The bytes that its units touch. */
  readonly reaches: ReadonlyArray<Reach>
  /** Bytes of scratch memory that a part needs. */
  readonly scratch: number
}

// pure core

/**
 * Where part `thread` of `threads` begins. Tasks with equally many units are cut at the same places, so a thread
 * finds what it wrote itself before.
 */
export const cut = (task: Pick<Task, "units" | "granule">, thread: number, threads: number): number =>
  Math.min(task.units, Math.ceil((task.units * thread) / threads / task.granule) * task.granule)
