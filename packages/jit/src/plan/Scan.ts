/** Running sums and products along an axis, in the array's own precision and in order. */
import { rows } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import type { Scan } from "./Op.ts"
import type { Task } from "./Task.ts"

// constructors

export const task = (machine: Machine, name: string, op: Scan): Task | undefined => {
  const { input, output, outer, size, inner } = op
  if (outer * size * inner === 0) return undefined
  const per = 4 * size * inner
  return {
    name,
    op,
    reads: [input],
    writes: [output],
    inPlace: [],
    cost: machine.cost(op),
    units: outer,
    granule: machine.granule(op),
    reaches: [rows(input, false, per), rows(output, true, per)],
    scratch: machine.scratch(op)
  }
}
