/**
 * Kernels that move numbers without changing them: each is a list of pieces, copied from one place to another with
 * strides, after the result has been filled where the pieces do not cover it.
 */
import type { DType } from "../../graph/NdArray.ts"
import * as NdArray from "../../graph/NdArray.ts"
import type { Scope } from "./Assembler.ts"
import { bytesOf } from "./Elementwise.ts"
import { forRange, plus } from "./Idioms.ts"
import { type Code, f32x4, i32, i32x4, type Local, v128 } from "./Instructions.ts"
import * as Nest from "./Nest.ts"
import type { BufferId, Span, Target, Task } from "./Task.ts"

// models

/** An array's place in a buffer, in elements: where its first lies, and how far its neighbours are. */
export interface View {
  readonly buffer: BufferId
  readonly offset: number
  readonly strides: ReadonlyArray<number>
}

export interface Piece {
  readonly shape: ReadonlyArray<number>
  readonly from: View
  readonly to: View
}

export interface Movement {
  readonly dtype: DType
  /** The shapes of the results by buffer. */
  readonly results: ReadonlyArray<{ readonly buffer: BufferId; readonly shape: ReadonlyArray<number> }>
  readonly pieces: ReadonlyArray<Piece>
  /** What the results hold before the pieces are copied, if they do not cover them. */
  readonly fill: number | undefined
}

// pure core: code

/** Copies `bytes` bytes that lie together. */
export const copyRun = (
  scope: Scope,
  from: Local,
  to: Local,
  bytes: number,
  source: number,
  result: number
): Code => {
  const i = scope.local("i32")
  const shift = scope.local("i32")
  const vectors = bytes - (bytes % 16)
  const words = bytes - (bytes % 4)
  const step = (offset: number, width: 1 | 4): Code =>
    width === 4
      ? i32.store(to.get, i32.load(from.get, source + offset), result + offset)
      : i32.store8(to.get, i32.load8(from.get, source + offset), result + offset)
  return [
    vectors === 0
      ? []
      : vectors <= 64
        ? Array.from({ length: vectors / 16 }, (_, v) =>
            v128.store(to.get, v128.load(from.get, source + 16 * v), result + 16 * v)
          )
        : [
            shift.set(i32.sub(to.get, from.get)),
            forRange(
              i,
              from.get,
              plus(from.get, vectors),
              16,
              v128.store(i32.add(i.get, shift.get), v128.load(i.get, source), result)
            )
          ],
    Array.from({ length: (words - vectors) / 4 }, (_, w) => step(vectors + 4 * w, 4)),
    Array.from({ length: bytes - words }, (_, b) => step(words + b, 1))
  ]
}

/** One element to every place of `bytes` bytes that lie together. */
export const fillRun = (
  scope: Scope,
  to: Code,
  bytes: Code,
  dtype: DType,
  value: number,
  result: number
): Code => {
  const [i, stop, vectors] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
  const width = bytesOf(dtype)
  const vector =
    dtype === "float32"
      ? f32x4.const(value)
      : dtype === "int32"
        ? i32x4.const(value)
        : i32x4.const(value === 0 ? 0 : 0x01010101)
  const pattern = scope.local("v128")
  return [
    pattern.set(vector),
    i.set(to),
    stop.set(i32.add(i.get, bytes)),
    vectors.set(plus(stop.get, -15)),
    forRange(i, i.get, vectors.get, 16, v128.store(i.get, pattern.get, result)),
    forRange(
      i,
      i.get,
      stop.get,
      width,
      width === 4
        ? v128.store32Lane(i.get, pattern.get, 0, result)
        : v128.store8Lane(i.get, pattern.get, 0, result)
    )
  ]
}

/** Whether all pieces and results can be cut into the same rows. */
const rowsOf = ({ pieces, results }: Movement): number | undefined => {
  const rows = results[0]?.shape[0]
  if (rows === undefined || rows < 2) return undefined
  const alike =
    results.every(({ shape }) => shape[0] === rows) &&
    pieces.every(({ shape, to }) => {
      const result = results.find(({ buffer }) => buffer === to.buffer)
      const perRow = result === undefined ? 0 : NdArray.size(result.shape) / rows
      return shape[0] === rows && to.strides[0] === perRow && to.offset < perRow
    })
  return alike ? rows : undefined
}

