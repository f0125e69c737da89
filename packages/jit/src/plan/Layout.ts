/** Where everything lies in the one memory: the engine's words, state, scratch, inputs, outputs, constants, the arena. */
import { EngineError, type Module } from "../Engine.ts"
import { NdArray } from "../graph/index.ts"
import type { Machine } from "./Machine.ts"
import * as MemoryPlan from "./MemoryPlan.ts"
import type { ProgramPlan } from "./ProgramPlan.ts"
import type { BufferId } from "./Buffers.ts"

// errors

const refuse = ({ engine }: Machine, reason: string, fix: string): EngineError =>
  new EngineError({ engine, reason, fix })

// models

/** A program with an address for each of its buffers. */
export interface Placed extends ProgramPlan {
  readonly address: (buffer: BufferId) => number
}

export interface Layout {
  readonly programs: ReadonlyArray<Placed>
  readonly states: ReadonlyMap<string, number>
  /** Where each thread's scratch memory begins. */
  readonly scratch: ReadonlyArray<number>
  readonly bytes: number
}

// pure core

/** Gives out memory, one aligned piece after the other. */
const bump = (from: number) => {
  let next = from
  return {
    take: (bytes: number): number => {
      const address = next
      next = MemoryPlan.align(next + bytes)
      return address
    },
    used: () => next
  }
}

/** The array of this shape at an address, as a live view. */
export const view = (
  buffer: ArrayBuffer | SharedArrayBuffer,
  at: number,
  { shape, dtype }: NdArray.Spec
): NdArray.NdArray => {
  const length = NdArray.size(shape)
  switch (dtype) {
    case "float32":
      return { shape, dtype, data: new Float32Array(buffer, at, length) }
    case "int32":
      return { shape, dtype, data: new Int32Array(buffer, at, length) }
    case "bool":
      return { shape, dtype, data: new Uint8Array(buffer, at, length) }
  }
}

/** Copies numbers of whatever type to an address. */
export const put = (buffer: ArrayBuffer | SharedArrayBuffer, at: number, data: NdArray.Data): void =>
  new Uint8Array(buffer, at, data.byteLength).set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  )

// constructors

/** Throws an `EngineError` where a program asks for a state that is not there, or for more memory than there can be. */
export const make = (
  machine: Machine,
  module: Module,
  programs: ReadonlyArray<ProgramPlan>,
  threads: number
): Layout => {
  const memory = bump(machine.reserved)
  const states = new Map(
    [...module.state].map(([path, { data }]) => [path, memory.take(data.byteLength)] as const)
  )
  const scratchBytes = Math.max(
    0,
    ...programs.flatMap(({ ordered }) => ordered.tasks.map(({ scratch }) => scratch))
  )
  const scratch = Array.from({ length: threads }, () => memory.take(scratchBytes))
  const placed = programs.map((program) => {
    const { ordered, name } = program
    const addresses = new Map<BufferId, number>()
    for (const [path, buffer] of program.states) {
      const address = states.get(path)
      if (address === undefined) {
        throw refuse(
          machine,
          `program ${name} uses the state "${path}", which the module does not have`,
          "Add it to the state"
        )
      }
      addresses.set(buffer, address)
    }
    for (const buffer of [
      ...program.inputs.values(),
      ...program.outputs.values(),
      ...program.constants.keys()
    ]) {
      addresses.set(buffer, memory.take(ordered.buffers[buffer] ?? 0))
    }
    return { program, addresses }
  })
  const arena = memory.used()
  const largest = programs.reduce((most, program) => Math.max(most, program.arena.bytes), 0)
  const bytes = arena + largest + MemoryPlan.ALIGNMENT
  if (bytes > machine.mostBytes) {
    throw refuse(
      machine,
      `the programs need ${(bytes / 2 ** 30).toFixed(1)} GiB of memory, and the engine has ${(machine.mostBytes / 2 ** 30).toFixed(0)}`,
      "Use smaller minibatches or networks, or the engine tfjs:cpu"
    )
  }
  return {
    programs: placed.map(({ program, addresses }) => ({
      ...program,
      address: (buffer) => {
        const offset = program.arena.offsets.get(buffer)
        const address =
          offset === undefined
            ? addresses.get(program.ordered.placedAt.get(buffer) ?? buffer)
            : arena + offset
        // Nothing is ever written to a buffer without bytes, so it has no place; kernels may still name it.
        if (address === undefined && program.ordered.buffers[buffer] !== 0) {
          throw new RangeError(`program ${program.name} has no buffer ${buffer}`)
        }
        return address ?? arena
      }
    })),
    states,
    scratch,
    bytes
  }
}
