/**
 * The engine `wasm`: plans all programs of a module and compiles them to one WebAssembly module for exactly their shapes. State,
 * inputs and outputs are views of its memory; a call is one call of a WebAssembly function and allocates nothing.
 *
 * The bits of every result are the same on every machine, in every run and for every number of threads (unless
 * `relaxed`): strict IEEE 754 arithmetic only, sums in a fixed order, and transcendental functions of our own. In one
 * place they are not IEEE 754's: an elementwise kernel that renews a state stores numbers below 2^-126 as 0.
 *
 * ```ts
 * const learner = Program.compile(WasmEngine.make(), { state, programs })
 * ```
 */
import {
  type Engine,
  EngineError,
  type Executable,
  type Linked,
  type Module,
  refuseUnknown
} from "../../Engine.ts"
import type { Graph } from "../../graph/index.ts"
import { type Buffers, Layout, ProgramPlan } from "../../plan/index.ts"
import { Assembler, type Code, f32x4 } from "./assembly/index.ts"
import * as Emit from "./emit/index.ts"
import { machine, SHARE_ABOVE } from "./Machine.ts"
import * as Runtime from "./Runtime.ts"
import * as Team from "./Team.ts"

/** The most memory that the programs of one module can have. */
export { MOST_BYTES } from "./Machine.ts"
/** Whether this machine's WebAssembly accepts a module of these bytes. */
export { validate as accepts } from "./Runtime.ts"

// models

export interface Options {
  /** How many threads share the work of a program, the caller's included. */
  readonly threads?: number
  /** Use fused multiply-add where the machine has it: faster, but the bits then depend on the machine. */
  readonly relaxed?: boolean
  /** Nanoseconds of estimated work under which a program stays on the caller's thread; 30,000 if not given. */
  readonly shareAbove?: number
}

// pure core

/** The bytes of the module that runs all programs. Program i is exported as `Team.programName(i)`. */
const assemble = (
  { programs, scratch, bytes }: Layout.Layout,
  threads: number,
  relaxed: boolean
): Uint8Array<ArrayBuffer> => {
  const assembler = Assembler.make({ pages: Math.ceil(bytes / Runtime.PAGE), shared: threads > 1 })
  const team = Team.define(assembler, threads)
  const math = Emit.MathFunctions.make(assembler)
  const kernels = new Map<string, Assembler.Func>()
  const shared: Emit.Target["shared"] = (key, make) => {
    const func = kernels.get(key) ?? make()
    kernels.set(key, func)
    return func
  }
  const bodies = programs.map(({ ordered, schedule, address }) => {
    const target: Emit.Target = { module: assembler, math, relaxed, address, shared }
    const parts = new Map<number, Emit.Part>()
    const partOf = (index: number): Emit.Part => {
      const task = ordered.tasks[index]
      const part = parts.get(index) ?? (task === undefined ? () => [] : Emit.emit(task, target))
      parts.set(index, part)
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

const link = (module: Module, options: Required<Options>): Linked => {
  const { relaxed, threads } = options
  const planned = [...module.programs].map(([name, graph]) => ProgramPlan.make(machine, name, graph, options))
  const placed = Layout.make(machine, module, planned, threads)
  const compiled = Runtime.compile(assemble(placed, threads, relaxed))
  const memory = Runtime.memory(placed.bytes, threads > 1)
  const { buffer } = memory
  const team = Team.start(compiled, memory, threads)

  const state = new Map(
    [...module.state].map(([path, array]) => [path, Layout.view(buffer, placed.states.get(path) ?? 0, array)])
  )
  for (const [path, { data }] of module.state) state.get(path)?.data.set(data)

  const programs = new Map(
    placed.programs.map(({ name, graph, address, constants, inputs, outputs, schedule }, index) => {
      for (const [at, data] of constants) Layout.put(buffer, address(at), data)
      const views = (
        role: string,
        list: Graph.Graph["parameters"] | Graph.Graph["results"],
        at: ReadonlyMap<string, Buffers.BufferId>
      ) =>
        new Map(
          list.flatMap(({ role: own, path, value }) => {
            const spec = graph.values[value]
            const place = at.get(path)
            return own === role && spec !== undefined && place !== undefined
              ? [[path, Layout.view(buffer, address(place), spec)] as const]
              : []
          })
        )
      const run = team.program(index)
      const executable: Executable = {
        inputs: views("input", graph.parameters, inputs),
        outputs: views("output", graph.results, outputs),
        run,
        runAsync: () => Promise.resolve().then(run),
        threads: schedule.threads
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
  refuseUnknown("wasm", options, ["threads", "relaxed", "shareAbove"])
  const { threads = 1, relaxed = false, shareAbove = SHARE_ABOVE } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > Team.MOST_THREADS) {
    throw new EngineError({
      engine: "wasm",
      reason: `threads is ${threads}`,
      fix: `Give an integer from 1 to ${Team.MOST_THREADS}`
    })
  }
  return {
    name: relaxed ? "wasm:relaxed" : "wasm",
    synchronous: true,
    link: (module) => link(module, { threads, relaxed: relaxed && hasRelaxedSimd(), shareAbove })
  }
}
