/** Random keys, and functions with the same bits everywhere. */

/** Logarithm, exponential and powers with the same bits everywhere. */
export * as Elementary from "./Elementary.ts"
/** Random keys: counter-based, derived by name and step. */
export * as Key from "./Key.ts"
/** Sine and cosine with the same bits on every machine. */
export * as Trigonometry from "./Trigonometry.ts"
/** The names of the streams of random numbers. */
export * as Streams from "./Streams.ts"
