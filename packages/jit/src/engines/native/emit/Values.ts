/**
 * Straight code on vectors as a graph of values, each written once: what `Allocation` puts into registers. An operation is
 * one machine instruction, or a few that read their sources before they write their result.
 */
import type { Assembler, Bits, Instruction, Mem, Vec } from "../assembly/index.ts"

// models

/** Where an operation's sources are. */
export interface Sources {
  /** The register of source `i`. */
  readonly vec: (i: number) => Vec
  /** The same, or memory where the operation takes that. */
  readonly any: (i: number) => Mem | Vec
}

/** What is read when it is wanted, and read again rather than kept on the stack. */
export interface Leaf {
  readonly _tag: "Leaf"
  readonly bits: Bits
  /** Whether it is the same in every round of a loop. */
  readonly isInvariant: boolean
  readonly load: (assembler: Assembler.Assembler, to: Vec) => ReadonlyArray<Instruction>
  /** The leaf as a memory operand, if it can be one. */
  readonly operand: ((assembler: Assembler.Assembler) => Mem) | undefined
}

export interface Operation {
  readonly _tag: "Operation"
  readonly bits: Bits
  readonly sources: ReadonlyArray<Value>
  /** Which sources may be memory. */
  readonly memory: ReadonlyArray<number>
  /** The result replaces the first source in its register. */
  readonly isTied: boolean
  readonly write: (to: Vec, from: Sources) => ReadonlyArray<Instruction>
  /** How the value was compared: a choice by it does that itself and needs no mask. */
  readonly comparison: Comparison | undefined
}

export type Value = Leaf | Operation

/** Leaves a mask in `k1` (AVX-512). */
export interface Comparison {
  readonly sources: readonly [Value, Value]
  readonly write: (a: Vec, b: Mem | Vec) => Instruction
}

/** Something done with values at the end: a store. */
export interface Effect {
  readonly sources: ReadonlyArray<Value>
  readonly write: (from: Sources) => ReadonlyArray<Instruction>
}

/** Operations in the order in which they were asked for. */
export interface Builder {
  /** The last source may be memory if nothing else is said. */
  readonly operation: (
    bits: Bits,
    sources: ReadonlyArray<Value>,
    write: Operation["write"],
    options?: Partial<Pick<Operation, "comparison" | "isTied" | "memory">>
  ) => Operation
  /** Those that the effects need. */
  readonly needed: (effects: ReadonlyArray<Effect>) => ReadonlyArray<Operation>
}

// constructors

export const builder = (): Builder => {
  const all: Array<Operation> = []
  return {
    operation: (bits, sources, write, options = {}) => {
      const made: Operation = {
        _tag: "Operation",
        bits,
        sources,
        write,
        memory: options.memory ?? [sources.length - 1],
        isTied: options.isTied ?? false,
        comparison: options.comparison
      }
      all.push(made)
      return made
    },
    needed: (effects) => {
      const live = new Set<Value>(effects.flatMap(({ sources }) => sources))
      return all
        .toReversed()
        .filter((operation) => {
          if (!live.has(operation)) return false
          for (const source of operation.sources) live.add(source)
          return true
        })
        .toReversed()
    }
  }
}
