/** The code of running sums and products. */
import { type Code, f32, i32, type Local } from "../assembly/index.ts"
import type { Emitter } from "./Emitter.ts"
import { walk } from "./Walk.ts"

export const emit: Emitter<"Scan"> = (op, target, name) => {
  const { input, output, dtype, outer, size, inner, product, exclusive, reverse } = op
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
      walk(
        scope,
        [
          { size: outer, strides: [4 * size * inner] },
          { size: inner, strides: [4] }
        ],
        [at],
        ([first = at]) => [
          all.set(float ? f32.const(unit) : i32.const(unit)),
          line.set(first.get),
          walk(scope, [along], [line], ([place = line]) => {
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
