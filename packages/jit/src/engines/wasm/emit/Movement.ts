/** The code of movements: runs of bytes that lie together, at every place of the loops around them. */
import { NdArray } from "../../../graph/index.ts"
import { Movement, Nest, type Op } from "../../../plan/index.ts"
import { type Assembler, type Code, i32 } from "../assembly/index.ts"
import type { Emitter, Target } from "./Emitter.ts"
import * as Runs from "./Runs.ts"
import { walk } from "./Walk.ts"

const copyPiece = (
  scope: Assembler.Scope,
  target: Target,
  piece: Op.Piece,
  dtype: NdArray.DType,
  range: { readonly start: Code; readonly end: Code } | undefined
): Code => {
  const width = NdArray.bytesOf(dtype)
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
    walk(
      scope,
      dimensions,
      [from, to],
      ([source = from, result = to]) =>
        Runs.copy(
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

export const emit: Emitter<"Movement"> = (op, target, name) => {
  const { dtype, fill, pieces, results } = op
  const rows = Movement.rowsOf(op)
  const width = NdArray.bytesOf(dtype)
  const func = target.module.define(name, ["i32", "i32"], [], (scope, [start, end]) => {
    const range = rows === undefined ? undefined : { start: start.get, end: end.get }
    return [
      fill === undefined
        ? []
        : results.map(({ buffer, shape }) => {
            const bytes = NdArray.size(shape) * width
            const per = i32.const(bytes / (rows ?? 1))
            return range === undefined
              ? Runs.fill(scope, i32.const(0), i32.const(bytes), dtype, fill, target.address(buffer))
              : Runs.fill(
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
