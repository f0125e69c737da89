/** Whole algorithms. */

/** Advantage actor-critic over n steps, for discrete actions. */
export * as A2c from "./A2c.ts"
/** Actor-critic per episode, for discrete actions. */
export * as ActorCritic from "./ActorCritic.ts"
/** The paper's algorithm, line by line. */
export * as Ddpg from "./Ddpg.ts"
/** Algorithms that are DDPG with variants, as data. */
export * as Recipe from "./Recipe.ts"
/** TD3, D4PG, SAC, TQC. */
export * as Recipes from "./Recipes.ts"
