/**
 * The thread that the GPU lives on. WebGPU answers when its thread's event loop turns, so a caller who waits for an
 * answer must be another thread: that makes calls synchronous, and leaves the caller's global objects alone.
 *
 * Both threads see the same arrays; only orders and answers are posted.
 */
import { EngineError } from "../../Engine.ts"
import type { Graph, NdArray } from "../../graph/index.ts"
import { Post } from "../../host/node/index.ts"
import * as Adapter from "./Adapter.ts"
import type { Memory } from "./Gpu.ts"

// models

/** Arrays in memory that both threads see, by path. */
export type Arrays = ReadonlyMap<string, NdArray.NdArray>

export interface Program {
  readonly graph: Graph.Graph
  readonly inputs: Arrays
  readonly outputs: Arrays
}

/** What the caller asks for. */
export type Order =
  | { readonly _tag: "open"; readonly wanted: Adapter.Wanted }
  | {
      readonly _tag: "link"
      readonly module: number
      readonly state: Arrays
      readonly programs: ReadonlyMap<string, Program>
    }
  | { readonly _tag: "run"; readonly module: number; readonly program: string }
  | { readonly _tag: "pull" | "push" | "unlink"; readonly module: number }
  | { readonly _tag: "memory" }

/** An error crosses as its fields: a clone of it has no class. */
export interface Answer {
  readonly adapter?: Adapter.Adapter
  readonly memory?: Memory
  readonly failure?: { readonly engine: string; readonly reason: string; readonly fix: string }
}

export interface Thread {
  readonly adapter: Adapter.Adapter
  /** Sleeps until the answer comes. Throws an `EngineError` where the order failed. */
  readonly ask: (order: Order) => Answer
  readonly askAsync: (order: Order) => Promise<Answer>
  readonly end: () => void
}

// pure core

const isAnswer = (u: unknown): u is Answer => typeof u === "object" && u !== null

const gone = (reason: string, cause?: unknown): EngineError =>
  new EngineError({
    engine: Adapter.ENGINE,
    reason,
    fix: "Make the engine again and continue from the last saved state.",
    cause
  })

const succeeded = (answer: Answer): Answer => {
  if (answer.failure === undefined) return answer
  throw new EngineError(answer.failure)
}

// constructors

/** The file of the thread's code, next to this one: source or compiled. */
const file = () => new URL(`./ThreadWorker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)

/** Starts the thread and opens the GPU on it. */
export const start = async (wanted: Adapter.Wanted): Promise<Thread> => {
  const post = new Post.Post<Order, Answer>({ file: file(), name: "ornstein webgpu", isAnswer, gone })
  const end = () => post.end(gone("it was used after `dispose()`"))
  const askAsync = async (order: Order) => succeeded(await post.askAsync(order))
  const { adapter } = await askAsync({ _tag: "open", wanted }).catch((cause: unknown) => {
    end()
    throw cause
  })
  if (adapter === undefined) throw gone("its thread opened no adapter")
  return { adapter, ask: (order) => succeeded(post.ask(order)), askAsync, end }
}
