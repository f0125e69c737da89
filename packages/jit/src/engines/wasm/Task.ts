/**
 * What a graph is lowered to: tasks that read and write buffers. A task knows how to write its own WebAssembly, how
 * it may be split among threads, and which bytes each part touches; so the order, the places in memory and the
 * barriers can be decided without knowing what it computes.
 */
import type * as Assembler from "./Assembler.ts"
import type { Code } from "./Instructions.ts"
import type * as MathFunctions from "./MathFunctions.ts"

// models

/** The index of a buffer in its program. */
export type BufferId = number

/** Bytes `from` up to, not including, `to` of a buffer. */
export interface Span {
  readonly buffer: BufferId
  readonly from: number
  readonly to: number
  readonly write: boolean
}

/** What code may be written with: the module, and where everything is. */
export interface Target {
  readonly module: Assembler.Assembler
  readonly math: MathFunctions.MathFunctions
  readonly relaxed: boolean
  readonly address: (buffer: BufferId) => number
  /** The function of this key, made at its first request: equal kernels are shared. */
  readonly shared: (key: string, make: () => Assembler.Func) => Assembler.Func
}

/** The call of one part: units `start` up to, not including, `end`, with the thread's own scratch memory. */
export type Part = (start: number, end: number, scratch: number) => Code

export interface Task {
  readonly name: string
  readonly reads: ReadonlyArray<BufferId>
  readonly writes: ReadonlyArray<BufferId>
  /** Pairs of an output and an input that may share memory: every element is read before it is written. */
  readonly inPlace: ReadonlyArray<readonly [output: BufferId, input: BufferId]>
  /** How long it takes on one thread, roughly, in nanoseconds. */
  readonly cost: number
  /** How many units it can be split into; parts begin at multiples of `granule`. */
  readonly units: number
  readonly granule: number
  readonly spans: (start: number, end: number) => ReadonlyArray<Span>
  /** Bytes of scratch memory that a part needs. */
  readonly scratch: number
  readonly emit: (target: Target) => Part
}

// pure core

/**
 * Where part `thread` of `threads` begins. Tasks with equally many units are cut at the same places, so a thread
 * finds what it wrote itself before.
 */
export const cut = (task: Pick<Task, "units" | "granule">, thread: number, threads: number): number =>
  Math.min(task.units, Math.ceil((task.units * thread) / threads / task.granule) * task.granule)
