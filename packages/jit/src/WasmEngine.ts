/**
 * The engine `wasm`: compiles all programs of a module to one WebAssembly module for exactly their shapes. State,
 * inputs and outputs are views of its memory; a call is one call of a WebAssembly function and allocates nothing.
 *
 * The bits of every result are the same on every machine, in every run and for every number of threads (unless
 * `relaxed`): strict IEEE 754 arithmetic only, sums in a fixed order, and transcendental functions of our own.
 *
 * ```ts
 * const learner = Program.compile(WasmEngine.make(), { state, programs })
 * ```
 */
import { type Engine, EngineError, type Executable, type Linked, type Module } from "./Engine.ts"
import type * as Graph from "./Graph.ts"
import * as NdArray from "./NdArray.ts"
import * as Assembler from "./wasm/Assembler.ts"
import { type Code, f32x4 } from "./wasm/Instructions.ts"
import * as Lower from "./wasm/Lower.ts"
import * as MathFunctions from "./wasm/MathFunctions.ts"
import * as MemoryPlan from "./wasm/MemoryPlan.ts"
import * as Results from "./wasm/Results.ts"
import * as Runtime from "./wasm/Runtime.ts"
import * as Schedule from "./wasm/Schedule.ts"
import type { BufferId, Part, Target } from "./wasm/Task.ts"
import * as Team from "./wasm/Team.ts"

// models

export interface Options {
  /** How many threads share the work of a program, the caller's included. */
  readonly threads?: number
  /** Use fused multiply-add where the machine has it: faster, but the bits then depend on the machine. */
  readonly relaxed?: boolean
  /** Nanoseconds of estimated work under which a program stays on the caller's thread; 30,000 if not given. */
  readonly shareAbove?: number
}

/** A program before it has a place in memory. */
interface Planned {
  readonly name: string
  readonly graph: Graph.Graph
  readonly lowered: Lower.Lowered
  readonly ordered: Results.Ordered
  readonly schedule: Schedule.Schedule
  readonly arena: MemoryPlan.Plan
  readonly states: ReadonlyMap<string, BufferId>
  readonly inputs: ReadonlyMap<string, BufferId>
  readonly outputs: ReadonlyMap<string, BufferId>
  readonly constants: ReadonlyMap<BufferId, NdArray.Data>
}

// pure core: planning

const refuse = (reason: string, fix: string, cause?: unknown): EngineError =>
  new EngineError({ engine: "wasm", reason, fix, cause })

const plan = (name: string, graph: Graph.Graph, { shareAbove, threads }: Required<Options>): Planned => {
  const lowered = Lower.lower(graph)
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
  return { name, graph, lowered, ordered, schedule, arena, states, inputs, outputs, constants }
}

/** Gives out memory, one aligned piece after the other. */
const bump = (from: number) => {
  let next = from
  return {
    take: (bytes: number): number => {
      const address = next
      next = MemoryPlan.align(next + bytes)
      return address
    },
    used: () => next
  }
}

/** A program with an address for each of its buffers. */
interface Placed extends Planned {
  readonly address: (buffer: BufferId) => number
}

interface Layout {
  readonly programs: ReadonlyArray<Placed>
  readonly states: ReadonlyMap<string, number>
  /** Where each thread's scratch memory begins. */
  readonly scratch: ReadonlyArray<number>
  readonly bytes: number
}

const layout = (module: Module, programs: ReadonlyArray<Planned>, threads: number): Layout => {
  const memory = bump(Team.CONTROL_BYTES)
  const states = new Map(
    [...module.state].map(([path, { data }]) => [path, memory.take(data.byteLength)] as const)
  )
  const scratchBytes = Math.max(
    0,
    ...programs.flatMap(({ ordered }) => ordered.tasks.map(({ scratch }) => scratch))
  )
  const scratch = Array.from({ length: threads }, () => memory.take(scratchBytes))
  const placed = programs.map((program): Placed => {
    const { ordered, lowered, name } = program
    const addresses = new Map<BufferId, number>()
    for (const [path, buffer] of program.states) {
      const address = states.get(path)
      if (address === undefined) {
        throw refuse(
          `program ${name} uses the state "${path}", which the module does not have`,
          "Add it to the state"
        )
      }
      addresses.set(buffer, address)
    }
    for (const buffer of [
      ...program.inputs.values(),
      ...program.outputs.values(),
      ...program.constants.keys()
    ]) {
      addresses.set(buffer, memory.take(ordered.buffers[buffer] ?? lowered.buffers[buffer] ?? 0))
    }
    return {
      ...program,
      address: (buffer) => addresses.get(ordered.placedAt.get(buffer) ?? buffer) ?? Number.NaN
    }
  })
  const arena = memory.used()
  return {
    programs: placed.map((program) => ({
      ...program,
      address: (buffer) => {
        const offset = program.arena.offsets.get(buffer)
        return offset === undefined ? program.address(buffer) : arena + offset
      }
    })),
    states,
    scratch,
    bytes: arena + Math.max(0, ...programs.map((program) => program.arena.bytes)) + MemoryPlan.ALIGNMENT
  }
}

