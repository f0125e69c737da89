/**
 * Elementwise kernels, one or many fused: one pass over the result's elements, four at a time; all intermediate
 * values stay in registers. Inputs that do not vary along the inner loop are read once before it.
 */
import type { Step } from "../../graph/Graph.ts"
import type { DType } from "../../graph/NdArray.ts"
import type { Scope } from "./Assembler.ts"
import * as ElementwiseKernels from "./ElementwiseKernels.ts"
import { loadFirst, plus, storeFirst } from "./Idioms.ts"
import {
  brIf,
  type Code,
  f32x4,
  i16x8,
  i32,
  i32x4,
  i8x16,
  type Local,
  loop,
  v128,
  when
} from "./Instructions.ts"
import * as Nest from "./Nest.ts"
import type { BufferId, Span, Target, Task } from "./Task.ts"

// models

/** An input: an array that broadcasts to the result's shape, or one number known at compile time. */
export interface Operand {
  readonly buffer: BufferId
  readonly shape: ReadonlyArray<number>
  readonly dtype: DType
  readonly constant: number | undefined
}

export interface Result {
  readonly buffer: BufferId
  readonly dtype: DType
  /** Which step it is. */
  readonly step: number
  /** Whether the next call starts from it; then numbers too small to be normal are stored as 0 (see `settle`). */
  readonly lasts: boolean
}

export interface Fused {
  readonly shape: ReadonlyArray<number>
  readonly operands: ReadonlyArray<Operand>
  readonly steps: ReadonlyArray<Step>
  readonly results: ReadonlyArray<Result>
  /** Called for a kernel that is not defined for its operands' element types. */
  readonly unsupported: (kernel: string, dtype: DType) => never
}

/** An array as the loops walk it. Arrays that are walked alike share a pointer, named by `walk`. */
interface Access {
  readonly buffer: BufferId
  readonly dtype: DType
  readonly walk: number
}

// pure core: elements in memory

export const bytesOf = (dtype: DType): number => (dtype === "bool" ? 1 : 4)

/** `count` (1 to 4) elements from memory. */
export const load = (dtype: DType, count: number, pointer: Code, offset: number): Code => {
  if (dtype !== "bool") return loadFirst(count, pointer, offset)
  const bytes =
    count === 4
      ? v128.load32Zero(pointer, offset)
      : Array.from({ length: count }, (_, lane) => lane).reduce<Code>(
          (vector, lane) => v128.load8Lane(pointer, vector, lane, offset + lane),
          i32x4.const(0)
        )
  return i32x4.ne(i32x4.extendLowI16U(i16x8.extendLowU(bytes)), i32x4.const(0))
}

export const splat = (dtype: DType, pointer: Code, offset: number): Code =>
  dtype === "bool"
    ? i32x4.ne(v128.load8Splat(pointer, offset), i32x4.const(0))
    : v128.load32Splat(pointer, offset)

const constant = (dtype: DType, value: number): Code =>
  dtype === "float32" ? f32x4.const(value) : i32x4.const(dtype === "int32" ? value : value === 0 ? 0 : -1)

export const store = (
  dtype: DType,
  count: number,
  pointer: Code,
  value: Local,
  spare: Local,
  offset: number
): Code => {
  if (dtype !== "bool") return storeFirst(count, pointer, value, offset)
  const ones = v128.and(value.get, i32x4.const(1))
  const narrowed = i16x8.narrowI32x4U(ones, ones)
  return [
    spare.set(narrowed),
    spare.set(i8x16.narrowI16x8U(spare.get, spare.get)),
    count === 4
      ? v128.store32Lane(pointer, spare.get, 0, offset)
      : Array.from({ length: count }, (_, lane) => v128.store8Lane(pointer, spare.get, lane, offset + lane))
  ]
}

/** The exponent's lowest bit: 2^-126, the smallest normal number. */
const NORMAL = 0x00800000

/**
 * Numbers below 2^-126 become 0, in a state only. Moments of a gradient that has become 0 decay to them and, rounded,
 * stay there for ever, and an x86 processor takes some hundred times as long for each.
 */
const settle = (x: Code): Code =>
  v128.andNot(x, i32x4.gtS(i32x4.const(NORMAL), v128.and(x, i32x4.const(0x7fffffff))))

// pure core: code

