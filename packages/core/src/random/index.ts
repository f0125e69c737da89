/** Random keys and exact functions. */

/** Logarithm, exponential and powers with the same bits everywhere. */
export * as Elementary from "./Elementary.ts"
/** Random keys: counter-based, derived by name and step. */
export * as Key from "./Key.ts"
