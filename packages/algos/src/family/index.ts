/** Algorithms as records of slots, and what they share. */

/** Algorithms as records of slots, variants as functions between them. */
export * as Algorithm from "./Algorithm.ts"
/** What a configuration's algorithm begins with, and what it is run with. */
export * as Base from "./Base.ts"
/** The papers that algorithms and variants are from. */
export * as Papers from "./Papers.ts"
/** The slots of an algorithm in the order of an update. */
export * as Phases from "./Phases.ts"