/** Names the registers of one pass: constants, inputs, steps. */
const registers = (fused: Fused, target: Target, scope: Scope) => {
  const operands = fused.operands.map(() => scope.local("v128"))
  const steps = fused.steps.map(() => scope.local("v128"))
  const spare = scope.local("v128")
  const dtypeOf = (source: Step["operands"][number]): DType =>
    "input" in source ? fused.operands[source.input]!.dtype : fused.steps[source.step]!.dtype
  const compute: Code = fused.steps.map((step, s) => {
    const sources = step.operands
    const typed = step.kernel === "Select" ? sources[1] : sources[0]
    const from = typed === undefined ? step.dtype : dtypeOf(typed)
    const second = sources[1]
    const code = ElementwiseKernels.apply(step.kernel, {
      operands: sources.map((source) => ("input" in source ? operands[source.input]! : steps[source.step]!)),
      from,
      to: step.dtype,
      attributes: step.attributes,
      constant:
        second !== undefined && "input" in second ? fused.operands[second.input]!.constant : undefined,
      math: target.math,
      spare
    })
    return code === undefined ? fused.unsupported(step.kernel, from) : steps[s]!.set(code)
  })
  return { operands, steps, spare, compute }
}

/** How the arrays are walked: shared strides, and the loops around the innermost. */
const plan = (fused: Fused) => {
  const walks: Array<{
    readonly key: string
    readonly strides: ReadonlyArray<number>
    readonly bytes: number
  }> = []
  const walkOf = (dtype: DType, strides: ReadonlyArray<number>): number => {
    const key = `${bytesOf(dtype)}:${strides.join()}`
    const known = walks.findIndex((walk) => walk.key === key)
    return known >= 0 ? known : walks.push({ key, strides, bytes: bytesOf(dtype) }) - 1
  }
  // The results come first: the first one's pointer counts the inner loop.
  const results = fused.results.map(({ buffer, dtype }) => ({
    buffer,
    dtype,
    walk: walkOf(dtype, Nest.broadcast(fused.shape, fused.shape))
  }))
  const inputs = fused.operands.map(({ buffer, dtype, shape }) => ({
    buffer,
    dtype,
    walk: walkOf(dtype, Nest.broadcast(shape, fused.shape))
  }))
  const dimensions = Nest.collapse(
    fused.shape,
    walks.map(({ strides }) => strides)
  ).map(({ size, strides }) => ({ size, strides: strides.map((stride, i) => stride * walks[i]!.bytes) }))
  const inner = dimensions.at(-1) ?? { size: 1, strides: walks.map(() => 0) }
  return { results, inputs, walks, outer: dimensions.slice(0, -1), inner }
}

/** Elements `start` to `end` of the inner loop, or all of them. */
interface Range {
  readonly start: Code
  readonly end: Code
}

