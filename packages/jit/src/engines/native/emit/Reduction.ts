/**
 * Reductions. `plan/Reduction` says in which order sums are taken: neighbours in the result are reduced side by side, a
 * vector at a time; a sum along the last axis has eight partial sums, which are one register of `float64` (AVX-512).
 */
import { NdArray } from "../../../graph/index.ts"
import { type Nest, type Op, Reduction } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"
import * as Accumulators from "./Accumulators.ts"
import * as Allocation from "./Allocation.ts"
import * as Elements from "./Elements.ts"
import { BASE, type Code, type Emitter, type Kernel } from "./Emitter.ts"
import * as Lanes from "./Lanes.ts"
import * as Loops from "./Loops.ts"
import * as RowSums from "./RowSums.ts"
import * as Values from "./Values.ts"

// models

/** Numbers of the arrays in the strides of loops. */
const INPUT = 0
const OUTPUT = 1

/** Where the loops of one part stand. */
interface Place {
  readonly pointers: Loops.Pointers
  readonly registers: ReadonlyArray<X.Gpr>
}

/** One part's arrays: their distances from `BASE`. */
interface Arrays {
  readonly source: number
  readonly result: number
}

// pure core

const pointer = ({ pointers }: Place, array: number): X.Gpr => pointers.get(array) ?? BASE

/** The loops over the axes that go. */
const loopsOf = (axes: ReadonlyArray<Reduction.Axis>, bytes: number): ReadonlyArray<Nest.Dimension> =>
  axes.map(({ size, stride }) => ({ size, strides: [stride * bytes] }))

/** Vectors that are reduced side by side: their states, and what one needs besides, fit into the registers. */
const vectorsOf = (level: X.Level, states: number): number => (states > 2 && level === "avx2" ? 2 : 4)

/**
 * Appends the reduction of `vectors` vectors, the last one of `count` elements: from where `place` points, plus `INDEX`
 * elements if they move.
 */
const reduce = (
  code: Code,
  op: Op.Reduction,
  place: Place,
  { result, source }: Arrays,
  form: { readonly vectors: number; readonly count: number; readonly isRow: boolean }
): void => {
  const { assembler } = code
  const { level } = assembler
  const { count, isRow, vectors } = form
  const { dtype, kind } = op
  const { gone } = Reduction.split(op)
  const to = Reduction.resultType(op)
  const [bytes, outBytes] = [NdArray.bytesOf(dtype), NdArray.bytesOf(to)]
  const width = Lanes.lanesOf(level)
  const elements = Reduction.count(gone)
  const registers = Lanes.registersOf(level) - (level === "avx2" && count < width ? 1 : 0)
  const lanesOf = (v: number) => (v === vectors - 1 ? count : width)
  const at = (base: X.Gpr, displacement: number, size: number): X.Mem =>
    isRow
      ? X.mem({ base, displacement })
      : X.mem({ base, index: Loops.INDEX, scale: size === 4 ? 4 : 1, displacement })
  const each = <A>(f: (v: number) => A): ReadonlyArray<A> => Array.from({ length: vectors }, (_, v) => f(v))

  const body = Values.builder()
  const adding = Lanes.make(level, body)
  const accumulator = Accumulators.make(kind, dtype, elements, adding)
  const states = each(() =>
    accumulator.begin.map(
      ({ bits }): Values.Leaf => ({
        _tag: "Leaf",
        bits,
        isInvariant: true,
        load: () => [],
        operand: () => undefined
      })
    )
  )
  const fixed = new Map(states.flat().map((leaf, i) => [leaf, i]))
  const write = (pass: Allocation.Pass, pinned: Allocation.Pinned, updates?: Allocation.Updates): void => {
    const { instructions, stack } = Allocation.allocate(assembler, pass, pinned, updates)
    if (stack > 0) assembler.put(X.sub(X.rsp, stack))
    assembler.put(...instructions)
    if (stack > 0) assembler.put(X.add(X.rsp, stack))
  }

  for (const [leaf, register] of fixed) {
    const begin = accumulator.begin[register % accumulator.begin.length]
    if (begin !== undefined) assembler.put(...begin.load(assembler, X.vec(leaf.bits, register)))
  }
  const loops = {
    dimensions: loopsOf(gone, bytes),
    from: place.pointers,
    range: undefined,
    registers: place.registers
  }
  const updates = new Map<Values.Operation, Values.Leaf>()
  const adds = (base: X.Gpr): Allocation.Pass => {
    const effects = each((v): ReadonlyArray<Values.Effect> => {
      const from = at(base, source + v * width * bytes, bytes)
      const vector = () =>
        isRow ? Elements.repeated(level, dtype, from, false) : Elements.input(level, dtype, lanesOf(v), from)
      const own = states[v] ?? []
      const renewed = accumulator.add(own, {
        vector,
        halves: () =>
          !isRow && lanesOf(v) === width ? Elements.promoted(level, from) : adding.promoted(vector())
      })
      return renewed.map((value, i) => {
        const old = own[i]
        if (old === undefined || value._tag === "Leaf") throw new RangeError("a state is not renewed")
        updates.set(value, old)
        const register = X.vec(old.bits, fixed.get(old) ?? 0)
        return {
          sources: [value],
          write: ({ vec }) => (vec(0).index === register.index ? [] : [X.vmovups(register, vec(0))])
        }
      })
    }).flat()
    return { effects, operations: body.needed(effects), registers }
  }
  // Constants are in the same registers whatever the pointer.
  const constants = Allocation.pin(adds(BASE), fixed)
  for (const [leaf, register] of constants) {
    if (!fixed.has(leaf)) assembler.put(...leaf.load(assembler, X.vec(leaf.bits, register)))
  }
  Loops.nest(assembler, loops, (pointers) => {
    const pass = adds(pointers.get(INPUT) ?? BASE)
    write(pass, constants, updates)
  })

  const end = Values.builder()
  const finishing = Lanes.make(level, end)
  const { result: finish } = Accumulators.make(kind, dtype, elements, finishing)
  const effects = states.map((own, v) =>
    Elements.output(
      level,
      end,
      to,
      lanesOf(v),
      finish(own),
      at(pointer(place, OUTPUT), result + v * width * outBytes, outBytes)
    )
  )
  write({ effects, operations: end.needed(effects), registers }, fixed)
}

