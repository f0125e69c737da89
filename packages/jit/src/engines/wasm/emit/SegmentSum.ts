/** The code of adding rows to their segments. */
import { type Code, f32, i32, type Local, when } from "../assembly/index.ts"
import type { Emitter } from "./Emitter.ts"
import * as Runs from "./Runs.ts"
import { walk } from "./Walk.ts"

export const emit: Emitter<"SegmentSum"> = (op, target, name) => {
  const { x, ids, output, dtype, count, segments, inner } = op
  const [source, result] = [target.address(x), target.address(output)]
  const func = target.module.define(name, [], [], (scope) => {
    const [from, at, to] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
    const segment = scope.local("i32")
    const add = (a: Local, b: Local): Code =>
      dtype === "float32"
        ? f32.store(b.get, f32.add(f32.load(b.get, result), f32.load(a.get, source)), result)
        : i32.store(b.get, i32.add(i32.load(b.get, result), i32.load(a.get, source)), result)
    return [
      Runs.fill(scope, i32.const(0), i32.const(4 * segments * inner), dtype, 0, result),
      count === 0
        ? []
        : [
            [from, at].map((pointer) => pointer.set(i32.const(0))),
            walk(scope, [{ size: count, strides: [4 * inner, 4] }], [from, at], ([a = from, i = at]) => [
              segment.set(i32.load(i.get, target.address(ids))),
              when(i32.ltU(segment.get, i32.const(segments)), [
                to.set(i32.mul(segment.get, i32.const(4 * inner))),
                walk(scope, [{ size: inner, strides: [4, 4] }], [a, to], ([p = a, q = to]) => add(p, q))
              ])
            ])
          ]
    ]
  })
  return () => func.call()
}
