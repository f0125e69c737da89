import * as MemoryPlan from "@ornstein/jit/internal/plan/MemoryPlan"
import * as Results from "@ornstein/jit/internal/plan/Results"
import * as Schedule from "@ornstein/jit/internal/plan/Schedule"
import { rows, span, whole } from "@ornstein/jit/internal/plan/Buffers"
import type { Machine } from "@ornstein/jit/internal/plan/Machine"
import type { Op } from "@ornstein/jit/internal/plan/Op"
import type { Task } from "@ornstein/jit/internal/plan/Task"
import { assert, describe, it } from "vitest"
import { Draw } from "../Draw.ts"

const ROWS = 24

/** What the tasks compute plays no part in a schedule. */
const op: Op = { _tag: "Movement", dtype: "float32", results: [], pieces: [], fill: undefined }

const machine: Machine = {
  engine: "none",
  cost: () => 10,
  granule: () => 8,
  scratch: () => 0,
  reserved: 0,
  mostBytes: 1e9
}

/** A program of tasks on buffers of 24 rows that each read buffers made before, by rows or as a whole. */
const drawn = (draw: Draw) => {
  const parameters = draw.int(1, 4)
  const count = draw.int(1, 25)
  const sizes = Array.from({ length: parameters + count }, () => ROWS * draw.pick(1, 4, 16))
  const tasks = Array.from({ length: count }, (_, i): Task => {
    const output = parameters + i
    const known = parameters + i
    const reads = Array.from({ length: draw.int(1, 3) }, () => draw.int(0, known - 1))
    const byRows = draw.bool()
    const units = draw.bool() ? ROWS : 1
    const per = (buffer: number) => sizes[buffer]! / units
    return {
      name: `task ${i}`,
      reads,
      writes: [output],
      inPlace: byRows ? reads.map((read) => [output, read] as const) : [],
      cost: draw.pick(10, 1000, 10_000),
      units,
      granule: 8,
      reaches: [
        rows(output, true, per(output)),
        ...reads.map((buffer) => (byRows ? rows(buffer, false, per(buffer)) : whole(buffer, false)))
      ],
      scratch: 0,
      op
    }
  })
  const fixed = new Set(Array.from({ length: parameters }, (_, i) => i))
  // Some of the parameters are states that late tasks renew.
  const requests = [...fixed].flatMap((target): ReadonlyArray<Results.Request> => {
    const value = draw.int(0, parameters + count - 1)
    return draw.bool() && sizes[value] === sizes[target] ? [{ value, target, role: "state" }] : []
  })
  return { tasks, sizes, fixed, ordered: Results.place(machine, tasks, sizes, requests, fixed) }
}

const planned = (draw: Draw, threads: number) => {
  const { fixed, ordered } = drawn(draw)
  const locationOf = (buffer: number) => ordered.placedAt.get(buffer) ?? buffer
  const schedule = Schedule.make(ordered.tasks, ordered.after, locationOf, threads, 0)
  const isTemporary = (buffer: number) => !fixed.has(buffer) && !ordered.placedAt.has(buffer)
  const plan = MemoryPlan.make(ordered, schedule, isTemporary)
  /** Where a buffer lies: temporaries in the arena, everything else on its own far behind. */
  const address = (buffer: number): number => plan.offsets.get(buffer) ?? 1e6 * (1 + locationOf(buffer))
  return { ordered, schedule, plan, address }
}

type Planned = ReturnType<typeof planned>

/** Plays the schedule on memory in which every byte knows who wrote it, threads one after the other in some order. */
const play = ({ address, ordered, schedule }: Planned, reversed: boolean): void => {
  const memory = new Map<number, number>()
  const done = new Set<number>()
  const writerOf = new Map(
    ordered.tasks.flatMap(({ writes }, i) => writes.map((buffer) => [buffer, i] as const))
  )
  for (const phase of schedule.phases) {
    const threads = Array.from({ length: schedule.threads }, (_, thread) => thread)
    for (const thread of reversed ? threads.toReversed() : threads) {
      for (const { parts, task } of phase) {
        for (const { end, start } of parts.filter((part) => part.thread === thread)) {
          const touched = ordered.tasks[task]!.reaches.map((reach) => span(reach, start, end))
          for (const { buffer, from, to, write } of touched) {
            if (write) continue
            const size = ordered.buffers[buffer]!
            const writer = writerOf.get(buffer) ?? -1 - buffer
            for (let at = from; at < Math.min(to, size); at += 8) {
              const found = memory.get(address(buffer) + at) ?? -1 - buffer
              assert.strictEqual(
                found,
                writer,
                `${ordered.tasks[task]!.name} reads buffer ${buffer} at ${at}`
              )
            }
          }
          for (const { buffer, from, to, write } of touched) {
            if (!write) continue
            const size = ordered.buffers[buffer]!
            for (let at = from; at < Math.min(to, size); at += 8) memory.set(address(buffer) + at, task)
          }
        }
      }
    }
    for (const { task } of phase) done.add(task)
  }
  assert.strictEqual(done.size, ordered.tasks.length)
}

describe("Schedule, Results and MemoryPlan", () => {
  it.each([1, 2, 3])(
    "on %i threads every task reads what it should, in whatever order threads run",
    (threads) => {
      for (let seed = 0; seed < 80; seed++) {
        const program = planned(new Draw(seed), threads)
        play(program, false)
        play(program, true)
      }
    }
  )

  it("every unit of every task is done exactly once", () => {
    for (let seed = 0; seed < 100; seed++) {
      const { ordered, schedule } = planned(new Draw(seed), 3)
      const units = ordered.tasks.map((task) => Array.from({ length: task.units }, () => 0))
      for (const { parts, task } of schedule.phases.flat()) {
        for (const { end, start } of parts)
          for (let unit = start; unit < end; unit++) units[task]![unit]! += 1
      }
      assert.isTrue(units.flat().every((times) => times === 1))
    }
  })

  it("a chain that works row by row needs no barrier", () => {
    const row = (i: number): Task => ({
      name: `row ${i}`,
      reads: [i],
      writes: [i + 1],
      inPlace: [],
      cost: 10_000,
      units: ROWS,
      granule: 8,
      reaches: [rows(i, false, 4), rows(i + 1, true, 4)],
      scratch: 0,
      op
    })
    const tasks = [row(0), row(1), row(2), row(3)]
    const after = tasks.map((_, i) => new Set(i === 0 ? [] : [i - 1]))
    const schedule = Schedule.make(tasks, after, (buffer) => buffer, 2, 30_000)
    assert.strictEqual(schedule.phases.length, 1)
    assert.isTrue(schedule.phases[0]?.every(({ parts }) => parts.length === 2))
  })

  it("small programs stay on one thread, temporaries share memory", () => {
    const { tasks, sizes, fixed } = drawn(new Draw(5))
    const ordered = Results.place(machine, tasks, sizes, [], fixed)
    const schedule = Schedule.make(ordered.tasks, ordered.after, (buffer) => buffer, 4, 1e9)
    assert.strictEqual(schedule.threads, 1)
    const plan = MemoryPlan.make(ordered, schedule, (buffer) => !fixed.has(buffer))
    const apart = sizes.slice(fixed.size).reduce((sum, bytes) => sum + MemoryPlan.align(bytes), 0)
    assert.isBelow(plan.bytes, apart)
  })
})
