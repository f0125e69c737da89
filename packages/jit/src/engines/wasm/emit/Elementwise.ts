/**
 * Elementwise operations: one pass over the result's elements, four at a time. Inputs that do not vary along the inner
 * loop are read once before it.
 */
import { type Graph, NdArray } from "../../../graph/index.ts"
import { Elementwise, type Op } from "../../../plan/index.ts"
import { ElementwiseKernels } from "../../lanes/index.ts"
import {
  type Assembler,
  brIf,
  type Code,
  f32x4,
  i32,
  i32x4,
  type Local,
  loop,
  plus,
  v128,
  when
} from "../assembly/index.ts"
import * as Elements from "./Elements.ts"
import type { Emitter, Target } from "./Emitter.ts"
import * as Lanes from "./Lanes.ts"
import { walk } from "./Walk.ts"

// pure core

const constant = (dtype: NdArray.DType, value: number): Code =>
  dtype === "float32" ? f32x4.const(value) : i32x4.const(dtype === "int32" ? value : value === 0 ? 0 : -1)

/** The exponent's lowest bit: 2^-126, the smallest normal number. */
const NORMAL = 0x00800000

/**
 * Numbers below 2^-126 become 0, in a state only. Moments of a gradient that has become 0 decay to them and, rounded,
 * stay there for ever, and an x86 processor takes some hundred times as long for each.
 */
const settle = (x: Code): Code =>
  v128.andNot(x, i32x4.gtS(i32x4.const(NORMAL), v128.and(x, i32x4.const(0x7fffffff))))

/** Names the registers of one pass: constants, inputs, steps. */
const registers = (op: Op.Elementwise, target: Target, scope: Assembler.Scope) => {
  const operands = op.operands.map(() => scope.local("v128"))
  const steps = op.steps.map(() => scope.local("v128"))
  const spare = scope.local("v128")
  const compute: Code = op.steps.map((step: Graph.Step, s) => {
    const second = step.operands[1]
    const { finish, lanes } = Lanes.make(target.math, spare)
    const code = ElementwiseKernels.apply(step.kernel, {
      lanes,
      operands: step.operands.map((source) =>
        "input" in source ? operands[source.input]!.get : steps[source.step]!.get
      ),
      from: Elementwise.typeOf(op, step),
      to: step.dtype,
      attributes: step.attributes,
      constant: second !== undefined && "input" in second ? op.operands[second.input]!.constant : undefined
    })
    return steps[s]!.set(finish(code))
  })
  return { operands, steps, spare, compute }
}

/** Elements `start` to `end` of the inner loop, or all of them. */
interface Range {
  readonly start: Code
  readonly end: Code
}

const define = (op: Op.Elementwise, target: Target, name: string) =>
  target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
    const walks = Elementwise.walks(op)
    const { bytes: widths, inner, inputs, outer, results } = walks
    const splitInner = Elementwise.elementsPerUnit(op, walks)
    const { operands, steps, spare, compute } = registers(op, target, scope)
    const base = widths.map(() => scope.local("i32"))
    const moving = widths.map((_, w) => (inner.strides[w] === 0 ? undefined : scope.local("i32")))
    const stop = scope.local("i32")
    const varies = ({ walk }: Elementwise.Access, i: number) =>
      moving[walk] !== undefined && op.operands[i]!.constant === undefined

    const pass = (count: number, pointers: ReadonlyArray<Local>): Code => [
      inputs.map((access, i) =>
        varies(access, i)
          ? operands[i]!.set(
              Elements.load(access.dtype, count, pointers[access.walk]!.get, target.address(access.buffer))
            )
          : []
      ),
      compute,
      op.results.map(({ dtype, lasts, step }) =>
        lasts && dtype === "float32" ? steps[step]!.set(settle(steps[step]!.get)) : []
      ),
      results.map(({ buffer, dtype, walk }, i) =>
        Elements.store(
          dtype,
          count,
          pointers[walk]!.get,
          steps[op.results[i]!.step]!,
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
      const bytes = widths[0]!
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
        varies(access, i) || op.operands[i]!.constant !== undefined
          ? []
          : operands[i]!.set(
              Elements.splat(access.dtype, pointers[access.walk]!.get, target.address(access.buffer))
            )
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
      op.operands.map((operand, i) =>
        operand.constant === undefined ? [] : operands[i]!.set(constant(operand.dtype, operand.constant))
      ),
      splitInner === undefined
        ? walk(scope, outer, base, (pointers) => innerLoop(pointers, undefined), {
            start: start.get,
            end: end.get
          })
        : innerLoop(base, { start: scaled(start.get, splitInner), end: scaled(end.get, splitInner) })
    ]
  })

// constructors

export const emit: Emitter<"Elementwise"> = (op, target, name) => {
  const func = define(op, target, name)
  return (start, end) => func.call(i32.const(start), i32.const(end))
}
