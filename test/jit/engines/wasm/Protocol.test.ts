import * as Protocol from "@ornstein/jit/internal/engines/wasm/Protocol"
import { assert, describe, it } from "vitest"
import * as Interleavings from "./Interleavings.ts"

/** One phase, two phases, and one that the caller runs alone. */
const programs: Interleavings.Programs = [
  { phases: 1, together: true },
  { phases: 2, together: true },
  { phases: 1, together: false }
]

/** A worker's life with a change to what it does for a call. */
const serving = (change: (steps: Protocol.Steps) => Protocol.Steps): Protocol.Steps =>
  Protocol.serve.map((step) => (step.kind === "forever" ? { ...step, steps: change(step.steps) } : step))

/** A barrier with a change to what the last thread to arrive does. */
const passing = (change: (steps: Protocol.Steps) => Protocol.Steps) => (threads: number) =>
  Protocol.barrier(threads).map((step) =>
    step.kind === "if" ? { ...step, whenEqual: change(step.whenEqual) } : step
  )

/** The steps with step `at` behind the one that follows it. */
const later = (steps: Protocol.Steps, at: number): Protocol.Steps => [
  ...steps.slice(0, at),
  ...steps.slice(at + 1, at + 2),
  ...steps.slice(at, at + 1),
  ...steps.slice(at + 2)
]

const isNotWake = (step: Protocol.Step): boolean => step.kind !== "if"

const early = (threads: number): Protocol.Steps =>
  passing((steps) => [...Protocol.wake("passed", "resting"), ...steps.filter(isNotWake)])(threads)

/** Protocols with a fault, and what it must be found as. */
const faulty: { readonly [what: string]: readonly [steps: Partial<Interleavings.Steps>, fault: string] } = {
  "a worker reads again what to run after its part": [
    {
      serve: serving((steps) => [
        ...steps.filter(({ kind }) => kind === "look"),
        { kind: "load", to: "seen", word: "call" },
        ...programs.flatMap(
          (_, index): Protocol.Steps => [
            { kind: "load", to: "index", word: "program" },
            {
              kind: "if",
              variable: "index",
              equals: index,
              whenEqual: [{ kind: "run", index }],
              otherwise: []
            }
          ]
        )
      ])
    },
    "begins phase 0 of program 1 where nothing is next"
  ],
  "a call is announced before its program": [
    { announce: (index) => later(Protocol.announce(index), 0) },
    "begins phase 0 of program 0 where phase 0 of program 1 is next"
  ],
  "a worker counts the call before it has one": [
    { serve: serving((steps) => later(steps, 0)) },
    "nobody can go on"
  ],
  "sleepers are woken before there is a reason": [
    {
      announce: (index) => [...Protocol.wake("call", "idle"), ...Protocol.announce(index).filter(isNotWake)]
    },
    "nobody can go on"
  ],
  "sleepers at the barrier are woken before it is passed": [{ barrier: early }, "nobody can go on"],
  "the barrier is passed before it is cleared for the next": [
    { barrier: passing((steps) => later(steps, 0)) },
    "nobody can go on"
  ],
  "a thread arrives before it knows which barrier it is": [
    { barrier: (threads) => later(Protocol.barrier(threads), 0) },
    "nobody can go on"
  ],
  "the barrier is passed with one thread missing": [
    { barrier: (threads) => Protocol.barrier(threads - 1) },
    "before thread"
  ]
}

describe("the protocol of a team", () => {
  it.each([2, 3, 4])(
    "has no fault in any order of the steps of %i threads, however many calls",
    (threads) => {
      const { fault, states } = Interleavings.explore(Protocol, { threads, programs })
      assert.isUndefined(fault)
      assert.isAbove(states, 10 ** threads)
    }
  )

  describe.each([2, 3])("of %i threads has a fault if", (threads) => {
    it.each(Object.entries(faulty))("%s", (_, [steps, what]) => {
      const { fault } = Interleavings.explore({ ...Protocol, ...steps }, { threads, programs })
      assert.include(fault?.what, what, fault?.steps.join("\n"))
      assert.isAbove(fault?.steps.length ?? 0, 0)
    })
  })
})
