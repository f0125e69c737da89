/**
 * The thread that the GPU lives on. WebGPU answers when its thread's event loop turns, so a caller who waits for an
 * answer must be another thread: that makes calls synchronous, and leaves the caller's global objects alone.
 *
 * Both threads see the same arrays; only orders and answers are posted.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads"
import { EngineError } from "../../Engine.ts"
import type { Graph, NdArray } from "../../graph/index.ts"
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

export interface Letter {
  readonly id: number
  readonly order: Order
}

/** The answer to the letter with this `id`. An error crosses as its fields: a clone of it has no class. */
export interface Answer {
  readonly id: number
  readonly adapter?: Adapter.Adapter
  readonly memory?: Memory
  readonly failure?: { readonly engine: string; readonly reason: string; readonly fix: string }
}

/** What the thread is given. */
export interface Job {
  readonly port: MessagePort
  readonly control: Int32Array
}

export interface Thread {
  readonly adapter: Adapter.Adapter
  /** Sleeps until the answer comes. Throws an `EngineError` where the order failed. */
  readonly ask: (order: Order) => Answer
  readonly askAsync: (order: Order) => Promise<Answer>
  readonly end: () => void
}

/** Words of `Job.control`: how many answers there have been, and whether there will be no more. */
export const ANSWERS = 0
export const ENDED = 1

// pure core

const isAnswer = (u: unknown): u is Answer => typeof u === "object" && u !== null && "id" in u

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

/** Letters to the thread and answers from it, in their order. */
class Post {
  readonly #control = new Int32Array(new SharedArrayBuffer(8))
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #answers = new Map<number, Answer>()
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #sent = 0
  #end: EngineError | undefined

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const job: Job = { port: port2, control: this.#control }
    this.#port = port1
    this.#worker = new Worker(file(), {
      name: "ornstein webgpu",
      workerData: job,
      transferList: [port2],
      execArgv: []
    })
    port1.on("message", (answer: unknown) => this.#receive(answer))
    this.#worker.on("error", (cause) => this.#close(gone(`its thread failed: ${String(cause)}`, cause)))
    this.#worker.on("exit", () => this.#close(gone("its thread ended")))
    // Neither keeps the process alive, except while somebody waits.
    port1.unref()
    this.#worker.unref()
  }

  send(order: Order): number {
    if (this.#end !== undefined) throw this.#end
    this.#sent += 1
    const letter: Letter = { id: this.#sent, order }
    this.#port.postMessage(letter, [])
    return this.#sent
  }

  wait(id: number): Answer {
    while (true) {
      const count = Atomics.load(this.#control, ANSWERS)
      for (let m = receiveMessageOnPort(this.#port); m !== undefined; m = receiveMessageOnPort(this.#port)) {
        this.#receive(m.message)
      }
      const answer = this.#answers.get(id)
      if (answer !== undefined) {
        this.#answers.delete(id)
        return answer
      }
      if (Atomics.load(this.#control, ENDED) !== 0) throw gone("its thread ended")
      Atomics.wait(this.#control, ANSWERS, count)
    }
  }

  later(id: number): Promise<Answer> {
    if (this.#waiting.size === 0) this.#worker.ref()
    const waiter = Promise.withResolvers<Answer>()
    this.#waiting.set(id, waiter)
    return waiter.promise
  }

  end(): void {
    this.#close(gone("it was used after `dispose()`"))
    this.#port.close()
    void this.#worker.terminate()
  }

  #receive(answer: unknown): void {
    if (!isAnswer(answer)) return
    const waiter = this.#waiting.get(answer.id)
    if (waiter === undefined) this.#answers.set(answer.id, answer)
    else {
      this.#waiting.delete(answer.id)
      if (this.#waiting.size === 0) this.#worker.unref()
      waiter.resolve(answer)
    }
  }

  #close(error: EngineError): void {
    this.#end ??= error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** Starts the thread and opens the GPU on it. */
export const start = async (wanted: Adapter.Wanted): Promise<Thread> => {
  const post = new Post()
  const askAsync = async (order: Order) => succeeded(await post.later(post.send(order)))
  const { adapter } = await askAsync({ _tag: "open", wanted }).catch((cause: unknown) => {
    post.end()
    throw cause
  })
  if (adapter === undefined) throw gone("its thread opened no adapter")
  return {
    adapter,
    ask: (order) => succeeded(post.wait(post.send(order))),
    askAsync,
    end: () => post.end()
  }
}
