/** Noise for gathering experience. */

/** Noise for gathering experience. */
export * as Exploration from "./Exploration.ts"
/** Noise on the parameters of the policy. */
export * as ParameterNoise from "./ParameterNoise.ts"
