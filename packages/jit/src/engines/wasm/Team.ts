/**
 * Threads that run a program together: the caller's and workers that share its memory. Workers sleep between calls;
 * inside a call all threads meet at barriers, where they look for each other a little while before they sleep. Every
 * step of that is in `Protocol`.
 *
 * The control words lie at the beginning of the memory, each on a cache line of its own.
 */
import { EngineError } from "../../Engine.ts"
import { Threads } from "../../host/index.ts"
import {
  type Assembler,
  block,
  br,
  brIf,
  type Code,
  drop,
  forRange,
  i32,
  i64,
  ifElse,
  type Local,
  loop,
  plus,
  when
} from "./assembly/index.ts"
import type * as Foreign from "./Foreign.ts"
import * as Protocol from "./Protocol.ts"
import * as Runtime from "./Runtime.ts"

// models

/** Byte addresses of the control words. */
const WORDS: { readonly [W in Protocol.Word]: number } = {
  call: 0,
  program: 64,
  idle: 128,
  arrived: 192,
  passed: 256,
  resting: 320
}

/** The byte address of the word that is one once a worker has died. */
const DEAD = 384

export const MOST_THREADS = 64

/** Where the words begin that say, by thread, which foreign function is called. */
const CALLED = 448

/** Memory that belongs to the team. */
export const CONTROL_BYTES = CALLED + 64 * MOST_THREADS

/** The byte addresses of the words in which threads find the numbers of the functions that they call. */
export const wordsOf = (threads: number): ReadonlyArray<number> =>
  Array.from({ length: threads }, (_, thread) => CALLED + 64 * thread)

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

/**
 * How often a foreign entry is called for nothing before the first call: V8 calls an imported function by way of code that
 * allocates 24 bytes, 1,000 times for each import of each instance, and then compiles code for it.
 */
const WARMING = 1_100

/** The synchronisation code of a module that is being written. */
export interface Synchronisation {
  /** Calls the foreign function of that number. */
  readonly enter: (thread: number, index: number) => Code
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
  readonly workers: ReadonlyArray<Threads.Thread>
}

// pure core: code

const zero = i32.const(0)

const programName = (index: number): string => `program ${index}`
const serveName = (thread: number): string => `serve ${thread}`
const ENTER = "enter"
const WARM = "warm"

/** What the code of a thread's steps needs besides them. */
interface Writer {
  readonly scope: Assembler.Scope
  /** How often it looks before it sleeps. */
  readonly spins: number
  /** What it does where it has slept for a while in vain; without this it sleeps on. */
  readonly stalled: Code | undefined
  /** The thread's part of each program, if it takes part in it. */
  readonly parts: ReadonlyArray<Assembler.Func | undefined>
}

/** The code of the steps of one thread. */
const write = (steps: Protocol.Steps, { parts, scope, spins, stalled }: Writer): Code => {
  const variables = new Map<Protocol.Variable, Local>()
  const variable = (name: Protocol.Variable): Local => {
    const known = variables.get(name) ?? scope.local("i32")
    variables.set(name, known)
    return known
  }
  const left = scope.local("i32")
  const value = (of: Protocol.Value): Code => (typeof of === "number" ? i32.const(of) : variable(of).get)

  const sleep = (word: Protocol.Word, of: Code): Code =>
    stalled === undefined
      ? drop(i32.atomicWait(zero, of, i64.const(-1n), WORDS[word]))
      : when(i32.eq(i32.atomicWait(zero, of, i64.const(PATIENCE), WORDS[word]), i32.const(2)), stalled)

  const code = (step: Protocol.Step): Code => {
    switch (step.kind) {
      case "load":
        return variable(step.to).set(i32.atomicLoad(zero, WORDS[step.word]))
      case "store":
        return i32.atomicStore(zero, i32.const(step.value), WORDS[step.word])
      case "add": {
        const before = i32.atomicAdd(zero, i32.const(step.by), WORDS[step.word])
        return step.to === undefined ? drop(before) : variable(step.to).set(before)
      }
      case "wake":
        return drop(i32.atomicNotify(zero, i32.const(MOST_THREADS), WORDS[step.word]))
      case "look":
        return block(
          left.set(i32.const(spins)),
          loop(
            brIf(1, i32.ne(i32.atomicLoad(zero, WORDS[step.word]), value(step.value))),
            left.set(plus(left.get, -1)),
            brIf(0, left.get)
          ),
          step.whileEqual.map(code)
        )
      case "sleep":
        return loop(
          sleep(step.word, value(step.value)),
          brIf(0, i32.eq(i32.atomicLoad(zero, WORDS[step.word]), value(step.value)))
        )
      case "if":
        return ifElse(
          i32.eq(variable(step.variable).get, value(step.equals)),
          step.whenEqual.map(code),
          step.otherwise.map(code)
        )
      case "run": {
        const { index: own } = step
        return parts.map((part, index) =>
          part === undefined ? [] : when(i32.eq(value(own), i32.const(index)), part.call())
        )
      }
      case "forever":
        return loop(step.steps.map(code), br(0))
    }
  }
  return steps.map(code)
}

