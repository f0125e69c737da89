/**
 * Elementwise operations: one pass over the result's elements, a vector at a time, all intermediate values in registers.
 * Inputs that do not vary along the inner loop, and constants, are read before it where registers allow.
 */
import { NdArray } from "../../../graph/index.ts"
import { Elementwise, type Op } from "../../../plan/index.ts"
import { ElementwiseKernels } from "../../lanes/index.ts"
import * as X from "../assembly/index.ts"
import * as Allocation from "./Allocation.ts"
import * as Elements from "./Elements.ts"
import { BASE, type Code, type Emitter, type Kernel, type Target } from "./Emitter.ts"
import * as Groups from "./Groups.ts"
import * as Lanes from "./Lanes.ts"
import * as Loops from "./Loops.ts"
import * as Values from "./Values.ts"

// models

/** A pass as values: some vectors of elements, the last of which may be incomplete. */
interface Pass {
  readonly operations: ReadonlyArray<Values.Operation>
  readonly effects: ReadonlyArray<Values.Effect>
}

/** Where an array's elements lie: at an index that moves, or at the first. */
type Place = (access: Elementwise.Access, moves: boolean) => X.Mem

// pure core

/** The exponent's lowest bit: 2^-126, the smallest normal number. */
const NORMAL = 0x00800000

const constant = (dtype: NdArray.DType, value: number): number =>
  dtype === "float32" ? Lanes.bitsOf32(value) : dtype === "int32" ? value : value === 0 ? 0 : -1

/** Kernels whose every instruction waits for the one before. */
const CHAINS = new Set("Elu Exp Expm1 Log Log1p Pow Selu Sigmoid Softplus Tanh".split(" "))

/** Kernels that take long, though they are one instruction. */
const isSlow = (kernel: string): boolean => kernel === "Sqrt"

/** How many vectors are done at a time: two where one would wait, and there are registers for both. */
const vectorsOf = ({ steps }: Op.Elementwise, level: X.Level): number => {
  const has = (what: (kernel: string) => boolean) => steps.some(({ kernel }) => what(kernel))
  const chained = has((kernel) => CHAINS.has(kernel))
  return level === "avx512" ? (chained || has(isSlow) ? 2 : 1) : !chained && has(isSlow) ? 2 : 1
}

/** The values of a pass over as many vectors as `counts` has, with so many elements each. */
const passOf = (
  op: Op.Elementwise,
  walks: Elementwise.Walks,
  level: X.Level,
  counts: ReadonlyArray<number>,
  place: Place
): Pass => {
  const builder = Values.builder()
  const writer = Lanes.make(level, builder)
  const lanes = Groups.make(writer, counts.length)
  const width = Lanes.lanesOf(level)
  const placeOf = (access: Elementwise.Access, vector: number): X.Mem =>
    X.offset(place(access, true), vector * width * (walks.bytes[access.walk] ?? 0))
  const inputs = walks.inputs.map((access, i): Groups.Group => {
    const known = op.operands[i]?.constant
    if (known === undefined && walks.inner.strides[access.walk] !== 0) {
      return counts.map((count, v) => Elements.input(level, access.dtype, count, placeOf(access, v)))
    }
    const same =
      known === undefined
        ? Elements.repeated(level, access.dtype, place(access, false))
        : writer.word(constant(access.dtype, known))
    return counts.map(() => same)
  })
  const steps: Array<Groups.Group> = []
  const valueOf = (source: Op.Elementwise["steps"][number]["operands"][number]): Groups.Group => {
    const value = "input" in source ? inputs[source.input] : steps[source.step]
    if (value === undefined) throw new RangeError("a step reads what is not there")
    return value
  }
  for (const step of op.steps) {
    const second = step.operands[1]
    steps.push(
      ElementwiseKernels.apply(step.kernel, {
        lanes,
        operands: step.operands.map(valueOf),
        from: Elementwise.typeOf(op, step),
        to: step.dtype,
        attributes: step.attributes,
        constant: second !== undefined && "input" in second ? op.operands[second.input]?.constant : undefined
      })
    )
  }
  // Numbers below 2^-126 become 0, in a state only: see the engine `wasm`.
  const settle = (value: Groups.Group): Groups.Group =>
    lanes.select(
      lanes.int32.ge(lanes.float32.abs(value), lanes.int32.const(NORMAL)),
      value,
      lanes.int32.const(0)
    )
  // A step that lasts somewhere is settled wherever it is stored.
  const lasting = new Set(
    op.results.flatMap(({ dtype, lasts, step }) => (lasts && dtype === "float32" ? [step] : []))
  )
  const known = new Map<number, Groups.Group>()
  const stored = (step: number): Groups.Group => {
    const found = known.get(step)
    if (found !== undefined) return found
    const values = lasting.has(step) ? settle(valueOf({ step })) : valueOf({ step })
    // A result may lie where an input does: all that is stored has been read before the first store.
    const read = values.map((value) =>
      value._tag === "Leaf"
        ? builder.operation(value.bits, [value], (to, from) => [X.vmovups(to, from.vec(0))], { memory: [] })
        : value
    )
    known.set(step, read)
    return read
  }
  const effects = walks.results.flatMap((access, i) =>
    stored(op.results[i]?.step ?? -1).map((value, v) =>
      Elements.output(level, builder, access.dtype, counts[v] ?? width, value, placeOf(access, v))
    )
  )
  return { effects, operations: builder.needed(effects) }
}

