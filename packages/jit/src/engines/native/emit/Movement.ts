/** Movements: runs of bytes that lie together, at every place of the loops around them. */
import { NdArray } from "../../../graph/index.ts"
import { Movement, Nest, type Op } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"
import { BASE, type Emitter, type Kernel, type Target } from "./Emitter.ts"
import * as Loops from "./Loops.ts"
import * as Runs from "./Runs.ts"

// models

const FROM = 0
const TO = 1

/** A piece as loops, strides in bytes, and what is copied at each place. */
interface Copies {
  readonly dimensions: ReadonlyArray<Nest.Dimension>
  readonly bytes: number
}

// pure core

const copiesOf = (piece: Op.Piece, width: number, isDivided: boolean): Copies => {
  const inner = isDivided ? 1 : 0
  const collapsed = Nest.collapse(piece.shape.slice(inner), [
    piece.from.strides.slice(inner),
    piece.to.strides.slice(inner)
  ])
  const last = collapsed.at(-1)
  const run = last !== undefined && last.strides.every((stride) => stride === 1) ? last.size : 1
  const first = isDivided
    ? [{ size: piece.shape[0] ?? 1, strides: [piece.from.strides[0] ?? 0, piece.to.strides[0] ?? 0] }]
    : []
  return {
    bytes: run * width,
    dimensions: [...first, ...(run > 1 ? collapsed.slice(0, -1) : collapsed)].map(({ size, strides }) => ({
      size,
      strides: strides.map((stride) => stride * width)
    }))
  }
}

/** The distance from `BASE` of where an array's loops begin. */
const displacement = (
  target: Target,
  { buffer, offset }: Op.View,
  array: number,
  width: number,
  { bytes, dimensions }: Copies,
  range: Loops.Range | undefined
): number => {
  // The first and the last byte of all places.
  let low = offset * width
  let high = low + bytes
  dimensions.forEach(({ size, strides }, d) => {
    const stride = strides[array] ?? 0
    const [first, last] = d === 0 && range !== undefined ? [range.start, range.end - 1] : [0, size - 1]
    low += Math.min(first * stride, last * stride)
    high += Math.max(first * stride, last * stride)
  })
  return target.range(buffer, low, high - low) - low + offset * width
}

// constructors

export const emit: Emitter<"Movement"> = (op, target): Kernel | undefined => {
  const { dtype, fill, pieces, results } = op
  const rows = Movement.rowsOf(op)
  const width = NdArray.bytesOf(dtype)
  const copies = pieces.map((piece) => ({ piece, ...copiesOf(piece, width, rows !== undefined) }))
  const from = new Map([
    [FROM, BASE],
    [TO, BASE]
  ])
  if (copies.some(({ dimensions }) => Loops.needed(dimensions, from.keys()) > Loops.REGISTERS.length)) {
    return undefined
  }
  return ({ assembler }, part) => {
    const range = rows === undefined ? undefined : { start: part.start, end: part.end }
    if (fill !== undefined) {
      for (const { buffer, shape } of results) {
        const perRow = (NdArray.size(shape) * width) / (rows ?? 1)
        const { end, start } = range ?? { start: 0, end: 1 }
        const bytes = (end - start) * perRow
        const to = target.range(buffer, start * perRow, bytes)
        Runs.fill(assembler, bytes, dtype, fill, X.mem({ base: BASE, displacement: to }))
      }
    }
    for (const { piece, ...copied } of copies) {
      const [source, result] = [
        displacement(target, piece.from, FROM, width, copied, range),
        displacement(target, piece.to, TO, width, copied, range)
      ]
      const loops = { dimensions: copied.dimensions, from, range, registers: Loops.REGISTERS }
      Loops.nest(assembler, loops, (pointers) =>
        Runs.copy(
          assembler,
          copied.bytes,
          X.mem({ base: pointers.get(FROM) ?? BASE, displacement: source }),
          X.mem({ base: pointers.get(TO) ?? BASE, displacement: result })
        )
      )
    }
  }
}
