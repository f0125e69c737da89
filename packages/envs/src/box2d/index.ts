/** Worlds of rigid bodies, on Box2D. */

/** Walk on two legs: BipedalWalker-v3 and BipedalWalkerHardcore-v3. */
export * as BipedalWalker from "./BipedalWalker.ts"
/** Set a lander down with four actions: LunarLander-v3. */
export * as LunarLander from "./LunarLander.ts"
/** Set a lander down with throttles: LunarLanderContinuous-v3. */
export * as LunarLanderContinuous from "./LunarLanderContinuous.ts"