/** Appends the inner loop over elements `start` up to `end`. */
const innerLoop = (
  code: Code,
  op: Op.Elementwise,
  walks: Elementwise.Walks,
  place: Place,
  { end, start }: Loops.Range
): void => {
  const { assembler } = code
  const level = Lanes.levelFor(assembler.level, end - start)
  const lanes = Lanes.lanesOf(level)
  const vectors = vectorsOf(op, level)
  const step = vectors * lanes
  const rest = (end - start) % step
  const whole = end - rest
  const incomplete = rest % lanes
  const registers = incomplete > 0 ? Elements.registersBeside(level) : Lanes.registersOf(level)
  const countsOf = (elements: number): ReadonlyArray<number> =>
    Array.from({ length: Math.ceil(elements / lanes) }, (_, v) => Math.min(lanes, elements - v * lanes))

  const write = (elements: number, body: (instructions: () => void) => void): void => {
    const { effects, operations } = passOf(op, walks, level, countsOf(elements), place)
    const pass = { operations, effects, registers }
    const pinned = Allocation.pin(pass)
    const { instructions, stack } = Allocation.allocate(assembler, pass, pinned)
    if (stack > 0) assembler.put(X.sub(X.rsp, stack))
    for (const [leaf, register] of pinned) {
      assembler.put(...leaf.load(assembler, X.vec(leaf.bits, register)))
    }
    body(() => assembler.put(...instructions))
    if (stack > 0) assembler.put(X.add(X.rsp, stack))
  }
  assembler.put(X.mov32(Loops.INDEX, start))
  if (whole > start) {
    write(step, (instructions) => {
      if (whole - start === step) {
        instructions()
        if (rest > 0) assembler.put(X.add(Loops.INDEX, step))
        return
      }
      const top = assembler.label()
      assembler.align(32)
      assembler.bind(top)
      instructions()
      assembler.put(X.add(Loops.INDEX, step), X.cmp(Loops.INDEX, whole), X.jb(top))
    })
  }
  if (incomplete > 0) assembler.put(...Elements.limit(level, assembler, incomplete))
  if (rest > 0) write(rest, (instructions) => instructions())
}

/** The bytes of an access that elements `range` of the first loop touch. */
const displacement = (
  target: Target,
  { bytes, inner, outer }: Elementwise.Walks,
  { buffer, walk }: Elementwise.Access,
  { end, start }: Loops.Range
): number => {
  const width = bytes[walk] ?? 4
  const [first, ...others] = [...outer, inner]
  const along = first.strides[walk] ?? 0
  const extent = others.reduce((sum, { size, strides }) => sum + (size - 1) * (strides[walk] ?? 0), width)
  return target.range(buffer, start * along, (end - 1 - start) * along + extent) - start * along
}

// constructors

export const emit: Emitter<"Elementwise"> = (op, target): Kernel | undefined => {
  const walks = Elementwise.walks(op)
  const { bytes, inner, outer } = walks
  const used = Elementwise.accesses(op, walks).map(({ walk }) => walk)
  const from = new Map(used.map((walk) => [walk, BASE]))
  if (Loops.needed(outer, from.keys()) > Loops.REGISTERS.length) return undefined
  const perUnit = Elementwise.elementsPerUnit(op, walks)
  return (code, part) => {
    const range = { start: part.start * (perUnit ?? 1), end: part.end * (perUnit ?? 1) }
    const divided = perUnit === undefined
    Loops.nest(
      code.assembler,
      { dimensions: outer, from, range: divided ? range : undefined, registers: Loops.REGISTERS },
      (pointers) => {
        const place: Place = (access, moves) => {
          const base = pointers.get(access.walk) ?? BASE
          const at = displacement(target, walks, access, range)
          return moves && inner.strides[access.walk] !== 0
            ? X.mem({ base, index: Loops.INDEX, scale: bytes[access.walk] === 4 ? 4 : 1, displacement: at })
            : X.mem({ base, displacement: at })
        }
        innerLoop(code, op, walks, place, divided ? { start: 0, end: inner.size } : range)
      }
    )
  }
}
