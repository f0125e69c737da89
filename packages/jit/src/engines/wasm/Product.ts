/** The task of a matrix product, batched products included: every matrix of a batch runs the same kernel. */
import type { Attributes } from "../../graph/Graph.ts"
import * as NdArray from "../../graph/NdArray.ts"
import * as ElementwiseKernels from "./ElementwiseKernels.ts"
import { type Code, i32, type Local } from "./Instructions.ts"
import * as MatMul from "./MatMul.ts"
import * as Nest from "./Nest.ts"
import type { BufferId, Span, Target, Task } from "./Task.ts"

// models

interface Operand {
  readonly buffer: BufferId
  /** Its last two dimensions are the matrix; those before broadcast to the result's. */
  readonly shape: ReadonlyArray<number>
}

export interface Options {
  readonly a: Operand
  readonly b: Operand
  readonly bias: Operand | undefined
  readonly output: Operand
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** The elementwise kernel applied at the end. */
  readonly activation: string | undefined
  readonly attributes: Attributes
}

// pure core

const matrix = (shape: ReadonlyArray<number>): readonly [rows: number, columns: number] => [
  shape.at(-2) ?? 1,
  shape.at(-1) ?? 1
]

const productOf = (options: Options, relaxed: boolean): MatMul.Product => {
  const { a, output, bias, transposeA, transposeB } = options
  const [m, n] = matrix(output.shape)
  const [rows, columns] = matrix(a.shape)
  return {
    m,
    n,
    k: transposeA ? rows : columns,
    transposeA,
    transposeB,
    bias: bias === undefined ? "none" : NdArray.size(bias.shape) === 1 ? "scalar" : "row",
    relaxed
  }
}

/** Floating point operations of the product. */
export const flops = (options: Options): number => {
  const { m, n, k } = productOf(options, false)
  return 2 * m * n * k * NdArray.size(options.output.shape.slice(0, -2))
}

const kernelOf = (target: Target, options: Options) => {
  const product = productOf(options, target.relaxed)
  const { activation, attributes } = options
  const { leakyreluAlpha } = attributes
  const alpha = typeof leakyreluAlpha === "number" ? leakyreluAlpha : undefined
  const applied = activation === undefined ? "" : `${activation}(${alpha ?? ""})`
  const { m, k, n, transposeA, transposeB, bias } = product
  const name = `MatMul ${m}x${k}x${n}${transposeA ? " A'" : ""}${transposeB ? " B'" : ""} ${bias} ${applied}`
  const activate =
    (spare: Local) =>
    (x: Local): Code =>
      activation === undefined
        ? x.get
        : (ElementwiseKernels.apply(activation, {
            operands: [x],
            from: "float32",
            to: "float32",
            attributes: alpha === undefined ? {} : { alpha },
            constant: undefined,
            math: target.math,
            spare
          }) ?? x.get)
  return target.shared(name, () => MatMul.define(target.module, name, product, activate))
}

// constructors

/** Nothing where the result has no elements. */
export const task = (options: Options): Task | undefined => {
  const { a, b, bias, output } = options
  const product = productOf(options, false)
  const { m, n, k, transposeA } = product
  const batch = output.shape.slice(0, -2)
  if (NdArray.size(output.shape) === 0) return undefined
  const byRows = MatMul.splitsRows(product)
  const single = NdArray.size(batch) === 1
  const spans = (start: number, end: number): ReadonlyArray<Span> => {
    const rows = (row: number) => ({ from: start * row * 4, to: end * row * 4 })
    const all = { from: 0, to: Number.POSITIVE_INFINITY }
    return [
      { buffer: a.buffer, write: false, ...(byRows && single && !transposeA ? rows(k) : all) },
      { buffer: b.buffer, write: false, ...all },
      ...(bias === undefined ? [] : [{ buffer: bias.buffer, write: false, ...all }]),
      { buffer: output.buffer, write: true, ...(byRows && single ? rows(n) : all) }
    ]
  }
  return {
    name: `MatMul ${m}x${k}x${n}`,
    reads: [a.buffer, b.buffer, ...(bias === undefined ? [] : [bias.buffer])],
    writes: [output.buffer],
    inPlace: [],
    cost: 20 + flops(options) / 25,
    units: byRows ? m : n,
    granule: MatMul.granule(product),
    spans,
    scratch: MatMul.scratchBytes(product),
    emit: (target) => {
      const kernel = kernelOf(target, options)
      const addresses = [a, b, output].map(({ buffer }) => target.address(buffer))
      const biasAt = i32.const(bias === undefined ? 0 : target.address(bias.buffer))
      if (single) {
        return (start, end, scratch) =>
          kernel.call(
            ...addresses.map((address) => i32.const(address)),
            biasAt,
            i32.const(scratch),
            i32.const(start),
            i32.const(end)
          )
      }
      const size = ({ shape }: Operand) => 4 * NdArray.size(shape.slice(-2))
      const dimensions = Nest.collapse(
        batch,
        [a, b, output].map(({ shape }) => Nest.broadcast(shape.slice(0, -2), batch))
      ).map((dimension) => ({
        ...dimension,
        strides: dimension.strides.map((stride, i) => stride * size([a, b, output][i] ?? output))
      }))
      const name = `batched ${kernel.index}`
      const func = target.module.define(name, ["i32", "i32", "i32"], [], (scope, [scratch, start, end]) => {
        const base = addresses.map(() => scope.local("i32"))
        return [
          base.map((pointer, i) => pointer.set(i32.const(addresses[i] ?? 0))),
          Nest.walk(scope, dimensions, base, (pointers) =>
            kernel.call(...pointers.map(({ get }) => get), biasAt, scratch.get, start.get, end.get)
          )
        ]
      })
      return (start, end, scratch) => func.call(i32.const(scratch), i32.const(start), i32.const(end))
    }
  }
}
