/** A policy as a value. */

/** A policy: made of a state, opened on any engine. */
export * as Policy from "./Policy.ts"
/** What is wrong with a policy. */
export { PolicyError } from "./PolicyError.ts"
/** A policy as one file. */
export * as PolicyFile from "./PolicyFile.ts"
