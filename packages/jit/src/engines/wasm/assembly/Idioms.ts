/** Pieces of code that kernels have in common: loops, incomplete vectors, turning 4 x 4 numbers. */
import { block, brIf, type Code, i32, i8x16, type Local, loop, v128 } from "./Instructions.ts"

/** The two high lanes of a vector, moved low. */
export const highHalf = (a: Code): Code =>
  i8x16.shuffle(a, a, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])

/** The two low lanes of `a` before the two low lanes of `b`. */
export const lowHalves = (a: Code, b: Code): Code =>
  i8x16.shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])

/** `base + constant`, for addresses. */
export const plus = (base: Code, constant: number): Code =>
  constant === 0 ? base : i32.add(base, i32.const(constant))

/** `i` from `start` up to, not including, `end` by `step`, tested before the first round. */
export const forRange = (
  i: Local,
  start: Code,
  end: Code,
  step: number,
  ...body: ReadonlyArray<Code>
): Code => [
  i.set(start),
  block(brIf(0, i32.geS(i.get, end)), loop(...body, i.set(plus(i.get, step)), brIf(0, i32.ltS(i.get, end))))
]

/** The first `count` (1 to 4) numbers at an address, zeros after them: never reads past them. */
export const loadFirst = (count: number, address: Code, offset = 0): Code => {
  switch (count) {
    case 1:
      return v128.load32Zero(address, offset)
    case 2:
      return v128.load64Zero(address, offset)
    case 3:
      return v128.load32Lane(address, v128.load64Zero(address, offset), 2, offset + 8)
    default:
      return v128.load(address, offset)
  }
}

/** Stores the first `count` (1 to 4) lanes. */
export const storeFirst = (count: number, address: Code, value: Local, offset = 0): Code => {
  switch (count) {
    case 1:
      return v128.store32Lane(address, value.get, 0, offset)
    case 2:
      return v128.store64Lane(address, value.get, 0, offset)
    case 3:
      return [
        v128.store64Lane(address, value.get, 0, offset),
        v128.store32Lane(address, value.get, 2, offset + 8)
      ]
    default:
      return v128.store(address, value.get, offset)
  }
}

const words = (lanes: ReadonlyArray<number>): ReadonlyArray<number> =>
  lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])

/** Four rows become four columns, in place. */
export const transpose4 = (
  rows: readonly [Local, Local, Local, Local],
  spare: readonly [Local, Local, Local, Local]
): Code => {
  const [a, b, c, d] = rows
  const [s, t, u, v] = spare
  const shuffle = (x: Local, y: Local, lanes: ReadonlyArray<number>) =>
    i8x16.shuffle(x.get, y.get, words(lanes))
  return [
    s.set(shuffle(a, b, [0, 4, 1, 5])),
    t.set(shuffle(a, b, [2, 6, 3, 7])),
    u.set(shuffle(c, d, [0, 4, 1, 5])),
    v.set(shuffle(c, d, [2, 6, 3, 7])),
    a.set(shuffle(s, u, [0, 1, 4, 5])),
    b.set(shuffle(s, u, [2, 3, 6, 7])),
    c.set(shuffle(t, v, [0, 1, 4, 5])),
    d.set(shuffle(t, v, [2, 3, 6, 7]))
  ]
}