// pure core: code

/** The bytes of the module that runs all programs. Program i is exported as `Team.programName(i)`. */
const assemble = (
  { programs, scratch, bytes }: Layout,
  threads: number,
  relaxed: boolean
): Uint8Array<ArrayBuffer> => {
  const assembler = Assembler.make({ pages: Math.ceil(bytes / Runtime.PAGE), shared: threads > 1 })
  const team = Team.define(assembler, threads)
  const math = MathFunctions.make(assembler)
  const kernels = new Map<string, Assembler.Func>()
  const shared: Target["shared"] = (key, make) => {
    const func = kernels.get(key) ?? make()
    kernels.set(key, func)
    return func
  }
  const bodies = programs.map(({ ordered, schedule, address }) => {
    const target: Target = { module: assembler, math, relaxed, address, shared }
    const parts = new Map<number, Part>()
    const partOf = (task: number): Part => {
      const part = parts.get(task) ?? ordered.tasks[task]?.emit(target) ?? (() => [])
      parts.set(task, part)
      return part
    }
    const bodyOf = (thread: number): Code =>
      schedule.phases.map((phase, p) => [
        p === 0 ? [] : team.barrier(thread),
        phase.map(({ task, parts }) =>
          parts
            .filter((part) => part.thread === thread)
            .map(({ start, end }) => partOf(task)(start, end, scratch[thread] ?? 0))
        )
      ])
    return Array.from({ length: schedule.threads }, (_, thread) => bodyOf(thread))
  })
  team.expose(bodies)
  return assembler.bytes()
}

// constructors

const view = (
  buffer: ArrayBuffer | SharedArrayBuffer,
  at: number,
  { shape, dtype }: NdArray.Spec
): NdArray.NdArray => {
  const length = NdArray.size(shape)
  switch (dtype) {
    case "float32":
      return { shape, dtype, data: new Float32Array(buffer, at, length) }
    case "int32":
      return { shape, dtype, data: new Int32Array(buffer, at, length) }
    case "bool":
      return { shape, dtype, data: new Uint8Array(buffer, at, length) }
  }
}

const link = (module: Module, options: Required<Options>): Linked => {
  const { relaxed, threads } = options
  const planned = [...module.programs].map(([name, graph]) => plan(name, graph, options))
  const placed = layout(module, planned, threads)
  const compiled = Runtime.compile(assemble(placed, threads, relaxed))
  const memory = Runtime.memory(placed.bytes, threads > 1)
  const { buffer } = memory
  const team = Team.start(compiled, memory, threads)

  const state = new Map(
    [...module.state].map(([path, array]) => [path, view(buffer, placed.states.get(path) ?? 0, array)])
  )
  for (const [path, { data }] of module.state) state.get(path)?.data.set(data)

  const programs = new Map(
    placed.programs.map(({ name, graph, lowered, address, constants, inputs, outputs }, index) => {
      for (const { value, data } of graph.constants) {
        const at = lowered.bufferOf.get(value)
        const spec = graph.values[value]
        if (at !== undefined && spec !== undefined && constants.has(at))
          view(buffer, address(at), spec).data.set(data)
      }
      const views = (
        role: string,
        list: Graph.Graph["parameters"] | Graph.Graph["results"],
        at: ReadonlyMap<string, BufferId>
      ) =>
        new Map(
          list.flatMap(({ role: own, path, value }) => {
            const spec = graph.values[value]
            const place = at.get(path)
            return own === role && spec !== undefined && place !== undefined
              ? [[path, view(buffer, address(place), spec)] as const]
              : []
          })
        )
      const run = team.program(index)
      const executable: Executable = {
        inputs: views("input", graph.parameters, inputs),
        outputs: views("output", graph.results, outputs),
        run,
        runAsync: () => Promise.resolve().then(run)
      }
      return [name, executable] as const
    })
  )
  const alive = () => team.check()
  return { state, programs, pull: alive, push: alive, dispose: team.dispose }
}

const hasRelaxedSimd = (): boolean => {
  const probe = Assembler.make({ pages: 1, shared: false })
  const x = f32x4.const(1)
  probe.define("probe", [], ["v128"], () => f32x4.relaxedMadd(x, x, x))
  return Runtime.validate(probe.bytes())
}

/**
 * The engine. Linking throws an `EngineError` for a kernel that it lacks, naming the kernel and the line of user code
 * that asked for it, and where `threads` is not a positive integer.
 */
export const make = (options: Options = {}): Engine => {
  const { threads = 1, relaxed = false, shareAbove = Schedule.SHARE_ABOVE } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > Team.MOST_THREADS) {
    throw refuse(`threads is ${threads}`, `Give an integer from 1 to ${Team.MOST_THREADS}`)
  }
  return {
    name: relaxed ? "wasm:relaxed" : "wasm",
    synchronous: true,
    link: (module) => link(module, { threads, relaxed: relaxed && hasRelaxedSimd(), shareAbove })
  }
}
