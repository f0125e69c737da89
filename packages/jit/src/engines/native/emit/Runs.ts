/** Bytes that lie together: copied, and filled with one element. */
import type { NdArray } from "../../../graph/index.ts"
import * as X from "../assembly/index.ts"
import { bitsOf32, widthOf } from "./Lanes.ts"
import { INDEX, SPARE } from "./Loops.ts"

/** Vectors that are moved at a time; more of them are a loop. */
const GROUP = 4
const UNROLLED = 8

/** Moves of whole vectors, and of smaller ones at the end: where each begins, and how wide it is. */
const tail = (bytes: number, widest: number): ReadonlyArray<readonly [at: number, width: number]> => {
  const out: Array<readonly [number, number]> = []
  for (let at = 0, width = widest; at < bytes; ) {
    if (bytes - at >= width) {
      out.push([at, width])
      at += width
    } else width = width === 2 ? 1 : width / 2
  }
  return out
}

/** Appends `move` for every piece of `bytes` bytes; the displacement may move with `INDEX`. */
const over = (
  x: X.Assembler.Assembler,
  bytes: number,
  move: (at: (of: X.Mem) => X.Mem, width: number, register: number) => void
): void => {
  const widest = widthOf(x.level) / 8
  const step = GROUP * widest
  const looped = bytes > UNROLLED * widest ? bytes - (bytes % step) : 0
  if (looped > 0) {
    const top = x.label()
    x.put(X.mov32(INDEX, 0))
    x.align(32)
    x.bind(top)
    for (let v = 0; v < GROUP; v++) {
      move((of) => X.offset({ ...of, index: INDEX, scale: 1 }, v * widest), widest, v)
    }
    x.put(X.add(INDEX, step), X.cmp(INDEX, looped), X.jb(top))
  }
  tail(bytes - looped, widest).forEach(([at, width], i) =>
    move((of) => X.offset(of, looped + at), width, i % GROUP)
  )
}

/** Copies `bytes` bytes from a place to another; vector registers 0 to 3 and `SPARE[1]` are used. */
export const copy = (x: X.Assembler.Assembler, bytes: number, from: X.Mem, to: X.Mem): void => {
  const [, word] = SPARE
  over(x, bytes, (at, width, register) => {
    const [source, target] = [at(from), at(to)]
    switch (width) {
      case 64:
      case 32:
      case 16: {
        const vector = X.vec(width === 64 ? 512 : width === 32 ? 256 : 128, register)
        return x.put(X.vmovups(vector, source), X.vmovups(target, vector))
      }
      case 8:
        return x.put(X.mov(word, source), X.mov(target, word))
      case 4:
        return x.put(X.mov32(word, source), X.mov32(target, word))
      case 2:
        return x.put(
          X.movzx8(word, source),
          X.mov8(target, word),
          X.movzx8(word, X.offset(source, 1)),
          X.mov8(X.offset(target, 1), word)
        )
      default:
        return x.put(X.movzx8(word, source), X.mov8(target, word))
    }
  })
}

/** The 32 bits that repeat in an array whose every element is this number. */
export const pattern = (dtype: NdArray.DType, value: number): number =>
  dtype === "float32" ? bitsOf32(value) : dtype === "int32" ? value | 0 : value === 0 ? 0 : 0x01010101

/** Puts the number everywhere in `bytes` bytes; vector register 0 is used. */
export const fill = (
  x: X.Assembler.Assembler,
  bytes: number,
  dtype: NdArray.DType,
  value: number,
  to: X.Mem
): void => {
  const word = pattern(dtype, value)
  x.put(X.vbroadcastss(X.vec(widthOf(x.level), 0), x.pool.u32(word >>> 0)))
  over(x, bytes, (at, width) => {
    const target = at(to)
    switch (width) {
      case 64:
      case 32:
      case 16:
        return x.put(X.vmovups(target, X.vec(width === 64 ? 512 : width === 32 ? 256 : 128, 0)))
      case 8:
        return x.put(X.vmovsd(target, X.xmm(0)))
      case 4:
        return x.put(X.vmovss(target, X.xmm(0)))
      case 2:
        return x.put(X.mov8(target, word), X.mov8(X.offset(target, 1), word))
      default:
        return x.put(X.mov8(target, word))
    }
  })
}