/** Begins a module's code; must come before all other functions. `foreign`: it has functions that are not its own. */
export const define = (module: Assembler.Assembler, threads: number, foreign = false): Synchronisation => {
  const spins = threads <= Threads.cores() ? SPINS : 1
  const entry = foreign ? module.declare(ENTER, [], []).call() : []
  const stalled = threads > 1 ? module.declare("stalled", [], []).call() : []
  const follow = (
    name: string,
    thread: number,
    steps: Protocol.Steps,
    parts: ReadonlyArray<Assembler.Func | undefined> = []
  ) =>
    module.define(name, [], [], (scope) =>
      write(steps, { scope, spins, stalled: thread === 0 ? stalled : undefined, parts })
    )
  const barriers =
    threads > 1 ? [0, 1].map((thread) => follow(`barrier ${thread}`, thread, Protocol.barrier(threads))) : []
  const barrier = (thread: number): Code => barriers[Math.min(thread, 1)]?.call() ?? []

  return {
    barrier,
    enter: (thread, index) => [i32.store(zero, i32.const(index + 1), wordsOf(threads)[thread]), entry],
    expose: (programs) => {
      if (foreign) {
        const warm = module.define(WARM, [], [], (scope) =>
          forRange(scope.local("i32"), zero, i32.const(WARMING), 1, entry)
        )
        module.expose(WARM, warm)
      }
      const parts = programs.map((bodies, index) => {
        const together = bodies.length > 1
        const announce = together ? follow(`announce ${index}`, 0, Protocol.announce(index)).call() : []
        return bodies.map((body, thread) =>
          module.define(`${programName(index)}.${thread}`, [], [], () => [
            thread === 0 ? announce : [],
            body,
            together ? barrier(thread) : []
          ])
        )
      })
      parts.forEach(([first], index) => {
        if (first !== undefined) module.expose(programName(index), first)
      })
      for (let thread = 1; thread < threads; thread++) {
        const own = parts.map((bodies) => bodies[thread])
        module.expose(serveName(thread), follow(serveName(thread), thread, Protocol.serve, own))
      }
    }
  }
}

// constructors

const gone = (engine: string, reason: string, cause?: unknown): EngineError =>
  new EngineError({
    engine,
    reason,
    fix: "Link the programs again from the last saved state; with threads: 1 there are no workers",
    cause
  })

/** A worker's life: its part of every call. Its loop has no end, so where it ends, it has failed: the caller looks there. */
const WORKER = `const run = ({ module, memory, thread, serve, dead, foreign }, answer) => {
  try {
    const enter = foreign === undefined ? () => {} : open(foreign, memory)[thread]
    const env = { memory, stalled: () => 0, ${ENTER}: enter }
    const { exports } = new WebAssembly.Instance(module, { env })
    exports.${WARM}?.()
    answer()
    exports[serve]()
  } finally {
    Atomics.store(new Int32Array(memory.buffer), dead, 1)
  }
}`

export interface Options {
  /** The engine's name, for errors. */
  readonly engine: string
  readonly threads: number
  /** What the module imports. */
  readonly loaded?: Foreign.Loaded | undefined
}

