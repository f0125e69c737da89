/** Elements in memory as vectors of four: `bool`, a byte each, becomes a mask, all bits set for true. */
import type { NdArray } from "../../../graph/index.ts"
import { type Code, i16x8, i32x4, i8x16, loadFirst, type Local, storeFirst, v128 } from "../assembly/index.ts"

/** `count` (1 to 4) elements from memory. */
export const load = (dtype: NdArray.DType, count: number, pointer: Code, offset: number): Code => {
  if (dtype !== "bool") return loadFirst(count, pointer, offset)
  const bytes =
    count === 4
      ? v128.load32Zero(pointer, offset)
      : Array.from({ length: count }, (_, lane) => lane).reduce<Code>(
          (vector, lane) => v128.load8Lane(pointer, vector, lane, offset + lane),
          i32x4.const(0)
        )
  return i32x4.ne(i32x4.extendLowI16U(i16x8.extendLowU(bytes)), i32x4.const(0))
}

export const splat = (dtype: NdArray.DType, pointer: Code, offset: number): Code =>
  dtype === "bool"
    ? i32x4.ne(v128.load8Splat(pointer, offset), i32x4.const(0))
    : v128.load32Splat(pointer, offset)

export const store = (
  dtype: NdArray.DType,
  count: number,
  pointer: Code,
  value: Local,
  spare: Local,
  offset: number
): Code => {
  if (dtype !== "bool") return storeFirst(count, pointer, value, offset)
  const ones = v128.and(value.get, i32x4.const(1))
  const narrowed = i16x8.narrowI32x4U(ones, ones)
  return [
    spare.set(narrowed),
    spare.set(i8x16.narrowI16x8U(spare.get, spare.get)),
    count === 4
      ? v128.store32Lane(pointer, spare.get, 0, offset)
      : Array.from({ length: count }, (_, lane) => v128.store8Lane(pointer, spare.get, lane, offset + lane))
  ]
}