/** Appends the results `from` up to `until` of the last kept axis. */
const columns = (
  code: Code,
  op: Op.Reduction,
  place: Place,
  arrays: Arrays,
  from: number,
  until: number
): void => {
  const { assembler } = code
  const { level } = assembler
  const width = Lanes.lanesOf(level)
  const states = op.kind === "ArgMax" || op.kind === "ArgMin" ? 3 : 1
  const most = vectorsOf(level, states)
  const step = most * width
  const rest = (until - from) % step
  const whole = until - rest
  assembler.put(X.mov32(Loops.INDEX, from))
  if (whole > from) {
    const top = assembler.label()
    assembler.bind(top)
    reduce(code, op, place, arrays, { vectors: most, count: width, isRow: false })
    assembler.put(X.add(Loops.INDEX, step), X.cmp(Loops.INDEX, whole), X.jb(top))
  }
  if (rest > 0) {
    const count = rest % width === 0 ? width : rest % width
    if (count < width) assembler.put(...Elements.limit(assembler, count))
    reduce(code, op, place, arrays, { vectors: Math.ceil(rest / width), count, isRow: false })
  }
}

// constructors

export const emit: Emitter<"Reduction"> = (op, target): Kernel | undefined => {
  const { kind, dtype } = op
  const { columns: inColumns, gone, kept } = Reduction.split(op)
  const to = Reduction.resultType(op)
  const [bytes, outBytes] = [NdArray.bytesOf(dtype), NdArray.bytesOf(to)]
  const outStrides = Reduction.resultStrides(kept)
  const dimensions = kept.map(({ size, stride }, i) => ({
    size,
    strides: [stride * bytes, (outStrides[i] ?? 0) * outBytes]
  }))
  const outer = inColumns ? dimensions.slice(0, -1) : dimensions
  const from = new Map([
    [INPUT, BASE],
    [OUTPUT, BASE]
  ])
  const isSum = !inColumns && gone.length > 0 && dtype === "float32" && (kind === "Sum" || kind === "Mean")
  const inside = gone.length + (isSum ? 4 : 1)
  if (Loops.needed(outer, [INPUT, OUTPUT]) + inside > Loops.REGISTERS.length) return undefined
  const extent = (axes: ReadonlyArray<Reduction.Axis>): number =>
    axes.reduce((sum, { size, stride }) => sum + (size - 1) * stride, 1)
  return (code, part) => {
    const first = kept[0] ?? { size: 1, stride: 0 }
    const range = kept.length === 0 ? { start: 0, end: 1 } : { start: part.start, end: part.end }
    const rows = range.end - range.start
    const others = kept.slice(1)
    const touched = Reduction.count(gone) === 0 ? 0 : extent([{ ...first, size: rows }, ...others, ...gone])
    const perRow = (outStrides[0] ?? 1) * outBytes
    const [skipped, written] = [range.start * first.stride * bytes, range.start * perRow]
    const arrays = {
      source: target.range(op.input, skipped, touched * bytes) - skipped,
      result: target.range(op.output, written, rows * perRow) - written
    }
    if (isSum) return RowSums.append(code, { axes: gone, arrays, dimensions, range, isMean: kind === "Mean" })
    if (!inColumns) code.assembler.put(...Elements.limit(code.assembler, 1))
    const isDivided = outer.length > 0
    Loops.nest(
      code.assembler,
      {
        dimensions: outer,
        from,
        range: isDivided && kept.length > 0 ? range : undefined,
        registers: Loops.REGISTERS
      },
      (pointers, registers) => {
        const place = { pointers, registers }
        if (!inColumns) return reduce(code, op, place, arrays, { vectors: 1, count: 1, isRow: true })
        const size = kept.at(-1)?.size ?? 1
        return isDivided
          ? columns(code, op, place, arrays, 0, size)
          : columns(code, op, place, arrays, range.start, range.end)
      }
    )
  }
}