const define = (fused: Fused, target: Target, name: string, splitInner: number | undefined) =>
  target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
    const { results, inputs, walks, outer, inner } = plan(fused)
    const { operands, steps, spare, compute } = registers(fused, target, scope)
    const base = walks.map(() => scope.local("i32"))
    const moving = walks.map((_, w) => (inner.strides[w] === 0 ? undefined : scope.local("i32")))
    const stop = scope.local("i32")
    const varies = ({ walk }: Access, i: number) =>
      moving[walk] !== undefined && fused.operands[i]!.constant === undefined

    const pass = (count: number, pointers: ReadonlyArray<Local>): Code => [
      inputs.map((access, i) =>
        varies(access, i)
          ? operands[i]!.set(
              load(access.dtype, count, pointers[access.walk]!.get, target.address(access.buffer))
            )
          : []
      ),
      compute,
      fused.results.map(({ dtype, lasts, step }) =>
        lasts && dtype === "float32" ? steps[step]!.set(settle(steps[step]!.get)) : []
      ),
      results.map(({ buffer, dtype, walk }, i) =>
        store(
          dtype,
          count,
          pointers[walk]!.get,
          steps[fused.results[i]!.step]!,
          spare,
          target.address(buffer)
        )
      )
    ]

    const innerLoop = (pointers: ReadonlyArray<Local>, range: Range | undefined): Code => {
      const { size } = inner
      const whole = size - (size % 4)
      const current = pointers.map((pointer, w) => moving[w] ?? pointer)
      const counter = current[0]!
      const bytes = walks[0]!.bytes
      const begin = (element: Code): Code =>
        moving.map((pointer, w) =>
          pointer === undefined
            ? []
            : pointer.set(i32.add(pointers[w]!.get, i32.mul(element, i32.const(inner.strides[w] ?? 0))))
        )
      const forward: Code = moving.map((pointer, w) =>
        pointer === undefined ? [] : pointer.set(plus(pointer.get, 4 * (inner.strides[w] ?? 0)))
      )
      const vectors = [pass(4, current), forward, brIf(0, i32.ltU(counter.get, stop.get))]
      const rest = size % 4 === 0 ? [] : pass(size % 4, current)
      const hoisted = inputs.map((access, i) =>
        varies(access, i) || fused.operands[i]!.constant !== undefined
          ? []
          : operands[i]!.set(splat(access.dtype, pointers[access.walk]!.get, target.address(access.buffer)))
      )
      if (range === undefined) {
        return [
          hoisted,
          begin(i32.const(0)),
          whole === 0 ? [] : [stop.set(plus(counter.get, bytes * whole)), loop(...vectors)],
          rest
        ]
      }
      return [
        hoisted,
        begin(range.start),
        stop.set(i32.add(pointers[0]!.get, i32.mul(i32.and(range.end, i32.const(-4)), i32.const(bytes)))),
        when(i32.ltU(counter.get, stop.get), loop(...vectors)),
        size % 4 === 0 ? [] : when(i32.eq(range.end, i32.const(size)), rest)
      ]
    }

    const scaled = (unit: Code, by: number): Code => (by === 1 ? unit : i32.mul(unit, i32.const(by)))
    return [
      base.map((pointer) => pointer.set(i32.const(0))),
      fused.operands.map((operand, i) =>
        operand.constant === undefined ? [] : operands[i]!.set(constant(operand.dtype, operand.constant))
      ),
      splitInner === undefined
        ? Nest.walk(scope, outer, base, (pointers) => innerLoop(pointers, undefined), {
            start: start.get,
            end: end.get
          })
        : innerLoop(base, { start: scaled(start.get, splitInner), end: scaled(end.get, splitInner) })
    ]
  })

// constructors

/** Rough costs in nanoseconds of four elements. */
const COST = { access: 0.4, step: 0.3, transcendental: 15 }

const TRANSCENDENTAL = new Set("Exp Expm1 Log Log1p Tanh Sigmoid Softplus Elu Selu Pow".split(" "))

/** The task of a fused kernel; nothing where the result has no elements. */
export const task = (name: string, fused: Fused): Task | undefined => {
  const total = fused.shape.reduce((product, n) => product * n, 1)
  if (total === 0) return undefined
  const { inputs, results, walks, outer, inner } = plan(fused)
  const flat = outer.length === 0
  const rows = fused.shape[0] ?? 1
  const byRows = fused.shape.length > 1 && rows >= 16
  const perUnit = flat ? (byRows ? total / rows : 1) : undefined
  const units = flat ? total / (perUnit ?? 1) : outer[0]!.size
  const accesses = [
    ...inputs.map((access) => ({ ...access, write: false })),
    ...results.map((access) => ({ ...access, write: true }))
  ].filter((_, i) => fused.operands[i]?.constant === undefined)
  const spans = (start: number, end: number): ReadonlyArray<Span> =>
    accesses.map(({ buffer, walk, write }) => {
      const stride = flat ? inner.strides[walk]! * (perUnit ?? 1) : outer[0]!.strides[walk]!
      return stride === 0
        ? { buffer, from: 0, to: Number.POSITIVE_INFINITY, write }
        : { buffer, from: start * stride, to: end * stride, write }
    })
  const heavy = fused.steps.filter(({ kernel }) => TRANSCENDENTAL.has(kernel)).length
  const perVector =
    COST.access * accesses.length + COST.step * fused.steps.length + COST.transcendental * heavy
  const walked = walks.length
  return {
    name,
    reads: inputs.filter((_, i) => fused.operands[i]!.constant === undefined).map(({ buffer }) => buffer),
    writes: results.map(({ buffer }) => buffer),
    inPlace: results.flatMap((result) => {
      const alike = inputs.filter((input) => input.walk === result.walk)
      return alike
        .filter(({ buffer }) =>
          inputs.every((input) => input.buffer !== buffer || input.walk === result.walk)
        )
        .map(({ buffer }) => [result.buffer, buffer] as const)
    }),
    cost: 10 + (perVector * total) / 4 + walked,
    units,
    granule: perUnit === 1 ? 16 : 8,
    spans,
    scratch: 0,
    emit: (target) => {
      const func = define(fused, target, name, perUnit)
      return (start, end) => func.call(i32.const(start), i32.const(end))
    }
  }
}
