/**
 * Threads that run a program together: the caller's and workers that share its memory. Workers sleep between calls;
 * inside a call all threads meet at barriers, where they look for each other a little while before they sleep.
 *
 * The control words lie at the beginning of the memory, each on a cache line of its own.
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { EngineError } from "../Engine.ts"
import type * as Assembler from "./Assembler.ts"
import { plus } from "./Idioms.ts"
import { block, br, brIf, type Code, drop, i32, i64, ifElse, type Local, loop, when } from "./Instructions.ts"
import * as Runtime from "./Runtime.ts"

// models

/** Byte addresses of the control words. */
const WORDS = {
  /** Counts the calls; workers wait for its next value. */
  call: 0,
  /** Which program to run. */
  program: 64,
  /** How many workers sleep until the next call. */
  idle: 128,
  /** How many threads have come to the barrier. */
  arrived: 192,
  /** How many barriers have been passed. */
  passed: 256,
  /** How many threads sleep at the barrier. */
  resting: 320,
  /** One once a worker has died. */
  dead: 384
}

/** Memory that belongs to the team. */
export const CONTROL_BYTES = 448

export const MOST_THREADS = 64

/**
 * Rounds of looking for the others before sleeping, if every thread has a core: some 0.2 milliseconds. That is longer
 * than threads that share work wait for each other, and than training takes between two updates; and a caller that
 * sleeps is not only late but allocates (V8 passes the timeout as a bigint).
 */
const SPINS = 200_000

/** Nanoseconds that a caller sleeps before it looks whether the workers are alive. */
const PATIENCE = 50_000_000n

/** How often the caller looks before it gives up on workers that are alive but do nothing: 30 seconds. */
const ROUNDS = 600

/** What a worker is told. */
export interface Job {
  readonly module: Runtime.Module
  readonly memory: Runtime.Memory
  /** The exported loop that it runs. */
  readonly serve: string
  /** The word to set when it ends. */
  readonly dead: number
}

/** The synchronisation code of a module that is being written. */
export interface Synchronisation {
  /** Waits for all threads. */
  readonly barrier: (thread: number) => Code
  /** Exports the programs, each given as one body per thread that takes part. */
  readonly expose: (programs: ReadonlyArray<ReadonlyArray<Code>>) => void
}

export interface Team {
  /** Runs program number `index` on all threads. */
  readonly program: (index: number) => () => void
  /** Throws an `EngineError` if the team cannot run any more. */
  readonly check: () => void
  readonly dispose: () => void
  readonly workers: ReadonlyArray<Worker>
}

// pure core: code

const programName = (index: number): string => `program ${index}`
const serveName = (thread: number): string => `serve ${thread}`

const word = (name: keyof typeof WORDS): Code => i32.atomicLoad(i32.const(0), WORDS[name])
const change = (name: keyof typeof WORDS, by: number): Code =>
  i32.atomicAdd(i32.const(0), i32.const(by), WORDS[name])
const wake = (name: keyof typeof WORDS, sleepers: keyof typeof WORDS): Code =>
  when(word(sleepers), drop(i32.atomicNotify(i32.const(0), i32.const(MOST_THREADS), WORDS[name])))

/** Until the word is not `value`: looks `spins` times, then sleeps, counted among `sleepers`. */
const waitWhile = (
  name: keyof typeof WORDS,
  value: Local,
  sleepers: keyof typeof WORDS,
  left: Local,
  spins: number,
  stalled: Code | undefined
): Code => {
  const timeout = i64.const(stalled === undefined ? -1n : PATIENCE)
  const sleep = i32.atomicWait(i32.const(0), value.get, timeout, WORDS[name])
  return block(
    left.set(i32.const(spins)),
    loop(brIf(1, i32.ne(word(name), value.get)), left.set(plus(left.get, -1)), brIf(0, left.get)),
    drop(change(sleepers, 1)),
    loop(
      stalled === undefined ? drop(sleep) : when(i32.eq(sleep, i32.const(2)), stalled),
      brIf(0, i32.eq(word(name), value.get))
    ),
    drop(change(sleepers, -1))
  )
}

