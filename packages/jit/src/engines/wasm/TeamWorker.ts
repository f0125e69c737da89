/** A worker thread of a `Team`: runs its part of every call until it is terminated. */
import { workerData } from "node:worker_threads"
import * as Runtime from "./Runtime.ts"
import type { Job } from "./Team.ts"

const isJob = (u: unknown): u is Job => typeof u === "object" && u !== null && "serve" in u && "memory" in u

const data: unknown = workerData
if (isJob(data)) {
  const { module, memory, serve, dead } = data
  try {
    Runtime.instantiate(module, memory, { stalled: () => 0 })[serve]?.()
  } finally {
    // Its loop has no end, so it has failed: the caller looks here while it waits.
    Atomics.store(new Int32Array(memory.buffer), dead / 4, 1)
  }
}
