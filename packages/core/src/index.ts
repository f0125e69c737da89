/** The environments that agents act in: contract, definition by plain functions, services. */
export * as Environment from "./Environment.ts"
/** Fields of option schemas: defaults and bounds. */
export * as Field from "./Field.ts"
/** Random keys: counter-based, derived by name and step. */
export * as Key from "./Key.ts"
/** What an environment looks like, as data. */
export * as Scene from "./Scene.ts"
/** State as a plain value, exact to the bit, also in JSON. */
export * as Snapshot from "./Snapshot.ts"
/** Boxes and discrete spaces; rescaling to [-1, 1]. */
export * as Space from "./Space.ts"
