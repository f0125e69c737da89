/**
 * Programs: pure functions on tensors that share one state, traced once and run by an engine.
 *
 * ```ts
 * const counter = Program.compile(TfjsEngine.cpu(), {
 *   state: { total: NdArray.scalar(0) },
 *   programs: {
 *     add: {
 *       inputs: { x: NdArray.spec([3]) },
 *       fn: ({ total }, { x }) => [{ total: total.add(x.sum()) }, { mean: x.mean() }]
 *     }
 *   }
 * })
 * counter.programs.add.inputs.x.data.set([1, 2, 6])
 * counter.programs.add.run()
 * counter.state.total.data[0] // 9
 * counter.programs.add.outputs.mean.data[0] // 3
 * ```
 *
 * In one call every read of the state sees the old numbers. A tensor of the state that comes back unchanged costs
 * nothing. `inputs`, `outputs` and `state` have the trees that the program was written with; their leaves are live
 * views of the engine's memory.
 */
import type * as tf from "@tensorflow/tfjs-core"
import * as Check from "./Check.ts"
import { type Engine, type Executable, type Linked, linkAsync } from "./Engine.ts"
import type * as Graph from "./graph/Graph.ts"
import * as NdArray from "./graph/NdArray.ts"
import * as Tree from "./graph/Tree.ts"
import * as TfjsEngine from "./engines/tfjs/TfjsEngine.ts"
import { simplify } from "./passes/Simplify.ts"
import * as Trace from "./trace/Trace.ts"

// models

/** A pure function: the state and the inputs in, the next state (the same tree) and the outputs out. */
export type Fn<S, I, O> = (state: S, inputs: Trace.Tensors<I>) => readonly [state: S, outputs: O]

/** A program before it is compiled: the tree of its inputs' shapes, and its function. */
export interface Definition<S, I, O> {
  readonly inputs: I
  readonly fn: Fn<S, I, O>
}

/** A compiled program: write `inputs`, call `run`, read `outputs`. */
export interface Program<I, O> {
  readonly inputs: Tree.Mapped<I, NdArray.Spec, NdArray.NdArray>
  readonly outputs: Tree.Mapped<O, tf.Tensor, NdArray.NdArray>
  /** One synchronous call. Throws an `EngineError` on an engine that is not synchronous. */
  readonly run: () => void
  /** The same on any engine. */
  readonly runAsync: () => Promise<void>
  /** How many threads share the work of a call: 1 for a small program. Undefined where a library decides that. */
  readonly threads: number | undefined
  /** What was traced. */
  readonly traced: Graph.Graph
  /** What the engine runs: the traced graph, simplified. */
  readonly graph: Graph.Graph
}

/** Compiled programs and the state that they share. */
export interface Compiled<S, I, O> {
  readonly engine: string
  readonly state: Tree.Mapped<S, NdArray.NdArray, NdArray.NdArray>
  readonly programs: { readonly [K in keyof I & keyof O]: Program<I[K], O[K]> }
  /** Makes `state` show what the device holds; needed only on engines with memory of their own. */
  readonly pull: () => void
  /** Makes the device hold what was written to `state`. */
  readonly push: () => void
  /** Frees memory and ends workers. */
  readonly dispose: () => void
}

export interface Options<S, I, O> {
  /** The state's initial numbers; copied. */
  readonly state: S
  readonly programs: { readonly [K in keyof I]: { readonly inputs: I[K] } } & {
    readonly [K in keyof O]: { readonly fn: Fn<Trace.Tensors<S>, I[K & keyof I], O[K]> }
  }
  /** Compares the first call of every program with `tfjs:cpu` on the graph as traced (see `Check`). */
  readonly check?: boolean | Check.Tolerance
}

// constructors

/**
 * A program that is written away from `compile`; its state's type is the one its function asks for.
 *
 * @example
 * const decay = Program.define({
 *   inputs: { rate: NdArray.spec([]) },
 *   fn: (state: { readonly w: tf.Tensor }, { rate }) => [{ w: state.w.mul(rate) }, {}]
 * })
 */
