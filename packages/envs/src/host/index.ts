/** Processes: what only Node has. */

/** What goes wrong between us and a Python process. */
export { BridgeError, Reason } from "./BridgeError.ts"
/** A Python process that is asked and answers, synchronously. */
export * as PythonProcess from "./PythonProcess.ts"
