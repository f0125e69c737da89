/** What code is written with, and what a task's code is. */
import type { Buffers, Op } from "../../../plan/index.ts"
import type { Assembler, Code } from "../assembly/index.ts"
import type * as MathFunctions from "./MathFunctions.ts"

/** The module that is written, and where everything lies. */
export interface Target {
  readonly module: Assembler.Assembler
  readonly math: MathFunctions.MathFunctions
  readonly relaxed: boolean
  readonly address: (buffer: Buffers.BufferId) => number
  /** The function of this key, made at its first request: equal kernels are shared. */
  readonly shared: (key: string, make: () => Assembler.Func) => Assembler.Func
}

/** The call of one part: units `start` up to, not including, `end`, with the thread's own scratch memory. */
export type Part = (start: number, end: number, scratch: number) => Code

/** Writes the code of an operation. `name` is the task's, for those who read the module. */
export type Emitter<T extends Op.Tag> = (op: Op.Of<T>, target: Target, name: string) => Part
