/** Algorithms as records of slots, and what they share. */

/** Algorithms as records of slots, variants as functions between them. */
export * as Algorithm from "./Algorithm.ts"
/** The networks of DDPG and of what is made from it. */
export * as Architecture from "./Architecture.ts"
/** The slots of an algorithm in the order of an update. */
export * as Phases from "./Phases.ts"
