/** Tasks of our own: reaching, regulating, probes. */

/** A linear system with quadratic cost, whose optimum is known. */
export * as LinearQuadratic from "./LinearQuadratic.ts"
/** Bring a point in many dimensions to its goal. */
export * as PointReach from "./PointReach.ts"
/** Tiny worlds that each isolate one fault of a learner. */
export * as Probe from "./Probe.ts"
/** What is observed and done in a world that is not here. */
export * as Spaces from "./Spaces.ts"
