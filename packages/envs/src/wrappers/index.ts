/** What is put around a world. */

/** Environments around environments. */
export * as Wrapper from "./Wrapper.ts"
