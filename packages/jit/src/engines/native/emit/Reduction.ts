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

const { INPUT, OUTPUT } = RowSums

/** Where the loops of one part stand. */
type Place = Pick<Loops.Group, "pointers" | "registers">

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

/** Vectors or rows that are reduced side by side: their states, and what one needs besides, fit into the registers. */
const vectorsOf = (level: X.Level, states: number): number => (states > 2 && level === "avx2" ? 2 : 4)

/** What is reduced side by side. */
interface Form {
  readonly vectors: number
  /** Elements of each: of all of a vector's lanes, of some, or of one, which is a row's. */
  readonly lanes: (vector: number) => number
  readonly isRow: boolean
  /** Rows are done by the shorter vectors: only one lane of them counts. */
  readonly level: X.Level
  /** Where each begins, from its array's place. */
  readonly offset: (array: number, vector: number) => number
}

/** Appends the reduction of vectors or rows: from where `place` points, plus `INDEX` elements if they are vectors. */
const reduce = (
  code: Code,
  op: Op.Reduction,
  place: Place,
  { result, source }: Arrays,
  { isRow, lanes: lanesOf, level, offset, vectors }: Form
): void => {
  const { assembler } = code
  const { dtype, kind } = op
  const { gone } = Reduction.split(op)
  const to = Reduction.resultType(op)
  const [bytes, outBytes] = [NdArray.bytesOf(dtype), NdArray.bytesOf(to)]
  const width = Lanes.lanesOf(level)
  const elements = Reduction.count(gone)
  const isWhole = lanesOf(vectors - 1) === width
  const registers = isWhole ? Lanes.registersOf(level) : Elements.registersBeside(level)
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
        operand: undefined
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
      const from = at(base, source + offset(INPUT, v), bytes)
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
      at(pointer(place, OUTPUT), result + offset(OUTPUT, v), outBytes)
    )
  )
  write({ effects, operations: end.needed(effects), registers }, fixed)
}

/** How many vectors or rows there are at a time. */
const mostOf = (level: X.Level, { kind }: Op.Reduction): number =>
  vectorsOf(level, kind === "ArgMax" || kind === "ArgMin" ? 3 : 1)

/** Appends the results `range` of the last kept axis. */
const columns = (code: Code, op: Op.Reduction, place: Place, arrays: Arrays, range: Loops.Range): void => {
  const { assembler } = code
  const level = Lanes.levelFor(assembler.level, range.end - range.start)
  const width = Lanes.lanesOf(level)
  const sizes = [NdArray.bytesOf(op.dtype), NdArray.bytesOf(Reduction.resultType(op))]
  const offset = (array: number, vector: number): number => vector * width * (sizes[array] ?? 0)
  const most = mostOf(level, op)
  const step = most * width
  const rest = (range.end - range.start) % step
  const whole = range.end - rest
  assembler.put(X.mov32(Loops.INDEX, range.start))
  if (whole > range.start) {
    const top = assembler.label()
    assembler.bind(top)
    reduce(code, op, place, arrays, { vectors: most, lanes: () => width, isRow: false, level, offset })
    assembler.put(X.add(Loops.INDEX, step), X.cmp(Loops.INDEX, whole), X.jb(top))
  }
  if (rest > 0) {
    const vectors = Math.ceil(rest / width)
    const count = rest - (vectors - 1) * width
    if (count < width) assembler.put(...Elements.limit(level, assembler, count))
    const lanes = (vector: number): number => (vector === vectors - 1 ? count : width)
    reduce(code, op, place, arrays, { vectors, lanes, isRow: false, level, offset })
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
  const inside = gone.length + (inColumns ? 1 : 4)
  if (Loops.needed(outer, [INPUT, OUTPUT]) + inside > Loops.REGISTERS.length) return undefined
  const extent = (axes: ReadonlyArray<Reduction.Axis>): number =>
    axes.reduce((sum, { size, stride }) => sum + (size - 1) * stride, 1)
  return (code, part) => {
    const first = kept[0] ?? { size: 1, stride: 0 }
    const range = kept.length === 0 ? { start: 0, end: 1 } : { start: part.start, end: part.end }
    const rows = range.end - range.start
    const others = kept.slice(1)
    // An input without elements has not even the place where a part of the result would begin.
    const isEmpty = Reduction.count(gone) === 0
    const touched = isEmpty ? 0 : extent([{ ...first, size: rows }, ...others, ...gone])
    const perRow = (outStrides[0] ?? 1) * outBytes
    const skipped = isEmpty ? 0 : range.start * first.stride * bytes
    const written = range.start * perRow
    const arrays = {
      source: target.range(op.input, skipped, touched * bytes) - skipped,
      result: target.range(op.output, written, rows * perRow) - written
    }
    if (isSum) return RowSums.append(code, { axes: gone, arrays, dimensions, range, isMean: kind === "Mean" })
    const { assembler } = code
    if (!inColumns) {
      const loops = { dimensions, from, range, registers: Loops.REGISTERS }
      return Loops.groups(assembler, loops, mostOf("avx2", op), (group) =>
        reduce(code, op, group, arrays, {
          vectors: group.count,
          lanes: () => 1,
          isRow: true,
          level: "avx2",
          offset: (array, row) => group.offset(array) + row * group.step(array)
        })
      )
    }
    const isDivided = outer.length > 0
    const loops = {
      dimensions: outer,
      from,
      range: isDivided ? range : undefined,
      registers: Loops.REGISTERS
    }
    Loops.nest(assembler, loops, (pointers, registers) => {
      const all = { start: 0, end: kept.at(-1)?.size ?? 1 }
      columns(code, op, { pointers, registers }, arrays, isDivided ? all : range)
    })
  }
}
