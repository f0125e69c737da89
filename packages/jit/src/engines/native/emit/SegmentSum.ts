/** Adding rows to their segments, in order; a row whose segment is outside goes nowhere. */
import * as X from "../assembly/index.ts"
import * as Elements from "./Elements.ts"
import { BASE, type Emitter } from "./Emitter.ts"
import * as Lanes from "./Lanes.ts"
import * as Loops from "./Loops.ts"
import * as Runs from "./Runs.ts"

const FROM = 0
const IDS = 1

export const emit: Emitter<"SegmentSum"> = (op, target) => {
  const { count, dtype, ids, inner, output, segments, x } = op
  return ({ assembler }) => {
    const level = Lanes.levelFor(assembler.level, inner)
    const result = target.range(output, 0, 4 * segments * inner)
    Runs.fill(assembler, 4 * segments * inner, dtype, 0, X.mem({ base: BASE, displacement: result }))
    if (count * inner === 0) return
    const source = target.range(x, 0, 4 * count * inner)
    const places = target.range(ids, 0, 4 * count)
    const lanes = Lanes.lanesOf(level)
    const rest = inner % lanes
    const whole = inner - rest
    const bits = Lanes.widthOf(level)
    const [sum, more] = [X.vec(bits, 0), X.vec(bits, 1)]
    const add = dtype === "float32" ? X.vaddps : X.vpaddd
    if (rest > 0) assembler.put(...Elements.limit(level, assembler, rest))
    const dimensions = [{ size: count, strides: [4 * inner, 4] }]
    const from = new Map([FROM, IDS].map((array) => [array, BASE] as const))
    Loops.nest(assembler, { dimensions, from, range: undefined, registers: Loops.REGISTERS }, (pointers) => {
      const [segment] = Loops.SPARE
      const outside = assembler.label()
      const row = pointers.get(FROM) ?? BASE
      assembler.put(
        X.mov32(segment, X.mem({ base: pointers.get(IDS) ?? BASE, displacement: places })),
        X.cmp32(segment, segments),
        X.jae(outside),
        X.imulBy(segment, segment, 4 * inner),
        X.add(segment, BASE)
      )
      if (whole > 0) {
        const top = assembler.label()
        const at = (base: X.Gpr, displacement: number) =>
          X.mem({ base, index: Loops.INDEX, scale: 4, displacement })
        assembler.put(X.mov32(Loops.INDEX, 0))
        assembler.bind(top)
        assembler.put(
          X.vmovups(sum, at(segment, result)),
          add(sum, sum, at(row, source)),
          X.vmovups(at(segment, result), sum),
          X.add(Loops.INDEX, lanes),
          X.cmp(Loops.INDEX, whole),
          X.jb(top)
        )
      }
      if (rest > 0) {
        const to = X.mem({ base: segment, displacement: result + 4 * whole })
        const add1 = X.mem({ base: row, displacement: source + 4 * whole })
        assembler.put(
          Elements.first(level, rest, sum, to),
          Elements.first(level, rest, more, add1),
          add(sum, sum, more),
          ...Elements.storeFirst(level, rest, to, sum)
        )
      }
      assembler.bind(outside)
    })
  }
}
