/**
 * The engine `native`: the plan, memory and threads of the engine `wasm`, and x86-64 machine code for its operations at
 * the processor's full width. What has no machine code is done by WebAssembly in the same programs.
 *
 * **Its bits are those of `wasm`**, of every result, on both levels and for every number of threads: a vector's width
 * changes the order of no sum. With `fused` products are rounded once for a product and a sum: other bits, which are
 * the same on both levels.
 *
 * ```ts
 * const learner = Program.compile(NativeEngine.make(), { state, programs })
 * ```
 */
import { type Engine, EngineError, refuseUnknown } from "../../Engine.ts"
import { WasmEngine } from "../wasm/index.ts"
import * as Addon from "./addon/index.ts"
import type { Level } from "./assembly/index.ts"
import * as Emit from "./emit/index.ts"
import { machine } from "./Machine.ts"
import * as Peak from "./Peak.ts"

export type { Level } from "./assembly/index.ts"

// models

export interface Options {
  /** How many threads share the work of a program, the caller's included. */
  readonly threads?: number
  /** Products by fused multiply-add: deterministic, but with other bits. */
  readonly fused?: boolean
  /** The processor's best if not given. */
  readonly level?: Level
  /** Nanoseconds of estimated work under which a program stays on the caller's thread. */
  readonly shareAbove?: number
}

const LEVELS: ReadonlyArray<Level> = ["avx512", "avx2"]

// pure core

const refuse = (reason: string, fix: string): EngineError =>
  new EngineError({ engine: "native", reason, fix })

// constructors

/** The processor's best level. Throws an `EngineError` where machine code cannot be run, and says why. */
export const level = (): Level => Addon.open().level

const levelOf = (asked: Level | undefined): Level => {
  const best = level()
  if (asked === undefined) return best
  if (!LEVELS.includes(asked)) {
    throw refuse(`there is no level ${asked}`, `Give one of ${LEVELS.join(", ")}`)
  }
  if (LEVELS.indexOf(asked) < LEVELS.indexOf(best)) {
    throw refuse(`the processor has ${best}, not ${asked}`, "Leave the level out")
  }
  return asked
}

/** What one thread can do at most, to be measured. Throws what `make` throws. */
export const peak = ({ fused = false, level }: Pick<Options, "fused" | "level"> = {}): Peak.Peak =>
  Peak.make(levelOf(level), fused)

/** Frees the code of programs that were forgotten without being disposed. */
const forgotten = new FinalizationRegistry<Addon.Placed>((placed) => Addon.open().free(placed))

const load = (
  level: Level,
  functions: ReadonlyArray<WasmEngine.Foreign.Pieces<Emit.Kernel>>,
  memory: ArrayBuffer | SharedArrayBuffer,
  words: ReadonlyArray<number>
): WasmEngine.Foreign.Loaded => {
  const code = Emit.code(level)
  const starts = functions.map((pieces) => Emit.Routine.append(code, pieces))
  const entries = Emit.Routine.dispatch(code, words, starts)
  const addon = Addon.open()
  const placed = addon.place(code.finish(), entries, new Uint8Array(memory))
  const loaded: WasmEngine.Foreign.Loaded = {
    entries: addon.entries(placed),
    worker: Addon.script(placed),
    dispose: () => {
      forgotten.unregister(loaded)
      addon.free(placed)
    }
  }
  // A worker that does not answer may still be in the middle of it.
  if (words.length === 1) forgotten.register(loaded, placed, loaded)
  return loaded
}

/**
 * The engine. Throws an `EngineError` where machine code cannot be run: another processor than x86-64 with AVX2, another
 * system than Linux, no folder that code can be loaded from.
 */
export const make = (options: Options = {}): Engine => {
  refuseUnknown("native", options, ["threads", "fused", "level", "shareAbove"])
  const { fused = false, level: asked, ...shared } = options
  const level = levelOf(asked)
  const engine = WasmEngine.makeWith<Emit.Kernel>(
    {
      foreign: {
        name: fused ? "native:fused" : "native",
        machine,
        emit: ({ op }, { address, ordered }) =>
          Emit.emit(
            op,
            Emit.target({ level, fused }, address, (buffer) => ordered.buffers[buffer] ?? 0)
          ),
        load: (functions, { buffer }, words) => load(level, functions, buffer, words)
      }
    },
    shared
  )
  // Fused products and what WebAssembly does beside them round differently, and the number of rows may decide which it is.
  return { ...engine, rowsAlike: !fused, libraries: { level } }
}
