/**
 * Code that is not WebAssembly, for some of the tasks of a module. It shares plan, memory, threads and barriers with the
 * engine's own: what follows each other in a phase of a thread is one function, which the module imports.
 */
import type { Layout, Machine, Task } from "../../plan/index.ts"
import type { Memory } from "./Runtime.ts"

// models

/** Units `start` up to, not including, `end` of a task, with the scratch memory that begins at `scratch`. */
export interface Piece<C> {
  readonly code: C
  readonly start: number
  readonly end: number
  readonly scratch: number
}

/** What one call does: pieces, one after the other. */
export type Pieces<C> = ReadonlyArray<Piece<C>>

/** A script that defines `open`: what is given, and the memory, to the entries in a worker. */
export interface Script {
  readonly code: string
  readonly given: object
}

/** Functions that can be called. */
export interface Loaded {
  /** By thread: what runs the function whose number, counted from 1, is in the thread's word of the memory; 0 is none. */
  readonly entries: ReadonlyArray<() => void>
  /** How a worker gets them. */
  readonly worker?: Script
  /** Called when no thread can call them any more. */
  readonly dispose: () => void
}

/** A generator of such code. `C` is what it makes of a task. */
export interface Foreign<C> {
  /** The engine's name, with this code in it. */
  readonly name: string
  readonly machine: Machine.Machine
  /** The code of a task, wherever its parts begin; `undefined` where WebAssembly does it. */
  readonly emit: (task: Task.Task, placed: Layout.Placed) => C | undefined
  /** `words` are the byte addresses of the words in which the threads find the numbers of functions. */
  readonly load: (functions: ReadonlyArray<Pieces<C>>, memory: Memory, words: ReadonlyArray<number>) => Loaded
}

/** What a thread does: a task's part in WebAssembly, or the function of that number. */
export type Step =
  | { readonly kind: "own"; readonly task: number; readonly start: number; readonly end: number }
  | { readonly kind: "foreign"; readonly index: number }

export interface Division<C> {
  /** The steps of every phase, by thread, by program. */
  readonly programs: ReadonlyArray<ReadonlyArray<ReadonlyArray<ReadonlyArray<Step>>>>
  readonly functions: ReadonlyArray<Pieces<C>>
}

// pure core

/** Who does what: parts that follow each other and have such code are one function. */
export const divide = <C>(
  { programs, scratch }: Layout.Layout,
  emit: (task: Task.Task, placed: Layout.Placed) => C | undefined
): Division<C> => {
  const functions: Array<Array<Piece<C>>> = []
  return {
    functions,
    programs: programs.map((placed) => {
      const { ordered, schedule } = placed
      const codes = ordered.tasks.map((task) => emit(task, placed))
      return Array.from({ length: schedule.threads }, (_, thread) =>
        schedule.phases.map((phase) => {
          const steps: Array<Step> = []
          for (const { parts, task } of phase) {
            const code = codes[task]
            for (const { end, start, thread: whose } of parts) {
              if (whose !== thread) continue
              if (code === undefined) {
                steps.push({ kind: "own", task, start, end })
                continue
              }
              const piece = { code, start, end, scratch: scratch[thread] ?? 0 }
              if (steps.at(-1)?.kind === "foreign") functions.at(-1)?.push(piece)
              else steps.push({ kind: "foreign", index: functions.push([piece]) - 1 })
            }
          }
          return steps
        })
      )
    })
  }
}
