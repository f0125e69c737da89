/**
 * Every order in which threads can take the steps of `Protocol`: a breadth-first search through the states of a caller
 * and its workers, each state once. The caller calls any of the programs, again and again; as counters are only
 * compared with copies of themselves, states take them relative to each other, and there are finitely many: what is
 * found holds for any number of calls in any order.
 *
 * Memory is sequentially consistent, as that of WebAssembly's atomic instructions is. Time wakes no sleeper, so a lost
 * wake-up is a deadlock here.
 *
 * What threads do between the steps is work: a program consists of phases with a barrier behind each, and between two
 * calls the caller works alone (it writes inputs and reads outputs). A work ends with the step behind it. No thread may
 * begin a work that is not its next, or one before all threads have finished those before it.
 */
import type * as Protocol from "@ornstein/jit/internal/engines/wasm/Protocol"

// models

export interface Steps {
  readonly barrier: (threads: number) => Protocol.Steps
  readonly announce: (index: number) => Protocol.Steps
  readonly serve: Protocol.Steps
}

/** By program: how many phases it has, and whether all threads run it. */
export type Programs = ReadonlyArray<{ readonly phases: number; readonly together: boolean }>

export interface Scenario {
  readonly threads: number
  readonly programs: Programs
}

export interface Finding {
  readonly states: number
  /** What can go wrong, and the steps that lead to it, one for each line: thread, step. */
  readonly fault?: { readonly what: string; readonly steps: ReadonlyArray<string> }
}

/** Steps and works of one thread in a row, with jumps. */
type Instruction =
  | Exclude<Protocol.Step, { readonly kind: "look" | "if" | "run" | "forever" }>
  | {
      readonly kind: "jumpUnless"
      readonly variable: Protocol.Variable
      readonly equals: Protocol.Value
      to: number
    }
  /** One look at the word; more of them find the same or the difference. */
  | {
      readonly kind: "jumpIfChanged"
      readonly word: Protocol.Word
      readonly value: Protocol.Variable
      to: number
    }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "work"; readonly of: Work }
  /** The caller's: it calls one of the programs, whose parts begin at these places. */
  | { readonly kind: "call"; readonly starts: ReadonlyArray<number> }

type Instructions = ReadonlyArray<Instruction>

/** A phase of a program; behind its last phase comes what the caller does alone until the next call. */
interface Work {
  readonly program: number
  readonly phase: number
}

const WORDS: ReadonlyArray<Protocol.Word> = ["call", "program", "idle", "arrived", "passed", "resting"]
const VARIABLES: ReadonlyArray<Protocol.Variable> = ["seen", "index", "passed", "others", "sleepers"]

/** Words that only grow, with the variable that copies of them are in. */
const COUNTERS = [
  { word: "call", copy: "seen" },
  { word: "passed", copy: "passed" }
] as const

// pure core: instructions

type Item = Protocol.Step | Work

/** Appends the instructions of the items; `parts` are those of each program. */
const append = (
  out: Array<Instruction>,
  items: ReadonlyArray<Item>,
  parts: ReadonlyArray<ReadonlyArray<Item>>
): void => {
  const all = (inner: ReadonlyArray<Item>) => append(out, inner, parts)
  for (const item of items) {
    if ("phase" in item) {
      out.push({ kind: "work", of: item })
      continue
    }
    switch (item.kind) {
      case "look": {
        const jump = { kind: "jumpIfChanged" as const, word: item.word, value: item.value, to: 0 }
        out.push(jump)
        all(item.whileEqual)
        jump.to = out.length
        break
      }
      case "if": {
        const unless = {
          kind: "jumpUnless" as const,
          variable: item.variable,
          equals: item.equals,
          to: 0
        }
        const over = { kind: "jump" as const, to: 0 }
        out.push(unless)
        all(item.whenEqual)
        out.push(over)
        unless.to = out.length
        all(item.otherwise)
        over.to = out.length
        break
      }
      case "run": {
        const { index } = item
        parts.forEach((part, program) => {
          if (typeof index === "number") {
            if (index === program) all(part)
            return
          }
          const unless = { kind: "jumpUnless" as const, variable: index, equals: program, to: 0 }
          out.push(unless)
          all(part)
          unless.to = out.length
        })
        break
      }
      case "forever": {
        const start = out.length
        all(item.steps)
        out.push({ kind: "jump", to: start })
        break
      }
      default:
        out.push(item)
    }
  }
}

const partsOf = ({ barrier }: Steps, { programs, threads }: Scenario): ReadonlyArray<ReadonlyArray<Item>> =>
  programs.map(({ phases, together }, program) =>
    Array.from(
      { length: phases },
      (_, phase): ReadonlyArray<Item> => [{ program, phase }, ...(together ? barrier(threads) : [])]
    ).flat()
  )

