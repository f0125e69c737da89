/** Worlds: contract, spaces, definitions. */

/** The environments that agents act in: contract, definition by plain functions, services. */
export * as Environment from "./Environment.ts"
/** Tasks whose observations contain a goal. */
export * as Goals from "./Goals.ts"
/** What an environment looks like, as data. */
export * as Scene from "./Scene.ts"
/** Boxes and discrete spaces; rescaling to [-1, 1]. */
export * as Space from "./Space.ts"
