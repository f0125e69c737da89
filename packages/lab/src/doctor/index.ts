/** What this machine has. */

/** What this machine has of what Ornstein needs. */
export * as Doctor from "./Doctor.ts"
/** How long an update takes. */
export * as UpdateBench from "./UpdateBench.ts"
/** One thing that Ornstein needs, and whether this machine has it. */
export type * as Finding from "./Finding.ts"