const callerOf = (steps: Steps, scenario: Scenario): Instructions => {
  const starts: Array<number> = []
  const out: Array<Instruction> = [{ kind: "call", starts }]
  partsOf(steps, scenario).forEach((part, program) => {
    const { phases = 0, together = false } = scenario.programs[program] ?? {}
    starts.push(out.length)
    append(out, [...(together ? steps.announce(program) : []), ...part, { program, phase: phases }], [])
    out.push({ kind: "jump", to: 0 })
  })
  return out
}

const workerOf = (steps: Steps, scenario: Scenario): Instructions => {
  const out: Array<Instruction> = []
  const parts = partsOf(steps, scenario)
  append(
    out,
    steps.serve,
    parts.map((part, program) => (scenario.programs[program]?.together === true ? part : []))
  )
  return out
}

const usesOf = (instruction: Instruction): ReadonlyArray<Protocol.Value> => {
  switch (instruction.kind) {
    case "jumpUnless":
      return [instruction.variable, instruction.equals]
    case "jumpIfChanged":
    case "sleep":
      return [instruction.value]
    default:
      return []
  }
}

const followersOf = (instruction: Instruction, at: number): ReadonlyArray<number> => {
  switch (instruction.kind) {
    case "jump":
      return [instruction.to]
    case "jumpUnless":
    case "jumpIfChanged":
      return [at + 1, instruction.to]
    case "call":
      return instruction.starts
    default:
      return [at + 1]
  }
}

/** For each instruction the variables that may still be read from it on. */
const liveOf = (code: Instructions): ReadonlyArray<ReadonlySet<Protocol.Value>> => {
  const live = code.map((instruction) => new Set(usesOf(instruction)))
  for (let changed = true; changed; ) {
    changed = false
    code.forEach((instruction, at) => {
      const written = "to" in instruction ? instruction.to : undefined
      for (const follower of followersOf(instruction, at)) {
        for (const name of live[follower] ?? []) {
          if (name === written || live[at]?.has(name) === true) continue
          live[at]?.add(name)
          changed = true
        }
      }
    })
  }
  return live
}

// pure core: states

/** Numbers of a state: the words, the program that was called last, and for each thread what follows. */
const PROGRAM = WORDS.length
const FIRST_THREAD = PROGRAM + 1
const PC = 0
const IS_ASLEEP = 1
const IS_WORKING = 2
/** The phase that it must begin next, or is in. */
const NEXT = 3
const FIRST_VARIABLE = 4
const PER_THREAD = FIRST_VARIABLE + VARIABLES.length

// constructors

