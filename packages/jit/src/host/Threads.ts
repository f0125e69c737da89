/**
 * Threads of whatever runs this: Node's workers, or a browser's. Nothing of Node is imported: a bundle for a browser
 * finds no trace of it. The code of a thread is text, so that it is found from source, built, bundled and from a `Blob`.
 */

// models

export interface Thread {
  /** Ends it; resolved once it has ended, where that is told. */
  readonly terminate: () => Promise<void>
}

export interface Options {
  readonly name: string
  /**
   * A script that defines `run`, a function of what the thread is given, and of `answer`, which tells its maker that it
   * is there. No import, no export.
   */
  readonly code: string
  /** What `run` gets; memory in it is shared. */
  readonly given: object
  /** Told why it failed, if it did. */
  readonly onError: (cause: unknown) => void
  /** Told that it has answered. */
  readonly onAnswer?: () => void
  /** Told that it is over, by failure or by `terminate`; a browser does not tell of the latter. */
  readonly onEnd: () => void
}

/** What is used of Node's `worker_threads`. */
interface NodeWorker {
  readonly terminate: () => Promise<number>
  readonly unref: () => void
  readonly on: (event: "error" | "exit" | "message", listener: (cause: unknown) => void) => void
}
interface NodeThreads {
  readonly Worker: new (code: string, options: object) => NodeWorker
}

/** What is used of a browser's workers. */
interface WebWorker {
  readonly postMessage: (message: object, transfer: ReadonlyArray<object>) => void
  readonly terminate: () => void
  readonly addEventListener: (
    type: "error" | "message",
    listener: (event: { readonly message?: string }) => void
  ) => void
}

interface Host {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NodeThreads | undefined }
  readonly Worker?: new (url: string, options: { readonly name: string }) => WebWorker
  readonly navigator?: { readonly hardwareConcurrency?: number }
  /** Of a page or its worker: may memory be shared? */
  readonly crossOriginIsolated?: boolean
  /** Of a page, not of its workers. */
  readonly document?: object
}

const host: Host = globalThis

// pure core

/** How many threads the processor runs side by side. */
export const cores = (): number => host.navigator?.hardwareConcurrency ?? 1

/** Why threads cannot share memory here, and what to do; `undefined` where they can. */
export const obstacle = (): { readonly reason: string; readonly fix: string } | undefined => {
  if (host.document !== undefined) {
    return {
      reason: "the main thread of a page may not wait for other threads",
      fix: "Run it in a worker of the page, or give threads: 1"
    }
  }
  return host.crossOriginIsolated === false
    ? {
        reason: "the page is not isolated, so its threads may not share memory",
        fix:
          "Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, " +
          "or give threads: 1"
      }
    : undefined
}

// constructors

const ofNode = (
  { Worker }: NodeThreads,
  { code, given, name, onAnswer, onEnd, onError }: Options
): Thread => {
  const text = `${code}
const { parentPort, workerData } = require("node:worker_threads")
run(workerData, () => parentPort.postMessage(0))`
  const worker = new Worker(text, { eval: true, name, workerData: given, execArgv: [] })
  worker.on("error", onError)
  worker.on("exit", onEnd)
  if (onAnswer !== undefined) worker.on("message", onAnswer)
  // It does not keep the process alive; whoever listens to messages later than this would undo it.
  worker.unref()
  return { terminate: () => worker.terminate().then(() => undefined) }
}

const ofBrowser = (
  Worker: NonNullable<Host["Worker"]>,
  { code, given, name, onAnswer, onEnd, onError }: Options
): Thread => {
  const text = `${code}\nonmessage = ({ data }) => run(data, () => postMessage(0))`
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }))
  const worker = new Worker(url, { name })
  worker.addEventListener("error", ({ message }) => {
    onError(message)
    onEnd()
  })
  if (onAnswer !== undefined) worker.addEventListener("message", onAnswer)
  worker.postMessage(given, [])
  return {
    terminate: () => {
      worker.terminate()
      URL.revokeObjectURL(url)
      return Promise.resolve()
    }
  }
}

/** Starts a thread. Throws a `RangeError` where there are none. */
export const start = (options: Options): Thread => {
  const node = host.process?.getBuiltinModule?.("node:worker_threads")
  if (node !== undefined) return ofNode(node, options)
  if (host.Worker !== undefined) return ofBrowser(host.Worker, options)
  throw new RangeError("there are no threads here")
}
