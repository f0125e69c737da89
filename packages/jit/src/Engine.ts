/**
 * The contract between a compiled program and the engine that runs it. An engine gets the graphs of all programs that
 * share one state, and gives back memory that the caller sees and calls that it can make.
 */
import type * as Graph from "./graph/Graph.ts"
import type * as NdArray from "./graph/NdArray.ts"

// errors

/** What went wrong in an engine: what it was, where, and how to fix it. */
export class EngineError extends Error {
  readonly _tag = "EngineError"
  readonly engine: string
  readonly reason: string
  readonly fix: string
  constructor(options: {
    readonly engine: string
    readonly reason: string
    readonly fix: string
    readonly cause?: unknown
  }) {
    super(`engine ${options.engine}: ${options.reason}. ${options.fix}`, { cause: options.cause })
    this.name = "EngineError"
    this.engine = options.engine
    this.reason = options.reason
    this.fix = options.fix
  }
}

/** Throws an `EngineError` that names the options which an engine does not have. */
export const refuseUnknown = (engine: string, options: object, known: ReadonlyArray<string>): void => {
  const unknown = Object.keys(options).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new EngineError({
    engine,
    reason: `it has no option ${unknown.join(", ")}`,
    fix: known.length === 0 ? "Give none" : `There are: ${known.join(", ")}`
  })
}

// models

/** One state and the programs that read and write it. */
export interface Module {
  /** The state's initial numbers by path; copied when linked. */
  readonly state: ReadonlyMap<string, NdArray.NdArray>
  readonly programs: ReadonlyMap<string, Graph.Graph>
}

/** A program that an engine can call. `run` reads `inputs` and the state, writes the state and `outputs`. */
export interface Executable {
  readonly inputs: ReadonlyMap<string, NdArray.NdArray>
  readonly outputs: ReadonlyMap<string, NdArray.NdArray>
  /** One synchronous call. Throws an `EngineError` where the engine is not `synchronous`. */
  readonly run: () => void
  /** The same on an engine that answers later; on a synchronous engine it is `run`. */
  readonly runAsync: () => Promise<void>
  /** How many threads share the work of a call, where the engine decides that itself. */
  readonly threads?: number
}

/** A module in an engine's memory. The arrays are live views for as long as it is not disposed. */
export interface Linked {
  readonly state: ReadonlyMap<string, NdArray.NdArray>
  readonly programs: ReadonlyMap<string, Executable>
  /** Makes `state` show what the device holds. Nothing to do where the views are the memory itself. */
  readonly pull: () => void
  /** Makes the device hold what `state` shows, after the caller has written to it. */
  readonly push: () => void
  /** Frees memory and ends workers. Calling anything afterwards throws an `EngineError`. */
  readonly dispose: () => void
}

export interface Engine {
  /** `wasm`, `tfjs:cpu`, ...; written into run records. */
  readonly name: string
  readonly synchronous: boolean
  /** Has a row of a batch the bits that it has alone? Nothing is promised where this is left out. */
  readonly rowsAlike?: boolean
  /** Versions of what computes behind it, where the bits are not this package's own: `{ tensorflow: "2.21.0" }`. */
  readonly libraries?: { readonly [name: string]: string }
  readonly link: (module: Module) => Linked
  /**
   * The same where compiling must not hold up the caller, and where threads begin only while the caller waits, as in a
   * browser: when it is resolved, all of them are there and a call may block. Left out where `link` is as good.
   */
  readonly linkAsync?: (module: Module) => Promise<Linked>
}

// combinators

/** Links a module beside the caller where the engine can, else at once. */
export const linkAsync = async (engine: Engine, module: Module): Promise<Linked> =>
  engine.linkAsync === undefined ? engine.link(module) : engine.linkAsync(module)

/** The same until it is disposed; from then on every call throws an `EngineError`. */
export const untilDisposed = (engine: string, linked: Linked): Linked => {
  let isDisposed = false
  const alive =
    <A>(call: () => A): (() => A) =>
    () => {
      if (!isDisposed) return call()
      throw new EngineError({
        engine,
        reason: "it was used after `dispose()`",
        fix: "Compile the programs again."
      })
    }
  return {
    state: linked.state,
    programs: new Map(
      [...linked.programs].map(([name, program]) => [
        name,
        { ...program, run: alive(program.run), runAsync: alive(program.runAsync) }
      ])
    ),
    pull: alive(linked.pull),
    push: alive(linked.push),
    dispose: alive(() => {
      isDisposed = true
      linked.dispose()
    })
  }
}