/** Looks for a fault of the protocol in every order of steps. */
export const explore = (steps: Steps, scenario: Scenario): Finding => {
  const { programs, threads } = scenario
  const all = Array.from({ length: threads }, (_, thread) => thread)
  const [caller, worker] = [callerOf(steps, scenario), workerOf(steps, scenario)]
  const code = all.map((thread) => (thread === 0 ? caller : worker))
  const [callerLive, workerLive] = [liveOf(caller), liveOf(worker)]
  const live = all.map((thread) => (thread === 0 ? callerLive : workerLive))

  const of = (thread: number): number => FIRST_THREAD + PER_THREAD * thread
  const wordAt = (word: Protocol.Word): number => WORDS.indexOf(word)
  const variableAt = (thread: number, name: Protocol.Variable): number =>
    of(thread) + FIRST_VARIABLE + VARIABLES.indexOf(name)
  const instruction = (state: Uint8Array, thread: number): Instruction =>
    code[thread]![state[of(thread) + PC]!]!

  const nameOf = ({ phase, program }: Work): string =>
    phase === programs[program]?.phases
      ? `what follows program ${program}`
      : `phase ${phase} of program ${program}`

  /** What the thread has to do once phase `phase` of the program is done: workers only phases that all run. */
  const nextOf = (thread: number, program: number, phase: number): number => {
    const { phases, together } = programs[program]!
    return thread === 0 || (together && phase < phases) ? phase : phases + 1
  }
  const finish = (state: Uint8Array, thread: number): void => {
    const at = of(thread)
    if (state[at + IS_WORKING] === 0) return
    state[at + IS_WORKING] = 0
    state[at + NEXT] = nextOf(thread, state[PROGRAM]!, state[at + NEXT]! + 1)
  }
  const begin = (state: Uint8Array, thread: number, work: Work): string | undefined => {
    const at = of(thread)
    const [program, next] = [state[PROGRAM]!, state[at + NEXT]!]
    if (work.program !== program || work.phase !== next) {
      const due = next > programs[program]!.phases ? "nothing" : nameOf({ program, phase: next })
      return `thread ${thread} begins ${nameOf(work)} where ${due} is next`
    }
    const behind = all.find((other) => state[of(other) + NEXT]! < next)
    if (behind !== undefined) {
      const open = nameOf({ program, phase: state[of(behind) + NEXT]! })
      return `thread ${thread} begins ${nameOf(work)} before thread ${behind} has finished ${open}`
    }
    state[at + IS_WORKING] = 1
    return undefined
  }

  /** Does what no other thread can come between, up to the next step. */
  const advance = (state: Uint8Array, thread: number): string | undefined => {
    const at = of(thread) + PC
    const value = (v: Protocol.Value): number => (typeof v === "number" ? v : state[variableAt(thread, v)]!)
    for (;;) {
      const now = instruction(state, thread)
      switch (now.kind) {
        case "jump":
          state[at] = now.to
          break
        case "jumpUnless":
          state[at] = value(now.variable) === value(now.equals) ? state[at]! + 1 : now.to
          break
        case "work": {
          finish(state, thread)
          const fault = begin(state, thread, now.of)
          if (fault !== undefined) return fault
          state[at] = state[at]! + 1
          break
        }
        default:
          return undefined
      }
    }
  }

  /** Counters relative to each other, and nothing of what is never read again. */
  const normalize = (state: Uint8Array): void => {
    for (const thread of all) {
      for (const name of VARIABLES) {
        if (live[thread]![state[of(thread) + PC]!]!.has(name)) continue
        state[variableAt(thread, name)] = 0
      }
    }
    for (const { copy, word } of COUNTERS) {
      const by = state[wordAt(word)]!
      if (by === 0) continue
      state[wordAt(word)] = 0
      for (const thread of all) {
        if (!live[thread]![state[of(thread) + PC]!]!.has(copy)) continue
        state[variableAt(thread, copy)] = state[variableAt(thread, copy)]! - by
      }
    }
  }

  /** The states after a step of the thread: one, but one for each program where the caller calls. */
  const step = (before: Uint8Array, thread: number): ReadonlyArray<Uint8Array> => {
    const now = instruction(before, thread)
    const at = of(thread)
    const state = before.slice()
    finish(state, thread)
    if (now.kind === "call") {
      return now.starts.map((start, program) => {
        const called = state.slice()
        called[PROGRAM] = program
        called[at + PC] = start
        for (const each of all) called[of(each) + NEXT] = nextOf(each, program, 0)
        return called
      })
    }
    let next = state[at + PC]! + 1
    switch (now.kind) {
      case "load":
        state[variableAt(thread, now.to)] = state[wordAt(now.word)]!
        break
      case "store":
        state[wordAt(now.word)] = now.value
        break
      case "add":
        if (now.to !== undefined) state[variableAt(thread, now.to)] = state[wordAt(now.word)]!
        state[wordAt(now.word)] = state[wordAt(now.word)]! + now.by
        break
      case "wake":
        for (const other of all) {
          const sleeping = instruction(state, other)
          if (sleeping.kind === "sleep" && sleeping.word === now.word) state[of(other) + IS_ASLEEP] = 0
        }
        break
      case "sleep":
        if (state[wordAt(now.word)] === state[variableAt(thread, now.value)]) {
          state[at + IS_ASLEEP] = 1
          next = state[at + PC]!
        }
        break
      case "jumpIfChanged":
        if (state[wordAt(now.word)] !== state[variableAt(thread, now.value)]) next = now.to
        break
      default:
    }
    state[at + PC] = next
    return [state]
  }

  /** The same for states that differ only in which worker is which. */
  const keyOf = (state: Uint8Array): string => {
    const text = Buffer.from(state.buffer).toString("latin1")
    const workers = all.slice(1).map((thread) => text.slice(of(thread), of(thread + 1)))
    return text.slice(0, of(1)) + workers.toSorted().join("")
  }

  const describe = (state: Uint8Array, thread: number): string => {
    const now = instruction(state, thread)
    const word = "word" in now ? ` ${now.word}` : ""
    return `${thread === 0 ? "caller" : `worker ${thread}`}: ${now.kind}${word}`
  }

  const start = new Uint8Array(of(threads))
  for (const thread of all) start[of(thread) + NEXT] = programs[0]!.phases + 1
  for (const thread of all) advance(start, thread)

  const seen = new Set([keyOf(start)])
  /** States in the order in which they were found, so that a fault comes with the shortest way to it. */
  const queue: Array<{ readonly state: Uint8Array; readonly from: number; readonly by: string }> = [
    { state: start, from: -1, by: "" }
  ]
  const found = (what: string, last: number, by: ReadonlyArray<string>): Finding => {
    const way = [...by]
    for (let at = last; at > 0; at = queue[at]!.from) way.unshift(queue[at]!.by)
    return { states: seen.size, fault: { what, steps: way } }
  }
  for (let at = 0; at < queue.length; at++) {
    const { state: before } = queue[at]!
    const awake = all.filter((thread) => before[of(thread) + IS_ASLEEP] === 0)
    if (awake.length === 0) return found("nobody can go on", at, [])
    for (const thread of awake) {
      const by = describe(before, thread)
      for (const state of step(before, thread)) {
        const fault = advance(state, thread)
        if (fault !== undefined) return found(fault, at, [by])
        normalize(state)
        const key = keyOf(state)
        if (seen.has(key)) continue
        seen.add(key)
        queue.push({ state, from: at, by })
      }
    }
  }
  return { states: seen.size }
}
