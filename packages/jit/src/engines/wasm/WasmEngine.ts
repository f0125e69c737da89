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
import { type Engine, EngineError, type Linked, type Module, refuseUnknown } from "../../Engine.ts"
import { Threads } from "../../host/index.ts"
import { Layout, Linking, ProgramPlan } from "../../plan/index.ts"
import { Assembler, type Code, f32x4 } from "./assembly/index.ts"
import * as Emit from "./emit/index.ts"
import * as Foreign from "./Foreign.ts"
import { machine, SHARE_ABOVE } from "./Machine.ts"
import * as Runtime from "./Runtime.ts"
import * as Team from "./Team.ts"

/** The code of every operation, and what it is written with: for who brings an emitter of his own. */
export { emitters, type Emitters, type Others, type Part, type Target } from "./emit/index.ts"
/** Code of another kind in the programs of this engine. */
export type * as Foreign from "./Foreign.ts"
/** What planning must know of WebAssembly. */
export { machine } from "./Machine.ts"
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

/** Code from elsewhere: WebAssembly of some operations, or another kind of code. */
export interface Parts<C> {
  /** Each gives the code of an operation; the engine's own is used where one is missing or gives `undefined`. */
  readonly emitters?: Emit.Others
  readonly foreign?: Foreign.Foreign<C>
}

// pure core

/** The bytes of the module that runs all programs. Program i is exported as `Team.programName(i)`. */
const assemble = <C>(
  { programs, scratch, bytes }: Layout.Layout,
  { functions, programs: divided }: Foreign.Division<C>,
  threads: number,
  relaxed: boolean,
  emitters: Emit.Others
): Uint8Array<ArrayBuffer> => {
  const assembler = Assembler.make({ pages: Math.ceil(bytes / Runtime.PAGE), shared: threads > 1 })
  const team = Team.define(assembler, threads, functions.length > 0)
  const math = Emit.MathFunctions.make(assembler)
  const kernels = new Map<string, Assembler.Func>()
  const shared: Emit.Target["shared"] = (key, make) => {
    const func = kernels.get(key) ?? make()
    kernels.set(key, func)
    return func
  }
  const bodies = programs.map(({ ordered, address }, index) => {
    const target: Emit.Target = { module: assembler, math, relaxed, address, shared }
    const parts = new Map<number, Emit.Part>()
    const partOf = (index: number): Emit.Part => {
      const task = ordered.tasks[index]
      const part = parts.get(index) ?? (task === undefined ? () => [] : Emit.emit(task, target, emitters))
      parts.set(index, part)
      return part
    }
    return (divided[index] ?? []).map((phases, thread) =>
      phases.map(
        (steps, p): Code => [
          p === 0 ? [] : team.barrier(thread),
          steps.map((step) =>
            step.kind === "own"
              ? partOf(step.task)(step.start, step.end, scratch[thread] ?? 0)
              : team.enter(thread, step.index)
          )
        ]
      )
    )
  })
  team.expose(bodies)
  return assembler.bytes()
}

// constructors

/** A module's plan, and its bytes. */
const prepare = <C>(module: Module, options: Required<Options>, { emitters = {}, foreign }: Parts<C>) => {
  const { relaxed, threads } = options
  const target = foreign?.machine ?? machine
  const planned = [...module.programs].map(([name, graph]) => ProgramPlan.make(target, name, graph, options))
  const placed = Layout.make(target, module, planned, threads)
  const division = Foreign.divide(placed, foreign?.emit ?? (() => undefined))
  return {
    bytes: assemble(placed, division, threads, relaxed, emitters),
    /** Memory for it, what a team needs, and the programs that the team runs. */
    place: () => {
      const memory = Runtime.memory(placed.bytes, threads > 1)
      const loaded = foreign?.load(division.functions, memory, Team.wordsOf(threads))
      return {
        memory,
        needs: { engine: foreign?.name ?? "wasm", threads, loaded },
        link: (team: Team.Team): Linked => Linking.link(module, placed, memory.buffer, team)
      }
    }
  }
}

const link = <C>(module: Module, options: Required<Options>, parts: Parts<C>): Linked => {
  const { bytes, place } = prepare(module, options, parts)
  const compiled = Runtime.compile(bytes)
  const { link, memory, needs } = place()
  return link(Team.start(compiled, memory, needs))
}

const linkAsync = async <C>(module: Module, options: Required<Options>, parts: Parts<C>): Promise<Linked> => {
  const { bytes, place } = prepare(module, options, parts)
  const compiled = await Runtime.compileAsync(bytes)
  const { link, memory, needs } = place()
  return link(await Team.startAsync(compiled, memory, needs))
}

const hasRelaxedSimd = (): boolean => {
  const probe = Assembler.make({ pages: 1, shared: false })
  const x = f32x4.const(1)
  probe.define("probe", [], ["v128"], () => f32x4.relaxedMadd(x, x, x))
  return Runtime.validate(probe.bytes())
}

/** The engine with code from elsewhere in it; refuses what `make` refuses. */
export const makeWith = <C>(parts: Parts<C>, options: Options = {}): Engine => {
  const name = parts.foreign?.name ?? "wasm"
  refuseUnknown(name, options, ["threads", "relaxed", "shareAbove"])
  const { threads = 1, relaxed = false, shareAbove = SHARE_ABOVE } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > Team.MOST_THREADS) {
    throw new EngineError({
      engine: name,
      reason: `threads is ${threads}`,
      fix: `Give an integer from 1 to ${Team.MOST_THREADS}`
    })
  }
  const obstacle = threads > 1 ? Threads.obstacle() : undefined
  if (obstacle !== undefined) throw new EngineError({ engine: name, ...obstacle })
  const asked = () => ({ threads, relaxed: relaxed && hasRelaxedSimd(), shareAbove })
  return {
    name: relaxed ? `${name}:relaxed` : name,
    synchronous: true,
    rowsAlike: !relaxed,
    link: (module) => link(module, asked(), parts),
    linkAsync: (module) => linkAsync(module, asked(), parts)
  }
}

/**
 * The engine. Linking throws an `EngineError` for a kernel that it lacks, naming the kernel and the line of user code
 * that asked for it. `make` throws one where `threads` is not a positive integer, or more than 1 in a page whose threads
 * may not share memory or on its main thread.
 */
export const make = (options: Options = {}): Engine => makeWith({}, options)
