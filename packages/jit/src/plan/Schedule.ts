/**
 * The order of tasks and their division among threads. Between two barriers no thread may touch bytes that another
 * writes; a task is split where that costs no barrier or where it is large, and small tasks stay on one thread.
 * Which thread computes an element never changes its bits.
 */
import { type BufferId, type Span, span } from "./Buffers.ts"
import { cut, type Task } from "./Task.ts"

// models

/** A task's parts: what each thread does of it, if anything. */
export interface Step {
  readonly task: number
  readonly parts: ReadonlyArray<{ readonly thread: number; readonly start: number; readonly end: number }>
}

/** Steps between two barriers. */
export type Phase = ReadonlyArray<Step>

export interface Schedule {
  readonly threads: number
  readonly phases: ReadonlyArray<Phase>
}

// pure core

/** Nanoseconds above which a task is worth waiting for, so that all threads share it. */
const LARGE = 3000

const whole = (task: Task, index: number, thread: number): Step => ({
  task: index,
  parts: [{ thread, start: 0, end: task.units }]
})

const divided = (task: Task, index: number, threads: number): Step => ({
  task: index,
  parts: Array.from({ length: threads }, (_, thread) => ({
    thread,
    start: cut(task, thread, threads),
    end: cut(task, thread + 1, threads)
  })).filter(({ start, end }) => end > start)
})

/** The tasks in an order that keeps `after`, on all threads if together they take longer than `shareAbove`. */
export const make = (
  tasks: ReadonlyArray<Task>,
  after: ReadonlyArray<ReadonlySet<number>>,
  locationOf: (buffer: BufferId) => BufferId,
  threads: number,
  shareAbove: number
): Schedule => {
  const work = tasks.reduce((sum, { cost }) => sum + cost, 0)
  const used = work < shareAbove ? 1 : threads

  const waiting = after.map((before) => before.size)
  const followers: ReadonlyArray<Array<number>> = tasks.map(() => [])
  after.forEach((before, task) => {
    for (const index of before) followers[index]?.push(task)
  })
  const ready = new Set(tasks.flatMap((_, i) => (waiting[i] === 0 ? [i] : [])))
  const finish = (index: number): void => {
    ready.delete(index)
    for (const follower of followers[index] ?? []) {
      const left = (waiting[follower] ?? 0) - 1
      waiting[follower] = left
      if (left === 0) ready.add(follower)
    }
  }
  const inOrder = () => [...ready].sort((a, b) => a - b)

  if (used === 1) {
    const steps: Array<Step> = []
    while (ready.size > 0) {
      const index = [...ready].reduce((least, task) => Math.min(least, task))
      const task = tasks[index]
      if (task !== undefined) steps.push(whole(task, index, 0))
      finish(index)
    }
    return { threads: 1, phases: [steps] }
  }

  /** What each thread has touched since the last barrier, by location. */
  let touched = new Map<BufferId, Array<Span & { readonly thread: number }>>()
  let load = Array.from({ length: used }, () => 0)

  const conflicts = (task: Task, { parts }: Step): boolean =>
    parts.some(({ thread, start, end }) =>
      task.reaches.some((reach) => {
        const own = span(reach, start, end)
        return touched
          .get(locationOf(own.buffer))
          ?.some(
            (other) =>
              other.thread !== thread &&
              (other.write || own.write) &&
              other.from < own.to &&
              own.from < other.to
          )
      })
    )
  const touch = (task: Task, { parts }: Step): void => {
    for (const { thread, start, end } of parts) {
      load[thread] = (load[thread] ?? 0) + (task.cost * (end - start)) / task.units
      for (const reach of task.reaches) {
        const location = locationOf(reach.buffer)
        const known = touched.get(location) ?? []
        known.push({ ...span(reach, start, end), thread })
        touched.set(location, known)
      }
    }
  }

  /** How the task can run now, if it can without a barrier. */
  const admit = (task: Task, index: number): Step | undefined => {
    const split = divided(task, index, used)
    if (split.parts.length === used && !conflicts(task, split)) return split
    if (task.cost >= LARGE && split.parts.length === used) return undefined
    const byLoad = load.map((_, thread) => thread).sort((a, b) => (load[a] ?? 0) - (load[b] ?? 0))
    return byLoad.map((thread) => whole(task, index, thread)).find((step) => !conflicts(task, step))
  }

  const phases: Array<Array<Step>> = [[]]
  while (ready.size > 0) {
    let found: Step | undefined
    for (const index of inOrder()) {
      const task = tasks[index]
      found = task && admit(task, index)
      if (found !== undefined) break
    }
    if (found === undefined) {
      phases.push([])
      touched = new Map()
      load = load.map(() => 0)
    } else {
      const task = tasks[found.task]
      if (task !== undefined) touch(task, found)
      phases.at(-1)?.push(found)
      finish(found.task)
    }
  }
  return { threads: used, phases }
}
