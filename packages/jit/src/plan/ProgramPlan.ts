/** A program with everything decided but where its memory begins: tasks, their order and threads, and its buffers. */
import type { Graph, NdArray } from "../graph/index.ts"
import * as Lower from "./Lower.ts"
import type { Machine } from "./Machine.ts"
import * as MemoryPlan from "./MemoryPlan.ts"
import * as Results from "./Results.ts"
import * as Schedule from "./Schedule.ts"
import type { BufferId } from "./Buffers.ts"

// models

export interface ProgramPlan {
  readonly name: string
  readonly graph: Graph.Graph
  readonly ordered: Results.Ordered
  readonly schedule: Schedule.Schedule
  readonly arena: MemoryPlan.Plan
  readonly states: ReadonlyMap<string, BufferId>
  readonly inputs: ReadonlyMap<string, BufferId>
  readonly outputs: ReadonlyMap<string, BufferId>
  readonly constants: ReadonlyMap<BufferId, NdArray.Data>
}

export interface Threading {
  readonly threads: number
  /** Nanoseconds of estimated work under which a program stays on one thread. */
  readonly shareAbove: number
}

// constructors

/** Throws an `EngineError` for a kernel that the engine lacks. */
export const make = (
  machine: Machine,
  name: string,
  graph: Graph.Graph,
  { shareAbove, threads }: Threading
): ProgramPlan => {
  const lowered = Lower.lower(machine, graph)
  const buffers = [...lowered.buffers]
  const bufferOf = (value: Graph.ValueId): BufferId => {
    const buffer = lowered.bufferOf.get(value)
    if (buffer === undefined) throw new RangeError(`program ${name} never computes %${value}`)
    return buffer
  }
  const parameters = (role: Graph.Parameter["role"]) =>
    new Map(graph.parameters.flatMap((p) => (p.role === role ? [[p.path, bufferOf(p.value)] as const] : [])))
  const states = parameters("state")
  const inputs = parameters("input")
  const constants = new Map(graph.constants.map(({ value, data }) => [bufferOf(value), data]))
  const outputs = new Map<string, BufferId>()
  const requests = graph.results.map(({ role, path, value }): Results.Request => {
    const known = role === "state" ? states : outputs
    const target = known.get(path) ?? buffers.push(buffers[bufferOf(value)] ?? 0) - 1
    known.set(path, target)
    return { value: bufferOf(value), target, role }
  })
  const fixed = new Set([...states.values(), ...inputs.values(), ...constants.keys(), ...outputs.values()])
  // States first: what is both a state and an output is computed where the state is.
  const ordered = Results.place(
    machine,
    lowered.tasks,
    buffers,
    [...requests.filter(({ role }) => role === "state"), ...requests.filter(({ role }) => role === "output")],
    fixed
  )
  const { tasks, after, placedAt } = ordered
  const schedule = Schedule.make(
    tasks,
    after,
    (buffer) => placedAt.get(buffer) ?? buffer,
    threads,
    shareAbove
  )
  const arena = MemoryPlan.make(ordered, schedule, (buffer) => !fixed.has(buffer) && !placedAt.has(buffer))
  return { name, graph, ordered, schedule, arena, states, inputs, outputs, constants }
}
