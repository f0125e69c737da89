/** Running sums and products: what lies beside each other is scanned side by side. */
import {
  mem,
  vaddps,
  vaddss,
  vbroadcastss,
  vec,
  vmovss,
  vmovups,
  vmulps,
  vmulss,
  vpaddd,
  vpmulld,
  xmm
} from "../assembly/index.ts"
import * as Elements from "./Elements.ts"
import { BASE, type Emitter } from "./Emitter.ts"
import * as Lanes from "./Lanes.ts"
import * as Loops from "./Loops.ts"
import * as Runs from "./Runs.ts"

const ARRAY = 0
const RESULT = 1

export const emit: Emitter<"Scan"> = (op, target) => {
  const { dtype, exclusive, inner, input, output, product, reverse, size } = op
  const float = dtype === "float32"
  const combine = float ? (product ? vmulps : vaddps) : product ? vpmulld : vpaddd
  const combine1 = product ? vmulss : vaddss
  return ({ assembler }, { end, start }) => {
    const { level, pool, put } = assembler
    const perUnit = 4 * size * inner
    if (perUnit === 0) return
    const own = (buffer: number) =>
      target.range(buffer, start * perUnit, (end - start) * perUnit) - start * perUnit
    const first = reverse ? 4 * inner * (size - 1) : 0
    const [source, result] = [own(input) + first, own(output) + first]
    const lanes = Lanes.lanesOf(level)
    const bits = Lanes.widthOf(level)
    const [all, next] = [vec(bits, 0), vec(bits, 1)]
    const unit = pool.u32(Runs.pattern(dtype, product ? 1 : 0) >>> 0)
    const step = reverse ? -4 * inner : 4 * inner
    const along = [{ size, strides: [step, step] }]
    const rest = inner % lanes
    // One by one what is scanned alone: a vector of one element has nothing beside it.
    const isScalar = inner === 1 && float
    if (rest > 0 && !isScalar) put(...Elements.limit(assembler, rest))
    const outer = [{ size: op.outer, strides: [perUnit, perUnit] }]
    const from = new Map([ARRAY, RESULT].map((array) => [array, BASE] as const))
    Loops.nest(
      assembler,
      { dimensions: outer, from, range: { start, end }, registers: Loops.REGISTERS },
      (pointers, registers) => {
        for (let j = 0; j < inner; j += lanes) {
          const count = Math.min(lanes, inner - j)
          put(vbroadcastss(all, unit))
          Loops.nest(assembler, { dimensions: along, from: pointers, range: undefined, registers }, (at) => {
            const here = mem({ base: at.get(ARRAY) ?? BASE, displacement: source + 4 * j })
            const there = mem({ base: at.get(RESULT) ?? BASE, displacement: result + 4 * j })
            const isWhole = count === lanes
            const load = isScalar
              ? vmovss(xmm(1), here)
              : isWhole
                ? vmovups(next, here)
                : Elements.first(level, next, here)
            const add = isScalar ? combine1(xmm(0), xmm(0), xmm(1)) : combine(all, all, next)
            const store = isScalar
              ? vmovss(there, xmm(0))
              : isWhole
                ? vmovups(there, all)
                : Elements.storeFirst(level, there, all)
            // The result may lie where the array does.
            put(load, ...(exclusive ? [store, add] : [add, store]))
          })
        }
      }
    )
  }
}
