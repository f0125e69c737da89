/** Every algorithm and variant by name. */

/** Every algorithm and variant by name, with papers and options. */
export * as Registry from "./Registry.ts"
