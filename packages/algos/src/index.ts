/** Deep deterministic policy gradient. */
export * as Ddpg from "./Ddpg.ts"
