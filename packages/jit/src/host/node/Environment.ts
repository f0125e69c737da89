/** What other packages expect of Node. */
import util from "node:util"
import { isMainThread } from "node:worker_threads"

/** Whether this is a worker: its environment variables are a copy, which libraries do not see. */
export const isWorker = !isMainThread

/** Node 23 removed functions that `@tensorflow/tfjs-node` still calls. */
export const restoreUtil = (): void => {
  const removed = { isNullOrUndefined: (x: unknown) => x === null || x === undefined, isArray: Array.isArray }
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true })
  }
}
