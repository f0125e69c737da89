/**
 * Registers for straight code: a value's register is free again after its last use. Where none is free, the value that is
 * used furthest from here leaves its register (Belady, 1966): for the stack, or for nothing if it can be read again.
 */
import {
  type Assembler,
  type Instruction,
  mem,
  type Mem,
  resize,
  rsp,
  type Vec,
  vec,
  vmovups
} from "../assembly/index.ts"
import type { Effect, Leaf, Operation, Sources, Value } from "./Values.ts"

// models

export interface Allocated {
  readonly instructions: ReadonlyArray<Instruction>
  /** Bytes of the stack above `rsp` that are used. */
  readonly stack: number
}

/** Leaves that stay in registers from before the code begins. */
export type Pinned = ReadonlyMap<Leaf, number>

/** Operations and then effects, on the first `registers` vector registers. */
export interface Pass {
  readonly operations: ReadonlyArray<Operation>
  readonly effects: ReadonlyArray<Effect>
  readonly registers: number
}

/** Leaves that operations replace for the next round: each begins in a register and ends there. */
export type Updates = ReadonlyMap<Operation, Leaf>

interface Step {
  readonly sources: ReadonlyArray<Value>
  readonly operation: Operation | undefined
  readonly effect: Effect | undefined
}

// pure core

const stepsOf = (
  operations: ReadonlyArray<Operation>,
  effects: ReadonlyArray<Effect>
): ReadonlyArray<Step> => [
  ...operations.map((operation) => ({ sources: operation.sources, operation, effect: undefined })),
  ...effects.map((effect) => ({ sources: effect.sources, operation: undefined, effect }))
]

/** At which steps each value is used, in order. */
const usesOf = (steps: ReadonlyArray<Step>): ReadonlyMap<Value, ReadonlyArray<number>> => {
  const uses = new Map<Value, Array<number>>()
  steps.forEach(({ sources }, at) => {
    for (const source of new Set(sources)) {
      const known = uses.get(source)
      if (known === undefined) uses.set(source, [at])
      else known.push(at)
    }
  })
  return uses
}

// combinators

/**
 * What may be kept in registers all the time, where there are more than the code itself needs; `fixed` are there anyway, in
 * the first ones.
 */
export const pin = ({ effects, operations, registers }: Pass, fixed: Pinned = new Map()): Pinned => {
  const steps = stepsOf(operations, effects)
  const uses = usesOf(steps)
  /** Per step, how many of its values are alive that cannot be read as operands. */
  const alive = Array.from({ length: steps.length + 1 }, () => 0)
  const starts = new Map<Value, number>()
  steps.forEach(({ operation, sources }, at) => {
    for (const source of sources) if (source._tag === "Leaf" && !starts.has(source)) starts.set(source, at)
    if (operation !== undefined) starts.set(operation, at)
  })
  for (const [value, at] of starts) {
    if (value._tag === "Leaf" && value.isInvariant) continue
    const last = uses.get(value)?.at(-1) ?? at
    for (let i = at; i <= last; i++) alive[i] = (alive[i] ?? 0) + 1
  }
  const most = alive.reduce((a, b) => Math.max(a, b), 0)
  /** How often a register would have to be filled with the leaf. */
  const fills = new Map<Leaf, number>()
  for (const { operation, sources } of steps) {
    sources.forEach((source, i) => {
      if (source._tag === "Operation" || !source.isInvariant || fixed.has(source)) return
      const isOperand = source.operand !== undefined && operation?.memory.includes(i) === true
      if (!isOperand) fills.set(source, (fills.get(source) ?? 0) + 1)
    })
  }
  const wanted = [...fills].toSorted(([, a], [, b]) => b - a).map(([leaf]) => leaf)
  const room = Math.max(0, registers - fixed.size - most - 2)
  return new Map([...fixed, ...wanted.slice(0, room).map((leaf, i) => [leaf, registers - 1 - i] as const)])
}