/** Workers that begin, and what the caller's part of the module needs. */
interface Crew {
  /** What the caller's instance of the module imports. */
  readonly functions: Runtime.Functions
  readonly team: (exports: Runtime.Exports) => Team
  /** Resolved once every worker has answered, which keeps the process alive; rejected with an `EngineError`. */
  readonly answered: () => Promise<void>
  readonly dispose: () => void
}

/** Milliseconds that a worker has for its first answer. */
const LATEST = 30_000

const SILENT = "a worker thread did not answer for 30 seconds"

/** Starts the workers. */
const recruit = (
  module: Runtime.Module,
  memory: Runtime.Memory,
  { engine, loaded, threads }: Options
): Crew => {
  const control = new Int32Array(memory.buffer, 0, CONTROL_BYTES / 4)
  const dead = DEAD / 4
  // Whoever can call the programs holds what they are linked with.
  const life = { isDisposed: false, loaded }
  let rounds = 0
  let cause: unknown
  let answers = 0
  /** Told of each answer and of each end. */
  let heard = () => {}

  const workers = Array.from({ length: threads - 1 }, (_, i) =>
    Threads.start({
      name: `ornstein ${i + 1}`,
      code: `${loaded?.worker?.code ?? ""}\n${WORKER}`,
      given: { module, memory, thread: i + 1, serve: serveName(i + 1), dead, foreign: loaded?.worker?.given },
      onError: (error) => {
        cause = error
      },
      onAnswer: () => {
        answers += 1
        heard()
      },
      onEnd: () => {
        Atomics.store(control, dead, 1)
        heard()
      }
    })
  )
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()))
  const check = () => {
    if (life.isDisposed) {
      throw new EngineError({
        engine,
        reason: "the program was called after it had been disposed",
        fix: "Dispose it when nothing uses it any more"
      })
    }
    if (threads > 1 && Atomics.load(control, dead) !== 0) {
      void stop()
      throw gone(engine, "a worker thread died", cause)
    }
  }
  const stalled = () => {
    check()
    rounds += 1
    if (rounds > ROUNDS) {
      Atomics.store(control, dead, 1)
      void stop()
      throw gone(engine, SILENT)
    }
    return 0
  }
  const answered = async () => {
    const { promise, reject, resolve } = Promise.withResolvers<void>()
    // It also keeps the process alive, which the workers do not.
    const timer = setTimeout(() => reject(gone(engine, SILENT)), LATEST)
    heard = () => {
      if (Atomics.load(control, dead) !== 0) reject(gone(engine, "a worker thread died", cause))
      else if (answers === workers.length) resolve()
    }
    heard()
    await promise.finally(() => clearTimeout(timer))
  }
  const dispose = () => {
    if (life.isDisposed) return
    life.isDisposed = true
    // A worker may still be in the middle of its part.
    if (threads === 1) loaded?.dispose()
    else void stop().then(() => loaded?.dispose())
  }
  return {
    functions: {
      ...(threads > 1 ? { stalled } : {}),
      [ENTER]: loaded?.entries[0] ?? (() => {})
    },
    answered,
    dispose,
    team: (exports) => {
      exports[WARM]?.()
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
        dispose
      }
    }
  }
}

/** Links the module for the caller and starts the workers. */
export const start = (module: Runtime.Module, memory: Runtime.Memory, options: Options): Team => {
  const { functions, team } = recruit(module, memory, options)
  return team(Runtime.instantiate(module, memory, functions))
}

/**
 * The same beside the caller. Every worker has answered when it is resolved, so that the caller may block: in a browser
 * a worker's messages wait for their maker. Rejected with an `EngineError` where a worker dies or stays silent.
 */
export const startAsync = async (
  module: Runtime.Module,
  memory: Runtime.Memory,
  options: Options
): Promise<Team> => {
  const { answered, dispose, functions, team } = recruit(module, memory, options)
  try {
    const [exports] = await Promise.all([Runtime.instantiateAsync(module, memory, functions), answered()])
    return team(exports)
  } catch (cause) {
    dispose()
    throw cause
  }
}
