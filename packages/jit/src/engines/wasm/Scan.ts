/** Running sums and products along an axis, in the array's own precision and in order. */
import type { DType } from "../../graph/NdArray.ts"
import { type Code, f32, i32, type Local } from "./Instructions.ts"
import * as Nest from "./Nest.ts"
import type { BufferId, Task } from "./Task.ts"

// models

/** An array `[outer, size, inner]`, scanned along its middle axis. */
export interface Scan {
  readonly input: BufferId
  readonly output: BufferId
  readonly dtype: DType
  readonly outer: number
  readonly size: number
  readonly inner: number
  readonly product: boolean
  /** Element i of the result contains the elements before i only. */
  readonly exclusive: boolean
  readonly reverse: boolean
}

// constructors

export const task = (name: string, scan: Scan): Task | undefined => {
  const { input, output, dtype, outer, size, inner, product, exclusive, reverse } = scan
  if (outer * size * inner === 0) return undefined
  const per = 4 * size * inner
  return {
    name,
    reads: [input],
    writes: [output],
    inPlace: [],
    cost: 10 + 2 * outer * size * inner,
    units: outer,
    granule: 8,
    spans: (start, end) => [
      { buffer: input, from: start * per, to: end * per, write: false },
      { buffer: output, from: start * per, to: end * per, write: true }
    ],
    scratch: 0,
    emit: (target) => {
      const [source, result] = [target.address(input), target.address(output)]
      const float = dtype === "float32"
      const unit = product ? 1 : 0
      const combine = float ? (product ? f32.mul : f32.add) : product ? i32.mul : i32.add
      const func = target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
        const [at, line] = [scope.local("i32"), scope.local("i32")]
        const all = scope.local(float ? "f32" : "i32")
        const load = (pointer: Local): Code =>
          float ? f32.load(pointer.get, source) : i32.load(pointer.get, source)
        const store = (pointer: Local): Code =>
          float ? f32.store(pointer.get, all.get, result) : i32.store(pointer.get, all.get, result)
        const along = { size, strides: [reverse ? -4 * inner : 4 * inner] }
        return [
          at.set(i32.const(reverse ? 4 * inner * (size - 1) : 0)),
          Nest.walk(
            scope,
            [
              { size: outer, strides: [per] },
              { size: inner, strides: [4] }
            ],
            [at],
            ([first = at]) => [
              all.set(float ? f32.const(unit) : i32.const(unit)),
              line.set(first.get),
              Nest.walk(scope, [along], [line], ([place = line]) => {
                const add = all.set(combine(all.get, load(place)))
                return exclusive ? [store(place), add] : [add, store(place)]
              })
            ],
            { start: start.get, end: end.get }
          )
        ]
      })
      return (start, end) => func.call(i32.const(start), i32.const(end))
    }
  }
}
