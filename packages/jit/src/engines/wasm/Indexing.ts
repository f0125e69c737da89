/** Kernels whose places are decided by an index tensor: gathering rows, adding rows to their segments, one-hot. */
import type { DType } from "../../graph/NdArray.ts"
import { bytesOf } from "./Elementwise.ts"
import { type Code, f32, i32, ifElse, type Local, when } from "./Instructions.ts"
import * as Movement from "./Movement.ts"
import * as Nest from "./Nest.ts"
import type { BufferId, Span, Task } from "./Task.ts"

// models

/** `out[b, o, i, :] = x[b, o, indices[b, i], :]`; zeros where the index is outside. */
export interface Gather {
  readonly x: BufferId
  readonly indices: BufferId
  readonly output: BufferId
  readonly dtype: DType
  readonly batch: number
  readonly outer: number
  readonly size: number
  readonly count: number
  readonly inner: number
}

/** `out[s, :]` is the sum, in order, of the `x[i, :]` with `ids[i] = s`. */
export interface SegmentSum {
  readonly x: BufferId
  readonly ids: BufferId
  readonly output: BufferId
  readonly dtype: DType
  readonly count: number
  readonly segments: number
  readonly inner: number
}

export interface OneHot {
  readonly indices: BufferId
  readonly output: BufferId
  readonly dtype: DType
  readonly count: number
  readonly depth: number
  readonly on: number
  readonly off: number
}

// pure core

const whole = (buffer: BufferId, write: boolean): Span => ({
  buffer,
  from: 0,
  to: Number.POSITIVE_INFINITY,
  write
})

/** A task that one thread does alone. */
const alone = (
  name: string,
  reads: ReadonlyArray<BufferId>,
  output: BufferId,
  cost: number,
  emit: Task["emit"]
): Task => ({
  name,
  reads,
  writes: [output],
  inPlace: [],
  cost,
  units: 1,
  granule: 1,
  spans: () => [...reads.map((buffer) => whole(buffer, false)), whole(output, true)],
  scratch: 0,
  emit
})

// constructors

export const gather = (name: string, options: Gather): Task | undefined => {
  const { x, indices, output, dtype, batch, outer, size, count, inner } = options
  const total = batch * outer * count * inner
  if (total === 0) return undefined
  const width = bytesOf(dtype)
  return alone(name, [x, indices], output, 10 + total + 2 * count, (target) => {
    const [source, result] = [target.address(x), target.address(output)]
    const func = target.module.define(name, [], [], (scope) => {
      const [from, to, at] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
      const [index, row] = [scope.local("i32"), scope.local("i32")]
      const row0 = inner * width
      const dimensions = [
        { size: batch, strides: [outer * size * row0, outer * count * row0, count * 4] },
        { size: outer, strides: [size * row0, count * row0, 0] },
        { size: count, strides: [0, row0, 4] }
      ]
      const place = (base: Local, out: Local, i: Local): Code => [
        index.set(i32.load(i.get, target.address(indices))),
        ifElse(
          i32.ltU(index.get, i32.const(size)),
          [
            row.set(i32.add(base.get, i32.mul(index.get, i32.const(row0)))),
            Movement.copyRun(scope, row, out, row0, source, result)
          ],
          Movement.fillRun(scope, out.get, i32.const(row0), dtype, 0, result)
        )
      ]
      return [
        [from, to, at].map((pointer) => pointer.set(i32.const(0))),
        Nest.walk(scope, dimensions, [from, to, at], ([a = from, b = to, c = at]) => place(a, b, c))
      ]
    })
    return () => func.call()
  })
}

export const segmentSum = (name: string, options: SegmentSum): Task | undefined => {
  const { x, ids, output, dtype, count, segments, inner } = options
  if (segments * inner === 0) return undefined
  return alone(name, [x, ids], output, 10 + 2 * count * inner, (target) => {
    const [source, result] = [target.address(x), target.address(output)]
    const func = target.module.define(name, [], [], (scope) => {
      const [from, at, to] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
      const segment = scope.local("i32")
      const add = (a: Local, b: Local): Code =>
        dtype === "float32"
          ? f32.store(b.get, f32.add(f32.load(b.get, result), f32.load(a.get, source)), result)
          : i32.store(b.get, i32.add(i32.load(b.get, result), i32.load(a.get, source)), result)
      return [
        Movement.fillRun(scope, i32.const(0), i32.const(4 * segments * inner), dtype, 0, result),
        count === 0
          ? []
          : [
              [from, at].map((pointer) => pointer.set(i32.const(0))),
              Nest.walk(
                scope,
                [{ size: count, strides: [4 * inner, 4] }],
                [from, at],
                ([a = from, i = at]) => [
                  segment.set(i32.load(i.get, target.address(ids))),
                  when(i32.ltU(segment.get, i32.const(segments)), [
                    to.set(i32.mul(segment.get, i32.const(4 * inner))),
                    Nest.walk(scope, [{ size: inner, strides: [4, 4] }], [a, to], ([p = a, q = to]) =>
                      add(p, q)
                    )
                  ])
                ]
              )
            ]
      ]
    })
    return () => func.call()
  })
}

export const oneHot = (name: string, options: OneHot): Task | undefined => {
  const { indices, output, dtype, count, depth, on, off } = options
  if (count * depth === 0) return undefined
  const width = bytesOf(dtype)
  return alone(name, [indices], output, 10 + count * depth, (target) => {
    const result = target.address(output)
    const func = target.module.define(name, [], [], (scope) => {
      const [at, to, index, place] = [
        scope.local("i32"),
        scope.local("i32"),
        scope.local("i32"),
        scope.local("i32")
      ]
      const put = (address: Code): Code =>
        dtype === "float32"
          ? f32.store(address, f32.const(on), result)
          : dtype === "int32"
            ? i32.store(address, i32.const(on), result)
            : i32.store8(address, i32.const(on === 0 ? 0 : 1), result)
      return [
        Movement.fillRun(scope, i32.const(0), i32.const(width * count * depth), dtype, off, result),
        [at, to].map((pointer) => pointer.set(i32.const(0))),
        Nest.walk(scope, [{ size: count, strides: [4, width * depth] }], [at, to], ([i = at, row = to]) => [
          index.set(i32.load(i.get, target.address(indices))),
          when(i32.ltU(index.get, i32.const(depth)), [
            place.set(i32.add(row.get, i32.mul(index.get, i32.const(width)))),
            put(place.get)
          ])
        ])
      ]
    })
    return () => func.call()
  })
}
