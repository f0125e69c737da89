/** Who listens to a session. */

/** The checkpoints of a run. */
export * as Checkpoints from "./Checkpoints.ts"
/** What happens as lines of JSON on an output. */
export * as Json from "./Json.ts"
/** What happens as a stream, for a view in the same program. */
export * as Live from "./Live.ts"
/** `run.json`. */
export * as Record from "./Record.ts"
/** What happens as lines of JSON over a local socket. */
export * as Socket from "./Socket.ts"
/** The tables of a run. */
export * as Tables from "./Tables.ts"
/** TensorBoard event files. */
export * as TensorBoard from "./TensorBoard.ts"
/** What a person sees of a run while it learns. */
export * as Terminal from "./Terminal.ts"