/** Begins a module's code; must come before all other functions. */
export const define = (module: Assembler.Assembler, threads: number): Synchronisation => {
  const spins = threads <= availableParallelism() ? SPINS : 1
  const stalled = threads > 1 ? module.declare("stalled", [], []).call() : []
  const barrierOf = (thread: number) =>
    module.define(`barrier ${thread}`, [], [], (scope) => {
      const [passed, left] = [scope.local("i32"), scope.local("i32")]
      return [
        passed.set(word("passed")),
        ifElse(
          i32.eq(change("arrived", 1), i32.const(threads - 1)),
          [
            i32.atomicStore(i32.const(0), i32.const(0), WORDS.arrived),
            drop(change("passed", 1)),
            wake("passed", "resting")
          ],
          waitWhile("passed", passed, "resting", left, spins, thread === 0 ? stalled : undefined)
        )
      ]
    })
  const barriers = threads > 1 ? [barrierOf(0), barrierOf(1)] : []
  const barrier = (thread: number): Code => barriers[Math.min(thread, 1)]?.call() ?? []

  return {
    barrier,
    expose: (programs) => {
      const parts = programs.map((bodies, index) =>
        bodies.map((body, thread) => {
          const together = bodies.length > 1
          const start =
            together && thread === 0
              ? [
                  i32.atomicStore(i32.const(0), i32.const(index), WORDS.program),
                  drop(change("call", 1)),
                  wake("call", "idle")
                ]
              : []
          return module.define(`${programName(index)}.${thread}`, [], [], () => [
            start,
            body,
            together ? barrier(thread) : []
          ])
        })
      )
      parts.forEach(([first], index) => {
        if (first !== undefined) module.expose(programName(index), first)
      })
      for (let thread = 1; thread < threads; thread++) {
        const serve = module.define(serveName(thread), [], [], (scope) => {
          const [seen, left, program] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
          return loop(
            waitWhile("call", seen, "idle", left, spins, undefined),
            seen.set(word("call")),
            // Once a call: after its part the word may already name the next call's program.
            program.set(word("program")),
            parts.map((bodies, index) => {
              const part = bodies[thread]
              return part === undefined ? [] : when(i32.eq(program.get, i32.const(index)), part.call())
            }),
            br(0)
          )
        })
        module.expose(serveName(thread), serve)
      }
    }
  }
}

// constructors

const gone = (reason: string, cause?: unknown): EngineError =>
  new EngineError({
    engine: "wasm",
    reason,
    fix: "Link the programs again from the last saved state; with threads: 1 there are no workers",
    cause
  })

/** The file of the worker's code, next to this one: source or compiled. */
const workerFile = () =>
  new URL(`./TeamWorker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)

/** Links the module for the caller and starts the workers; they do not keep the process alive. */
export const start = (module: Runtime.Module, memory: Runtime.Memory, threads: number): Team => {
  const control = new Int32Array(memory.buffer, 0, CONTROL_BYTES / 4)
  const dead = WORDS.dead / 4
  let disposed = false
  let rounds = 0
  let cause: unknown

  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const job: Job = { module, memory, serve: serveName(i + 1), dead: WORDS.dead }
    const worker = new Worker(workerFile(), { name: `ornstein ${i + 1}`, workerData: job, execArgv: [] })
    worker.unref()
    worker.on("error", (error) => {
      cause = error
    })
    worker.on("exit", () => Atomics.store(control, dead, 1))
    return worker
  })
  const stop = () => {
    for (const worker of workers) void worker.terminate()
  }
  const check = () => {
    if (disposed) {
      throw new EngineError({
        engine: "wasm",
        reason: "the program was called after it had been disposed",
        fix: "Dispose it when nothing uses it any more"
      })
    }
    if (threads > 1 && Atomics.load(control, dead) !== 0) {
      stop()
      throw gone("a worker thread died", cause)
    }
  }
  const stalled = () => {
    check()
    rounds += 1
    if (rounds > ROUNDS) {
      Atomics.store(control, dead, 1)
      stop()
      throw gone("a worker thread did not answer for 30 seconds")
    }
    return 0
  }
  const exports = Runtime.instantiate(module, memory, threads > 1 ? { stalled } : {})
  return {
    workers,
    check,
    program: (index) => {
      const run = exports[programName(index)]
      return () => {
        check()
        rounds = 0
        run?.()
      }
    },
    dispose: () => {
      disposed = true
      stop()
    }
  }
}
