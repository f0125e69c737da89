/** Gathering rows; a row whose index is outside is zeros. */
import { NdArray } from "../../../graph/index.ts"
import * as X from "../assembly/index.ts"
import { BASE, type Emitter } from "./Emitter.ts"
import * as Loops from "./Loops.ts"
import * as Runs from "./Runs.ts"

const FROM = 0
const TO = 1
const INDICES = 2

export const emit: Emitter<"Gather"> = (op, target) => {
  const { batch, count, dtype, indices, inner, outer, output, size, x } = op
  const row = inner * NdArray.bytesOf(dtype)
  return ({ assembler }) => {
    if (batch * outer * count * row === 0) return
    const source = target.range(x, 0, batch * outer * size * row)
    const result = target.range(output, 0, batch * outer * count * row)
    const places = target.range(indices, 0, 4 * batch * count)
    const dimensions = [
      { size: batch, strides: [outer * size * row, outer * count * row, count * 4] },
      { size: outer, strides: [size * row, count * row, 0] },
      { size: count, strides: [0, row, 4] }
    ]
    const from = new Map([FROM, TO, INDICES].map((array) => [array, BASE] as const))
    Loops.nest(
      assembler,
      { dimensions, from, range: undefined, registers: Loops.REGISTERS },
      (pointers, [index]) => {
        if (index === undefined) throw new RangeError("no register is left")
        const at = (array: number, displacement: number) =>
          X.mem({ base: pointers.get(array) ?? BASE, displacement })
        const [outside, done] = [assembler.label(), assembler.label()]
        assembler.put(
          X.mov32(index, at(INDICES, places)),
          X.cmp32(index, size),
          X.jae(outside),
          X.imulBy(index, index, row),
          X.add(index, pointers.get(FROM) ?? BASE)
        )
        Runs.copy(assembler, row, X.mem({ base: index, displacement: source }), at(TO, result))
        assembler.put(X.jmp(done))
        assembler.bind(outside)
        Runs.fill(assembler, row, dtype, 0, at(TO, result))
        assembler.bind(done)
      }
    )
  }
}
