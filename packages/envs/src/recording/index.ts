/** Worlds beside recordings of other libraries. */

/** Gymnasium's resets for a seed, bit for bit. */
export * as GymnasiumSeed from "./GymnasiumSeed.ts"
/** Recorded trajectories and how far ours is from them. */
export * as Recording from "./Recording.ts"