/** The code, without the registers that are pinned but to update what is in them. */
export const allocate = (
  assembler: Assembler.Assembler,
  { effects, operations, registers }: Pass,
  pinned: Pinned,
  updates: Updates = new Map()
): Allocated => {
  const steps = stepsOf(operations, effects)
  const uses = usesOf(steps)
  const cursor = new Map<Value, number>()
  const instructions: Array<Instruction> = []
  const append = (more: ReadonlyArray<Instruction>): void => {
    for (const instruction of more) instructions.push(instruction)
  }
  const taken = new Set(pinned.values())
  const holds: Array<Value | undefined> = Array.from({ length: registers }, () => undefined)
  const free = holds.flatMap((_, i) => (taken.has(i) ? [] : [i])).toReversed()
  const place = new Map<Value, number>()
  const slots = new Map<Value, number>()

  /** The first use at `from` or later. */
  const nextUse = (value: Value, from: number): number => {
    const all = uses.get(value) ?? []
    let i = cursor.get(value) ?? 0
    while (i < all.length && (all[i] ?? 0) < from) i++
    cursor.set(value, i)
    return all[i] ?? Number.POSITIVE_INFINITY
  }
  const slotOf = (value: Value) => mem({ base: rsp, displacement: 64 * (slots.get(value) ?? 0) })
  const release = (register: number): void => {
    const value = holds[register]
    if (value === undefined) return
    holds[register] = undefined
    place.delete(value)
    if (!taken.has(register)) free.push(register)
  }
  const take = (at: number, keep: ReadonlySet<Value>): number => {
    if (free.length === 0) {
      let furthest = -1
      let when = -1
      holds.forEach((value, register) => {
        if (value === undefined || keep.has(value) || taken.has(register)) return
        const next = nextUse(value, at)
        if (next > when) [furthest, when] = [register, next]
      })
      const victim = holds[furthest]
      if (victim === undefined) throw new RangeError("an operation needs more registers than there are")
      if (victim._tag === "Operation" && !slots.has(victim)) {
        slots.set(victim, slots.size)
        instructions.push(vmovups(slotOf(victim), vec(victim.bits, furthest)))
      }
      release(furthest)
    }
    const register = free.pop()
    if (register === undefined) throw new RangeError("no register is free")
    return register
  }
  /** The register of what the operation replaces, if nobody needs that any more. */
  const updated = (operation: Operation, at: number): number | undefined => {
    const old = updates.get(operation)
    return old !== undefined && nextUse(old, at + 1) === Number.POSITIVE_INFINITY
      ? pinned.get(old)
      : undefined
  }
  const put = (value: Value, register: number): void => {
    holds[register] = value
    place.set(value, register)
  }

  steps.forEach(({ effect, operation, sources }, at) => {
    const keep = new Set(sources)
    const operand = (i: number): Mem | Vec => {
      const source = sources[i]
      if (source === undefined) throw new RangeError(`an operation has no source ${i}`)
      const known = (source._tag === "Leaf" ? pinned.get(source) : undefined) ?? place.get(source)
      if (known !== undefined) return vec(source.bits, known)
      const last = nextUse(source, at + 1) === Number.POSITIVE_INFINITY
      const single = sources.indexOf(source) === sources.lastIndexOf(source)
      if (operation?.memory.includes(i) === true && single && !operation.isTied) {
        if (source._tag === "Operation" && last) return slotOf(source)
        const direct =
          source._tag === "Leaf" && (last || source.isInvariant) ? source.operand?.(assembler) : undefined
        if (direct !== undefined) return direct
      }
      const register = take(at, keep)
      const to = vec(source.bits, register)
      if (source._tag === "Leaf") append(source.load(assembler, to))
      else if (slots.has(source)) instructions.push(vmovups(to, slotOf(source)))
      else throw new RangeError("a value is used before it is written")
      put(source, register)
      return to
    }
    const found = sources.map((_, i) => operand(i))
    const from: Sources = {
      any: (i) => {
        const source = found[i]
        if (source === undefined) throw new RangeError(`an operation has no source ${i}`)
        return source
      },
      vec: (i) => {
        const source = found[i]
        if (source?._tag !== "Vec") throw new RangeError(`source ${i} is in no register`)
        return source
      }
    }
    const dead = [...keep].filter((source) => nextUse(source, at + 1) === Number.POSITIVE_INFINITY)
    const releaseAll = (values: ReadonlyArray<Value>): void => {
      for (const value of values) {
        const register = place.get(value)
        if (register !== undefined) release(register)
      }
    }
    if (operation === undefined) {
      if (effect !== undefined) append(effect.write(from))
      releaseAll(dead)
      return
    }
    if (!operation.isTied) {
      releaseAll(dead)
      const register =
        updated(operation, at) ?? take(at + 1, new Set([...keep].filter((source) => !dead.includes(source))))
      append(operation.write(vec(operation.bits, register), from))
      put(operation, register)
      return
    }
    const first = sources[0]
    const old = first === undefined ? undefined : place.get(first)
    if (first !== undefined && old !== undefined && dead.includes(first)) {
      append(operation.write(vec(operation.bits, old), from))
      releaseAll(dead)
      free.splice(free.indexOf(old), 1)
      put(operation, old)
      return
    }
    const register = take(at + 1, keep)
    const to = vec(operation.bits, register)
    instructions.push(vmovups(to, resize(operation.bits, from.vec(0))))
    append(operation.write(to, from))
    put(operation, register)
    releaseAll(dead)
  })
  return { instructions, stack: 64 * slots.size }
}
