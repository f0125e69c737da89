/** Where the random numbers of a start come from. */
export * as Draws from "./Draws.ts"
/** Gymnasium's resets for a seed, bit for bit. */
export * as GymnasiumSeed from "./GymnasiumSeed.ts"
/** Recorded trajectories and how far ours is from them. */
export * as Recording from "./Recording.ts"
/** Swing a pendulum up: Pendulum-v1. */
export * as Pendulum from "./Pendulum.ts"
