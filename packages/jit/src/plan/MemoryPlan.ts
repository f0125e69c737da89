/**
 * Places for temporary buffers in one arena: two share bytes only where the last use of one is over before the other
 * is written. Everything begins at a multiple of 64, a cache line.
 */
import type { Ordered } from "./Results.ts"
import type { Schedule } from "./Schedule.ts"
import type { BufferId } from "./Buffers.ts"

// models

export interface Plan {
  /** Bytes from the arena's beginning. */
  readonly offsets: ReadonlyMap<BufferId, number>
  readonly bytes: number
}

/** Buffers that share their bytes, and the times between which these hold something. */
interface Interval {
  readonly buffers: ReadonlyArray<BufferId>
  readonly bytes: number
  readonly from: number
  readonly to: number
}

// pure core

export const ALIGNMENT = 64

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** The lives of all temporary buffers; an elementwise task writes over an input that nobody reads again. */
const intervals = (
  { tasks, buffers }: Ordered,
  { threads, phases }: Schedule,
  isTemporary: (buffer: BufferId) => boolean
) => {
  // With one thread time is the position of a step; threads only agree on the phase that they are in.
  const steps = phases.flatMap((phase, p) => phase.map(({ task }) => ({ task, phase: p })))
  const times = steps.map(({ phase }, position) => (threads === 1 ? position : phase))
  const lastRead = new Map<BufferId, number>()
  const uses = new Map<BufferId, number>()
  steps.forEach(({ task }, i) => {
    const time = times[i] ?? 0
    for (const buffer of new Set([...(tasks[task]?.reads ?? []), ...(tasks[task]?.writes ?? [])])) {
      lastRead.set(buffer, Math.max(lastRead.get(buffer) ?? 0, time))
      if (lastRead.get(buffer) === time) uses.set(buffer, i)
    }
  })
  /** How many steps at this very time use the buffer; more than one cannot give its place away. */
  const sole = (buffer: BufferId, i: number): boolean =>
    uses.get(buffer) === i &&
    steps.every(
      ({ task }, j) =>
        j === i ||
        times[j] !== times[i] ||
        !(tasks[task]?.reads.includes(buffer) || tasks[task]?.writes.includes(buffer))
    )

  const groupOf = new Map<BufferId, Interval>()
  steps.forEach(({ task }, i) => {
    const time = times[i] ?? 0
    const { writes = [], inPlace = [] } = tasks[task] ?? {}
    const given = new Set<BufferId>()
    for (const output of writes) {
      if (!isTemporary(output) || groupOf.has(output)) continue
      const bytes = buffers[output] ?? 0
      const donor = inPlace.find(
        ([to, from]) =>
          to === output &&
          isTemporary(from) &&
          !given.has(from) &&
          buffers[from] === bytes &&
          groupOf.has(from) &&
          sole(from, i)
      )?.[1]
      const shared = donor === undefined ? undefined : groupOf.get(donor)
      if (donor !== undefined) given.add(donor)
      const last = lastRead.get(output) ?? time
      const group: Interval =
        shared === undefined
          ? { buffers: [output], bytes, from: time, to: last }
          : { ...shared, buffers: [...shared.buffers, output], to: Math.max(shared.to, last) }
      for (const buffer of group.buffers) groupOf.set(buffer, group)
    }
  })
  return [...new Set(groupOf.values())]
}

// constructors

/** First fit, the largest first. */
export const make = (
  ordered: Ordered,
  schedule: Schedule,
  isTemporary: (buffer: BufferId) => boolean
): Plan => {
  const offsets = new Map<BufferId, number>()
  const placed: Array<Interval & { readonly offset: number }> = []
  const bySize = intervals(ordered, schedule, isTemporary).sort(
    (a, b) => b.bytes - a.bytes || a.from - b.from
  )
  for (const interval of bySize) {
    const rivals = placed
      .filter(({ from, to }) => from <= interval.to && interval.from <= to)
      .sort((a, b) => a.offset - b.offset)
    let offset = 0
    for (const rival of rivals) {
      if (offset + interval.bytes <= rival.offset) break
      offset = Math.max(offset, align(rival.offset + rival.bytes))
    }
    placed.push({ ...interval, offset })
    for (const buffer of interval.buffers) offsets.set(buffer, offset)
  }
  const end = placed.reduce((most, { offset, bytes }) => Math.max(most, align(offset + bytes)), 0)
  return { offsets, bytes: end }
}
