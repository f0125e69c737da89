/** The loops of a `Nest` as code. */
import type { Nest } from "../../../plan/index.ts"
import { type Assembler, brIf, type Code, i32, type Local, loop, plus } from "../assembly/index.ts"

/**
 * Walks `dimensions` (strides in bytes) with one pointer for every array, and runs `body` with the pointers of each
 * place. `base` gives the pointers at the beginning; `range` restricts the outermost dimension to a part.
 */
export const walk = (
  scope: Assembler.Scope,
  dimensions: ReadonlyArray<Nest.Dimension>,
  base: ReadonlyArray<Local>,
  body: (pointers: ReadonlyArray<Local>) => Code,
  range?: { readonly start: Code; readonly end: Code }
): Code => {
  const [outer, ...inner] = dimensions
  if (outer === undefined) return body(base)
  const moving = base.map((pointer, i) => (outer.strides[i] === 0 ? pointer : scope.local("i32")))
  const left = scope.local("i32")
  return [
    moving.map((pointer, i) =>
      pointer === base[i]
        ? []
        : pointer.set(
            range === undefined
              ? base[i]!.get
              : i32.add(base[i]!.get, i32.mul(range.start, i32.const(outer.strides[i] ?? 0)))
          )
    ),
    left.set(range === undefined ? i32.const(outer.size) : i32.sub(range.end, range.start)),
    loop(
      walk(scope, inner, moving, body),
      moving.map((pointer, i) =>
        pointer === base[i] ? [] : pointer.set(plus(pointer.get, outer.strides[i] ?? 0))
      ),
      left.set(plus(left.get, -1)),
      brIf(0, left.get)
    )
  ]
}
