/** Whole algorithms. */

/** Advantage actor-critic over n steps, for discrete actions. */
export * as A2c from "./A2c.ts"
/** Actor-critic per episode, for discrete actions. */
export * as ActorCritic from "./ActorCritic.ts"
/** The paper's algorithm, line by line. */
export * as Ddpg from "./Ddpg.ts"
