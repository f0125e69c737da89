/**
 * Where a program's results go. An output has its own place. A new state is written over the old one where the tasks
 * can be ordered so that everything that reads the old numbers runs before; else it is computed elsewhere and copied
 * at the end. Every reader of a state in a call thus sees the numbers from before the call.
 */
import type { Machine } from "./Machine.ts"
import * as Movement from "./Movement.ts"
import type { View } from "./Op.ts"
import type { BufferId } from "./Buffers.ts"
import type { Task } from "./Task.ts"

// models

/** A result to be placed: `target` is the buffer that it must end up in. */
export interface Request {
  readonly value: BufferId
  readonly target: BufferId
  /** Whether the old numbers of `target` are read by tasks (a state); else nobody reads it (an output). */
  readonly role: "state" | "output"
}

/** Tasks with the order that they must keep: `after[i]` are the tasks that run before task i. */
export interface Ordered {
  readonly tasks: ReadonlyArray<Task>
  readonly after: ReadonlyArray<ReadonlySet<number>>
  readonly buffers: ReadonlyArray<number>
  /** Buffers that lie where another one lies. */
  readonly placedAt: ReadonlyMap<BufferId, BufferId>
}

// pure core

const copy = (machine: Machine, from: BufferId, to: BufferId, bytes: number): Task | undefined => {
  const view = (buffer: BufferId): View => ({ buffer, offset: 0, strides: [1] })
  return Movement.task(machine, "Copy", {
    dtype: "bool",
    results: [{ buffer: to, shape: [bytes] }],
    pieces: [{ shape: [bytes], from: view(from), to: view(to) }],
    fill: undefined
  })
}

/** Orders tasks and places results. `fixed` are the buffers that no task may write: parameters and constants. */
export const place = (
  machine: Machine,
  given: ReadonlyArray<Task>,
  sizes: ReadonlyArray<number>,
  requests: ReadonlyArray<Request>,
  fixed: ReadonlySet<BufferId>
): Ordered => {
  const tasks: Array<Task> = []
  const after: Array<Set<number>> = []
  const buffers = [...sizes]
  const placedAt = new Map<BufferId, BufferId>()
  const writer = new Map<BufferId, number>()
  const readers = new Map<BufferId, Set<number>>()

  const add = (task: Task): number => {
    const index = tasks.push(task) - 1
    after.push(new Set(task.reads.flatMap((buffer) => writer.get(buffer) ?? [])))
    for (const buffer of task.writes) writer.set(buffer, index)
    for (const buffer of task.reads) {
      const known = readers.get(buffer) ?? new Set()
      readers.set(buffer, known.add(index))
    }
    return index
  }
  for (const task of given) add(task)

  /** Whether any of `targets` must run after `from`. */
  const follows = (from: number, targets: ReadonlySet<number>): boolean => {
    // Edges point backwards in time, so walk from the targets towards what they come after.
    const open = [...targets]
    const seen = new Set(open)
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === from) return true
      for (const before of after[next] ?? []) {
        if (!seen.has(before)) {
          seen.add(before)
          open.push(before)
        }
      }
    }
    return false
  }

  // A result that is a parameter, a constant or another result too becomes a copy, made before the first result is
  // placed: what it copies may be overwritten.
  const claimed = new Set(fixed)
  const requested = requests.map((request) => {
    const { value } = request
    if (!claimed.has(value)) {
      claimed.add(value)
      return request
    }
    const bytes = buffers[value] ?? 0
    const fresh = buffers.push(bytes) - 1
    const task = copy(machine, value, fresh, bytes)
    if (task !== undefined) add(task)
    return { ...request, value: fresh }
  })

  for (const { value, target, role } of requested) {
    const index = writer.get(value)
    const task = index === undefined ? undefined : tasks[index]
    if (index === undefined || task === undefined) continue
    if (role === "output") {
      placedAt.set(value, target)
      continue
    }
    const others = new Set(readers.get(target))
    const itself = others.delete(index)
    const safe = !itself || task.inPlace.some(([output, input]) => output === value && input === target)
    if (safe && !follows(index, others)) {
      placedAt.set(value, target)
      for (const reader of others) after[index]?.add(reader)
    } else {
      const fresh = buffers.push(buffers[target] ?? 0) - 1
      const last = copy(machine, value, fresh, buffers[value] ?? 0)
      if (last === undefined) continue
      const at = add(last)
      placedAt.set(fresh, target)
      for (const reader of readers.get(target) ?? []) if (reader !== at) after[at]?.add(reader)
    }
  }
  return { tasks, after, buffers, placedAt }
}
