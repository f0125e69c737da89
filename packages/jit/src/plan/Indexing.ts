/**
 * Kernels whose places are decided by an index tensor: gathering rows, adding rows to their segments, one-hot. One thread
 * does each of them alone.
 */
import { type BufferId, whole } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import type { Gather, OneHot, SegmentSum } from "./Op.ts"
import type { Task } from "./Task.ts"

// constructors

const alone = (
  machine: Machine,
  name: string,
  op: Gather | OneHot | SegmentSum,
  reads: ReadonlyArray<BufferId>
): Task => ({
  name,
  op,
  reads,
  writes: [op.output],
  inPlace: [],
  cost: machine.cost(op),
  units: 1,
  granule: machine.granule(op),
  reaches: [...reads.map((buffer) => whole(buffer, false)), whole(op.output, true)],
  scratch: machine.scratch(op)
})

export const gather = (machine: Machine, name: string, op: Gather): Task | undefined =>
  op.batch * op.outer * op.count * op.inner === 0 ? undefined : alone(machine, name, op, [op.x, op.indices])

export const segmentSum = (machine: Machine, name: string, op: SegmentSum): Task | undefined =>
  op.segments * op.inner === 0 ? undefined : alone(machine, name, op, [op.x, op.ids])

export const oneHot = (machine: Machine, name: string, op: OneHot): Task | undefined =>
  op.count * op.depth === 0 ? undefined : alone(machine, name, op, [op.indices])
