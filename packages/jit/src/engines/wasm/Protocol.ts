/**
 * How threads that run a program together wait for each other, as data: every step here is one that other threads can
 * come between. `Team` compiles these steps to WebAssembly, and the tests interpret the same steps in every order that
 * threads can take (`test/jit/engines/wasm/Interleavings.ts`).
 *
 * ```text
 * caller    announce(index)   its part of the program   barrier
 * worker    await a call      its part of the program   barrier   and again
 * ```
 *
 * Threads share words, which start at 0, and each has variables of its own, which start at 0 too. Who waits looks a
 * while, then sleeps; who changes a word wakes the sleepers only where there are some, which it can tell because
 * sleepers count themselves first and look again when they lie down.
 */

// models

export type Word =
  /** Counts the calls; workers wait for its next value. */
  | "call"
  /** Which program to run. */
  | "program"
  /** How many workers sleep until the next call. */
  | "idle"
  /** How many threads have come to the barrier. */
  | "arrived"
  /** How many barriers have been passed. */
  | "passed"
  /** How many threads sleep at the barrier. */
  | "resting"

/** A variable of one thread. */
export type Variable = "seen" | "index" | "passed" | "others" | "sleepers"

export type Value = number | Variable

export type Step =
  | { readonly kind: "load"; readonly to: Variable; readonly word: Word }
  | { readonly kind: "store"; readonly word: Word; readonly value: number }
  /** Adds in one step; `to` gets the value before. */
  | { readonly kind: "add"; readonly word: Word; readonly by: number; readonly to?: Variable }
  /** Wakes all who sleep on the word. */
  | { readonly kind: "wake"; readonly word: Word }
  /** Looks a while whether the word is still `value`; does the steps `whileEqual` if it is to the end. */
  | {
      readonly kind: "look"
      readonly word: Word
      readonly value: Variable
      readonly whileEqual: ReadonlyArray<Step>
    }
  /** Sleeps until the word is not `value`: compares and lies down in one step, and compares again when woken. */
  | { readonly kind: "sleep"; readonly word: Word; readonly value: Variable }
  | {
      readonly kind: "if"
      readonly variable: Variable
      readonly equals: Value
      readonly whenEqual: ReadonlyArray<Step>
      readonly otherwise: ReadonlyArray<Step>
    }
  /** The thread's part of the program with that number. */
  | { readonly kind: "run"; readonly index: Value }
  | { readonly kind: "forever"; readonly steps: ReadonlyArray<Step> }

export type Steps = ReadonlyArray<Step>

// constructors

/** Waits until the word is not `value`; whoever sleeps is counted among `sleepers`. */
export const waitWhile = (word: Word, value: Variable, sleepers: Word): Steps => [
  {
    kind: "look",
    word,
    value,
    whileEqual: [
      { kind: "add", word: sleepers, by: 1 },
      { kind: "sleep", word, value },
      { kind: "add", word: sleepers, by: -1 }
    ]
  }
]

/** Wakes all who wait for the word, if any of them sleep. */
export const wake = (word: Word, sleepers: Word): Steps => [
  { kind: "load", to: "sleepers", word: sleepers },
  { kind: "if", variable: "sleepers", equals: 0, whenEqual: [], otherwise: [{ kind: "wake", word }] }
]

/** Waits for all threads: the last to arrive lets the others go. */
export const barrier = (threads: number): Steps => [
  { kind: "load", to: "passed", word: "passed" },
  { kind: "add", word: "arrived", by: 1, to: "others" },
  {
    kind: "if",
    variable: "others",
    equals: threads - 1,
    // Nobody can arrive at the next barrier before this one is passed.
    whenEqual: [
      { kind: "store", word: "arrived", value: 0 },
      { kind: "add", word: "passed", by: 1 },
      ...wake("passed", "resting")
    ],
    otherwise: waitWhile("passed", "passed", "resting")
  }
]

/** The caller's: the workers begin with the program. All of them wait, for all were at the last call's barrier. */
export const announce = (index: number): Steps => [
  { kind: "store", word: "program", value: index },
  { kind: "add", word: "call", by: 1 },
  ...wake("call", "idle")
]

/** A worker's life. What to run is read once a call: after its part the caller may have announced the next one. */
export const serve: Steps = [
  {
    kind: "forever",
    steps: [
      ...waitWhile("call", "seen", "idle"),
      { kind: "load", to: "seen", word: "call" },
      { kind: "load", to: "index", word: "program" },
      { kind: "run", index: "index" }
    ]
  }
]
