/** State as values. */

/** Named arrays in a file that Python reads. */
export * as Safetensors from "./Safetensors.ts"
/** State as a plain value, exact to the bit, also in JSON. */
export * as Snapshot from "./Snapshot.ts"
