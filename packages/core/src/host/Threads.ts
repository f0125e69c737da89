/**
 * Threads that run a module, each with memory that is shared and a port for what does not fit there. Both ends may wait for
 * each other: a port is read without the event loop. Elsewhere than in Node there are none.
 */

// models

/** One end of a conversation. */
export interface Port {
  readonly post: (message: unknown) => void
  /** The next message that has come; nothing if there is none. */
  readonly receive: () => unknown
}

export interface Thread extends Port {
  /** Keeps the process alive, or does so no more. */
  readonly hold: (isHeld: boolean) => void
  /** Ends it, whatever it does; resolved once it has ended. */
  readonly terminate: () => Promise<unknown>
}

export interface Options {
  readonly name: string
  /** The URL of the module that it runs. */
  readonly module: string
  /** What that gets; memory in it is shared. */
  readonly given: object
  /** Of Node, for the thread; left out, those of the process. */
  readonly flags?: ReadonlyArray<string> | undefined
  /** Told what the thread says by `tell`. */
  readonly onTold: (message: unknown) => void
  /** Told why it failed, if it did, and that it is over. */
  readonly onEnd: (cause: unknown) => void
}

/** What the module of a thread finds. */
export interface Inside extends Port {
  readonly given: unknown
  /** Says something to the event loop of who has started it. */
  readonly tell: (message: unknown) => void
  /** Does something when the thread ends by itself. */
  readonly onExit: (act: () => void) => void
}

// pure core

const node = () => globalThis.process?.getBuiltinModule?.("node:worker_threads")

/** May threads be started here, and waited for? */
export const areThere = (): boolean => node() !== undefined

/** How many threads the processor runs side by side. */
export const cores = (): number => globalThis.navigator?.hardwareConcurrency ?? 1

// constructors

/** Starts a thread; throws a `RangeError` where there are none. */
export const start = ({ flags, given, module, name, onEnd, onTold }: Options): Thread => {
  const threads = node()
  if (threads === undefined) throw new RangeError("there are no threads here")
  const { MessageChannel, receiveMessageOnPort, Worker } = threads
  const { port1: own, port2: port } = new MessageChannel()
  own.unref()
  const worker = new Worker(new URL(module), {
    name,
    workerData: { given, port },
    transferList: [port],
    ...(flags === undefined ? {} : { execArgv: [...flags] })
  })
  let cause: unknown
  worker.on("message", onTold)
  worker.on("error", (error) => {
    cause = error
  })
  worker.on("exit", () => {
    own.close()
    onEnd(cause)
  })
  return {
    post: (message) => own.postMessage(message, []),
    receive: () => receiveMessageOnPort(own)?.message,
    hold: (isHeld) => {
      if (isHeld) worker.ref()
      else worker.unref()
    },
    terminate: () => worker.terminate()
  }
}

/** What the module that a thread runs finds; throws a `RangeError` elsewhere. */
export const inside = (): Inside => {
  const { parentPort, receiveMessageOnPort, workerData } = node() ?? {}
  if (parentPort === undefined || parentPort === null || receiveMessageOnPort === undefined) {
    throw new RangeError("this is no thread")
  }
  const { given, port } = workerData
  return {
    given,
    post: (message) => port.postMessage(message, []),
    receive: () => receiveMessageOnPort(port)?.message,
    tell: (message) => parentPort.postMessage(message, []),
    onExit: (act) => void globalThis.process.on("exit", act)
  }
}
