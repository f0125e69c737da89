/** Running sums and products: what lies beside each other is scanned side by side. */
import {
  add as addTo,
  cmp,
  type Gpr,
  jb,
  mem,
  type Mem,
  mov32,
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
    const { pool, put } = assembler
    const level = Lanes.levelFor(assembler.level, inner)
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
    const whole = inner - rest
    // One by one what is scanned alone: a vector of one element has nothing beside it.
    const isScalar = inner === 1 && float
    if (rest > 0 && !isScalar) put(...Elements.limit(level, assembler, rest))
    const outer = [{ size: op.outer, strides: [perUnit, perUnit] }]
    const from = new Map([ARRAY, RESULT].map((array) => [array, BASE] as const))
    Loops.nest(
      assembler,
      { dimensions: outer, from, range: { start, end }, registers: Loops.REGISTERS },
      (pointers, registers) => {
        /** What begins at `INDEX` elements, or at a place that is known. */
        const columns = (count: number, place: (base: Gpr, displacement: number) => Mem): void => {
          put(vbroadcastss(all, unit))
          Loops.nest(assembler, { dimensions: along, from: pointers, range: undefined, registers }, (at) => {
            const here = place(at.get(ARRAY) ?? BASE, source)
            const there = place(at.get(RESULT) ?? BASE, result)
            const isWhole = count === lanes
            const load = isWhole ? vmovups(next, here) : Elements.first(level, count, next, here)
            const store = isWhole ? [vmovups(there, all)] : Elements.storeFirst(level, count, there, all)
            const step = isScalar
              ? {
                  load: vmovss(xmm(1), here),
                  add: combine1(xmm(0), xmm(0), xmm(1)),
                  store: [vmovss(there, xmm(0))]
                }
              : { load, add: combine(all, all, next), store }
            // The result may lie where the array does.
            put(step.load, ...(exclusive ? [...step.store, step.add] : [step.add, ...step.store]))
          })
        }
        if (whole > 0) {
          const top = assembler.label()
          put(mov32(Loops.INDEX, 0))
          assembler.bind(top)
          columns(lanes, (base, displacement) => mem({ base, index: Loops.INDEX, scale: 4, displacement }))
          put(addTo(Loops.INDEX, lanes), cmp(Loops.INDEX, whole), jb(top))
        }
        if (rest > 0)
          columns(rest, (base, displacement) => mem({ base, displacement: displacement + 4 * whole }))
      }
    )
  }
}
