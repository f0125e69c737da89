/** Every algorithm and variant by name. */

/** What each base is run with unless a configuration says otherwise. */
export * as Defaults from "./Defaults.ts"
/** Every algorithm and variant by name, with papers and options. */
export * as Registry from "./Registry.ts"
