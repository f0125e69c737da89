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
  /** A script that defines `run`, a function of what the thread is given. No import, no export. */
  readonly code: string
  /** What `run` gets; memory in it is shared. */
  readonly given: object
  /** Told why it failed, if it did. */
  readonly onError: (cause: unknown) => void
  /** Told that it is over, by failure or by `terminate`; a browser does not tell of the latter. */
  readonly onEnd: () => void
}

/** What is used of Node's `worker_threads`. */
interface NodeWorker {
  readonly terminate: () => Promise<number>
  readonly unref: () => void
  readonly on: (event: "error" | "exit", listener: (cause: unknown) => void) => void
}
interface NodeThreads {
  readonly Worker: new (code: string, options: object) => NodeWorker
}

/** What is used of a browser's workers. */
interface WebWorker {
  readonly postMessage: (message: object, transfer: ReadonlyArray<object>) => void
  readonly terminate: () => void
  readonly addEventListener: (type: "error", listener: (event: { readonly message?: string }) => void) => void
}

interface Host {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NodeThreads | undefined }
  readonly Worker?: new (url: string, options: { readonly name: string }) => WebWorker
  readonly navigator?: { readonly hardwareConcurrency?: number }
}

const host: Host = globalThis

// pure core

/** How many threads the processor runs side by side. */
export const cores = (): number => host.navigator?.hardwareConcurrency ?? 1

// constructors

const ofNode = ({ Worker }: NodeThreads, { code, given, name, onEnd, onError }: Options): Thread => {
  const worker = new Worker(`${code}\nrun(require("node:worker_threads").workerData)`, {
    eval: true,
    name,
    workerData: given,
    execArgv: []
  })
  // It does not keep the process alive.
  worker.unref()
  worker.on("error", onError)
  worker.on("exit", onEnd)
  return { terminate: () => worker.terminate().then(() => undefined) }
}

const ofBrowser = (
  Worker: NonNullable<Host["Worker"]>,
  { code, given, name, onEnd, onError }: Options
): Thread => {
  const text = `${code}\nonmessage = ({ data }) => run(data)`
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }))
  const worker = new Worker(url, { name })
  worker.addEventListener("error", ({ message }) => {
    onError(message)
    onEnd()
  })
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
