/** Who listens to a session. */

/** What a person sees of a run while it learns. */
export * as Progress from "./Progress.ts"
/** TensorBoard event files. */
export * as TensorBoard from "./TensorBoard.ts"
