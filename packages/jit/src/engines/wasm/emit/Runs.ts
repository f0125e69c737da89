/** Bytes that lie together: copied, and filled with one element. */
import { NdArray } from "../../../graph/index.ts"
import {
  type Assembler,
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  type Local,
  plus,
  v128
} from "../assembly/index.ts"

/** Copies `bytes` bytes that lie together. */
export const copy = (
  scope: Assembler.Scope,
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
export const fill = (
  scope: Assembler.Scope,
  to: Code,
  bytes: Code,
  dtype: NdArray.DType,
  value: number,
  result: number
): Code => {
  const [i, stop, vectors] = [scope.local("i32"), scope.local("i32"), scope.local("i32")]
  const width = NdArray.bytesOf(dtype)
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