export const define = <S, I, O>(definition: Definition<S, I, O>): Definition<S, I, O> => definition

const isPath = (u: unknown): u is string => typeof u === "string"

const lookUp = <A>(found: ReadonlyMap<string, A>, name: string): A => {
  const a = found.get(name)
  if (a === undefined) throw new RangeError(`the engine gave nothing for "${name}"`)
  return a
}

/** The program `definition`, traced; the trees of the compiled program are made by `bind`. */
const traced = <S, I, O>(name: string, state: S, definition: Definition<Trace.Tensors<S>, I, O>) => {
  const { graph, outputs } = Trace.trace({ name, state, inputs: definition.inputs, fn: definition.fn })
  const simplified = simplify(graph, TfjsEngine.cpu())
  return {
    name,
    traced: graph,
    graph: simplified,
    bind: (executable: Executable) => ({
      inputs: Tree.map(definition.inputs, NdArray.isSpec, (_, path) => lookUp(executable.inputs, path)),
      outputs: Tree.replace(outputs, isPath, (path) => lookUp(executable.outputs, path)),
      run: executable.run,
      runAsync: executable.runAsync,
      threads: executable.threads,
      traced: graph,
      graph: simplified
    })
  }
}

/** The module that an engine links, and the compiled programs made of what it gives. */
const prepare = <S, I, O>(engine: Engine, options: Options<S, I, O>) => {
  const definitions: ReadonlyArray<[string, Definition<Trace.Tensors<S>, I[keyof I], O[keyof O]>]> =
    Object.entries(options.programs)
  const programs = definitions.map(([name, definition]) => traced(name, options.state, definition))
  const state = new Map(
    Tree.entries(Tree.from(options.state, NdArray.isNdArray), NdArray.isNdArray).map(({ leaf, path }) => [
      path,
      leaf
    ])
  )
  const bind = (linked: Linked): object => {
    const executables = options.check
      ? Check.againstOracle(
          engine.name,
          { state, programs: new Map(programs.map((p) => [p.name, p.traced])) },
          linked,
          options.check
        )
      : linked.programs
    return {
      engine: engine.name,
      state: Tree.map(options.state, NdArray.isNdArray, (_, path) => lookUp(linked.state, path)),
      programs: Object.fromEntries(programs.map(({ bind, name }) => [name, bind(lookUp(executables, name))])),
      pull: linked.pull,
      push: linked.push,
      dispose: linked.dispose
    }
  }
  const module = { state, programs: new Map(programs.map(({ graph, name }) => [name, graph])) }
  return { module, bind }
}

/**
 * Traces the programs and links them with the engine. Throws a `TraceError` if a function cannot become a graph, and
 * an `EngineError` if the engine lacks a kernel.
 */
export function compile<S, I, O>(engine: Engine, options: Options<S, I, O>): Compiled<S, I, O>
// A type that maps over the programs' names cannot follow the loop over them: the signature above says what is built.
export function compile<S, I, O>(engine: Engine, options: Options<S, I, O>): object {
  const { bind, module } = prepare(engine, options)
  return bind(engine.link(module))
}

/**
 * The same beside the caller, as a page needs it: nothing holds up its main thread but tracing, and all threads of the
 * engine are there before the first call. Rejected with what `compile` throws.
 *
 * @example
 * const counter = await Program.compileAsync(WasmEngine.make({ threads: 2 }), { state, programs })
 */
export function compileAsync<S, I, O>(engine: Engine, options: Options<S, I, O>): Promise<Compiled<S, I, O>>
export async function compileAsync<S, I, O>(engine: Engine, options: Options<S, I, O>): Promise<object> {
  const { bind, module } = prepare(engine, options)
  return bind(await linkAsync(engine, module))
}
