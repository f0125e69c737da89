/** The face of the passes. */
export { keepNan } from "./KeepNan.ts"
export { simplify } from "./Simplify.ts"
export { unfuse } from "./Unfuse.ts"
