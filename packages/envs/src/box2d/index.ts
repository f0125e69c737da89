/** Worlds of rigid bodies, on Box2D. */

/** Walk on two legs: BipedalWalker-v3 and BipedalWalkerHardcore-v3. */
export * as BipedalWalker from "./BipedalWalker.ts"
/** Set a lander down: LunarLander-v3 and LunarLanderContinuous-v3. */
export * as LunarLander from "./LunarLander.ts"
