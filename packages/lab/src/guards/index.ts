/** What stands around parts that came from a module of the user's own. */

/** What code of the user's own may not do to the process. */
export * as Contained from "./Contained.ts"
/** A part's methods, watched. */
export * as Guard from "./Guard.ts"
/** An exploration whose methods are watched. */
export * as GuardedExploration from "./GuardedExploration.ts"
/** Networks, optimizers, ramps and engines whose methods are watched. */
export * as GuardedLearning from "./GuardedLearning.ts"
/** A replay whose methods are watched. */
export * as GuardedReplay from "./GuardedReplay.ts"
/** A variant whose slots are watched. */
export * as GuardedVariant from "./GuardedVariant.ts"
/** A world, or a wrapper around one, whose methods are watched. */
export * as GuardedWorld from "./GuardedWorld.ts"
