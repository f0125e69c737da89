/** The code of gathering rows. */
import { NdArray } from "../../../graph/index.ts"
import { type Code, i32, ifElse, type Local } from "../assembly/index.ts"
import type { Emitter } from "./Emitter.ts"
import * as Runs from "./Runs.ts"
import { walk } from "./Walk.ts"

export const emit: Emitter<"Gather"> = (op, target, name) => {
  const { x, indices, output, dtype, batch, outer, size, count, inner } = op
  const width = NdArray.bytesOf(dtype)
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
          Runs.copy(scope, row, out, row0, source, result)
        ],
        Runs.fill(scope, out.get, i32.const(row0), dtype, 0, result)
      )
    ]
    return [
      [from, to, at].map((pointer) => pointer.set(i32.const(0))),
      walk(scope, dimensions, [from, to, at], ([a = from, b = to, c = at]) => place(a, b, c))
    ]
  })
  return () => func.call()
}
