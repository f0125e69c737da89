/** The code of one-hot rows. */
import { NdArray } from "../../../graph/index.ts"
import { type Code, f32, i32, when } from "../assembly/index.ts"
import type { Emitter } from "./Emitter.ts"
import * as Runs from "./Runs.ts"
import { walk } from "./Walk.ts"

export const emit: Emitter<"OneHot"> = (op, target, name) => {
  const { indices, output, dtype, count, depth, on, off } = op
  const width = NdArray.bytesOf(dtype)
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
      Runs.fill(scope, i32.const(0), i32.const(width * count * depth), dtype, off, result),
      [at, to].map((pointer) => pointer.set(i32.const(0))),
      walk(scope, [{ size: count, strides: [4, width * depth] }], [at, to], ([i = at, row = to]) => [
        index.set(i32.load(i.get, target.address(indices))),
        when(i32.ltU(index.get, i32.const(depth)), [
          place.set(i32.add(row.get, i32.mul(index.get, i32.const(width)))),
          put(place.get)
        ])
      ])
    ]
  })
  return () => func.call()
}
