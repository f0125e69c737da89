/**
 * A thread of Node's that follows orders, one after the other, and answers. Who asks may sleep until the answer comes:
 * that makes a call synchronous whose work needs an event loop.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData
} from "node:worker_threads"

// models

interface Letter<Order> {
  readonly id: number
  readonly order: Order
}

interface Reply {
  readonly id: number
  readonly answer: unknown
}

/** What the thread is given. */
interface Job {
  readonly port: MessagePort
  readonly control: Int32Array
}

export interface Options<Answer> {
  /** The file of the thread's code, which calls `serve`. */
  readonly file: URL
  readonly name: string
  readonly isAnswer: (u: unknown) => u is Answer
  /** The error for those who ask a thread that is no more. */
  readonly gone: (reason: string, cause?: unknown) => Error
}

/** Words of `Job.control`: how many answers there have been, and whether there will be no more. */
const ANSWERS = 0
const ENDED = 1

const isReply = (u: unknown): u is Reply => typeof u === "object" && u !== null && "id" in u && "answer" in u
const isJob = (u: unknown): u is Job => typeof u === "object" && u !== null && "port" in u && "control" in u

// the asker's side

/** Letters to the thread and answers from it, in their order. */
export class Post<Order, Answer> {
  readonly #control = new Int32Array(new SharedArrayBuffer(8))
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #options: Options<Answer>
  readonly #answers = new Map<number, Answer>()
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #sent = 0
  #end: Error | undefined

  constructor(options: Options<Answer>) {
    const { file, gone, name } = options
    const { port1, port2 } = new MessageChannel()
    const job: Job = { port: port2, control: this.#control }
    this.#options = options
    this.#port = port1
    this.#worker = new Worker(file, { name, workerData: job, transferList: [port2], execArgv: [] })
    port1.on("message", (reply: unknown) => this.#receive(reply))
    this.#worker.on("error", (cause) => this.#close(gone(`its thread failed: ${String(cause)}`, cause)))
    this.#worker.on("exit", () => this.#close(gone("its thread ended")))
    // Neither keeps the process alive, except while somebody waits.
    port1.unref()
    this.#worker.unref()
  }

  /** Sleeps until the answer comes. */
  ask(order: Order): Answer {
    const id = this.#send(order)
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
      if (Atomics.load(this.#control, ENDED) !== 0) throw this.#options.gone("its thread ended")
      Atomics.wait(this.#control, ANSWERS, count)
    }
  }

  askAsync(order: Order): Promise<Answer> {
    const id = this.#send(order)
    if (this.#waiting.size === 0) this.#worker.ref()
    const waiter = Promise.withResolvers<Answer>()
    this.#waiting.set(id, waiter)
    return waiter.promise
  }

  /** Ends the thread; those who wait, and those who ask from now on, get the error. */
  end(error: Error): void {
    this.#close(error)
    this.#port.close()
    void this.#worker.terminate()
  }

  #send(order: Order): number {
    if (this.#end !== undefined) throw this.#end
    this.#sent += 1
    const letter: Letter<Order> = { id: this.#sent, order }
    this.#port.postMessage(letter, [])
    return this.#sent
  }

  #receive(reply: unknown): void {
    if (!isReply(reply)) return
    const { answer, id } = reply
    if (!this.#options.isAnswer(answer)) return
    const waiter = this.#waiting.get(id)
    if (waiter === undefined) this.#answers.set(id, answer)
    else {
      this.#waiting.delete(id)
      if (this.#waiting.size === 0) this.#worker.unref()
      waiter.resolve(answer)
    }
  }

  #close(error: Error): void {
    this.#end ??= error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

// the thread's side

/** Follows the orders of whoever started this thread, until it is terminated. Elsewhere than in such a thread, nothing. */
export const serve = (follow: (order: unknown) => Promise<unknown>): void => {
  const job: unknown = workerData
  if (!isJob(job)) return
  const { control, port } = job
  const wake = () => {
    Atomics.add(control, ANSWERS, 1)
    Atomics.notify(control, ANSWERS)
  }
  process.on("exit", () => {
    Atomics.store(control, ENDED, 1)
    wake()
  })
  let last: Promise<void> = Promise.resolve()
  port.on("message", ({ id, order }: Letter<unknown>) => {
    last = last
      .then(() => follow(order))
      .then((answer) => {
        const reply: Reply = { id, answer }
        port.postMessage(reply)
        wake()
      })
  })
}
