/** One-hot rows; a row whose index is outside has none. */
import { NdArray } from "../../../graph/index.ts"
import * as X from "../assembly/index.ts"
import { BASE, type Emitter } from "./Emitter.ts"
import * as Loops from "./Loops.ts"
import * as Runs from "./Runs.ts"

const TO = 0
const INDICES = 1

export const emit: Emitter<"OneHot"> = (op, target) => {
  const { count, depth, dtype, indices, off, on, output } = op
  const width = NdArray.bytesOf(dtype)
  return ({ assembler }) => {
    const result = target.range(output, 0, count * depth * width)
    const places = target.range(indices, 0, 4 * count)
    Runs.fill(assembler, count * depth * width, dtype, off, X.mem({ base: BASE, displacement: result }))
    const dimensions = [{ size: count, strides: [depth * width, 4] }]
    const from = new Map([TO, INDICES].map((array) => [array, BASE] as const))
    Loops.nest(assembler, { dimensions, from, range: undefined, registers: Loops.REGISTERS }, (pointers) => {
      const [index] = Loops.SPARE
      const outside = assembler.label()
      const to = X.mem({
        base: pointers.get(TO) ?? BASE,
        index,
        scale: width === 4 ? 4 : 1,
        displacement: result
      })
      assembler.put(
        X.mov32(index, X.mem({ base: pointers.get(INDICES) ?? BASE, displacement: places })),
        X.cmp32(index, depth),
        X.jae(outside),
        width === 4 ? X.mov32(to, Runs.pattern(dtype, on)) : X.mov8(to, on === 0 ? 0 : 1)
      )
      assembler.bind(outside)
    })
  }
}
