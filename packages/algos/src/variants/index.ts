/** Functions from an algorithm to an algorithm. */

/** An actor that stays near the data (TD3+BC; Fujimoto and Gu, "A minimalist approach to offline reinforcement learning", 2021). */
export * as BehaviourCloning from "./BehaviourCloning.ts"
/** A distribution in place of a value (D4PG; Barth-Maron et al., "Distributed distributional deterministic policy gradients", 2018, after Bellemare et al., 2017). */
export * as CategoricalCritic from "./CategoricalCritic.ts"
/** Many critics, of which each update's target asks a few (REDQ; Chen et al., "Randomized ensembled double Q-learning: learning fast without a model", 2021). */
export * as CriticEnsemble from "./CriticEnsemble.ts"
/** Networks for worlds whose dimensions are all alike (Zaheer et al., "Deep sets", 2017). */
export * as DeepSets from "./DeepSets.ts"
/** The actor and all targets move in every d-th update only (Fujimoto et al., 2018, section 5.2). */
export * as DelayedPolicy from "./DelayedPolicy.ts"
/** The Huber loss in place of the square (Huber, 1964). */
export * as Huber from "./Huber.ts"
/** Layer normalisation in the hidden layers of actor and critics (Ba et al., 2016), as D4PG's and much later code has it where the DDPG paper has batch normalisation. */
export * as LayerNorm from "./LayerNorm.ts"
/** Quantiles in place of a value, the topmost dropped (TQC; Kuznetsov et al., "Controlling overestimation bias with truncated mixture of continuous distributional quantile critics", 2020). */
export * as QuantileCritic from "./QuantileCritic.ts"
/** A stochastic policy that is paid for its entropy (SAC; Haarnoja et al., "Soft actor-critic algorithms and applications", 2018). */
export * as SoftActor from "./SoftActor.ts"
/** Noise on the target's action (Fujimoto et al., 2018, section 5.3). */
export * as TargetPolicySmoothing from "./TargetPolicySmoothing.ts"
/** How targets follow. */
export * as TargetUpdate from "./TargetUpdate.ts"
/** Two critics where DDPG has one (Fujimoto et al., "Addressing function approximation error in actor-critic methods", 2018, section 4.2). */
export * as TwinCritics from "./TwinCritics.ts"