const copyPiece = (
  scope: Scope,
  target: Target,
  piece: Piece,
  dtype: DType,
  range: { readonly start: Code; readonly end: Code } | undefined
): Code => {
  const width = bytesOf(dtype)
  const [from, to] = [scope.local("i32"), scope.local("i32")]
  const inner = range === undefined ? 0 : 1
  const collapsed = Nest.collapse(piece.shape.slice(inner), [
    piece.from.strides.slice(inner),
    piece.to.strides.slice(inner)
  ])
  const last = collapsed.at(-1)
  const run = last !== undefined && last.strides.every((stride) => stride === 1) ? last.size : 1
  const loops = run > 1 ? collapsed.slice(0, -1) : collapsed
  const first =
    range === undefined
      ? []
      : [{ size: piece.shape[0] ?? 1, strides: [piece.from.strides[0] ?? 0, piece.to.strides[0] ?? 0] }]
  const dimensions = [...first, ...loops].map(({ size, strides }) => ({
    size,
    strides: strides.map((stride) => stride * width)
  }))
  return [
    from.set(i32.const(piece.from.offset * width)),
    to.set(i32.const(piece.to.offset * width)),
    Nest.walk(
      scope,
      dimensions,
      [from, to],
      ([source = from, result = to]) =>
        copyRun(
          scope,
          source,
          result,
          run * width,
          target.address(piece.from.buffer),
          target.address(piece.to.buffer)
        ),
      range
    )
  ]
}

// constructors

/** The task of a movement; nothing where the results have no elements. */
export const task = (name: string, movement: Movement): Task | undefined => {
  const { dtype, results, fill } = movement
  const pieces = movement.pieces.filter(({ shape }) => NdArray.size(shape) > 0)
  const total = results.reduce((sum, { shape }) => sum + NdArray.size(shape), 0)
  if (total === 0) return undefined
  const rows = rowsOf({ ...movement, pieces })
  const width = bytesOf(dtype)
  const spans = (start: number, end: number): ReadonlyArray<Span> => [
    ...results.map(({ buffer, shape }) => {
      const per = rows === undefined ? Number.POSITIVE_INFINITY : (NdArray.size(shape) / rows) * width
      return rows === undefined
        ? { buffer, from: 0, to: per, write: true }
        : { buffer, from: start * per, to: end * per, write: true }
    }),
    ...pieces.map(({ shape, from }) => {
      const [row = 0, ...inner] = from.strides
      const extent = inner.reduce((sum, stride, d) => sum + stride * ((shape[d + 1] ?? 1) - 1), 1)
      return rows === undefined || extent > row
        ? { buffer: from.buffer, from: 0, to: Number.POSITIVE_INFINITY, write: false }
        : {
            buffer: from.buffer,
            from: (from.offset + start * row) * width,
            to: (from.offset + (end - 1) * row + extent) * width,
            write: false
          }
    })
  ]
  return {
    name,
    reads: pieces.map(({ from }) => from.buffer),
    writes: results.map(({ buffer }) => buffer),
    inPlace: [],
    cost: 10 + 0.4 * total,
    units: rows ?? 1,
    granule: 8,
    spans,
    scratch: 0,
    emit: (target) => {
      const func = target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
        const range = rows === undefined ? undefined : { start: start.get, end: end.get }
        return [
          fill === undefined
            ? []
            : results.map(({ buffer, shape }) => {
                const bytes = NdArray.size(shape) * width
                const per = i32.const(bytes / (rows ?? 1))
                return range === undefined
                  ? fillRun(scope, i32.const(0), i32.const(bytes), dtype, fill, target.address(buffer))
                  : fillRun(
                      scope,
                      i32.mul(range.start, per),
                      i32.mul(i32.sub(range.end, range.start), per),
                      dtype,
                      fill,
                      target.address(buffer)
                    )
              }),
          pieces.map((piece) => scope.reuse(() => copyPiece(scope, target, piece, dtype, range)))
        ]
      })
      return (start, end) => func.call(i32.const(start), i32.const(end))
    }
  }
}
