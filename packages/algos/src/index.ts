import "@ornstein/jit/NodeVersion"

/** Algorithms as records of slots, variants as functions between them. */
export * as Algorithm from "./Algorithm.ts"
/** The slots of an algorithm in the order of an update. */
export * as Phases from "./Phases.ts"

/** Advantage actor-critic over n steps, for discrete actions. */
export * as A2c from "./A2c.ts"
/** Actor-critic per episode, for discrete actions. */
export * as ActorCritic from "./ActorCritic.ts"
/** What each base is run with unless a configuration says otherwise. */
export * as Defaults from "./Defaults.ts"
/** The paper's algorithm, line by line. */
export * as Ddpg from "./Ddpg.ts"
/** Every algorithm and variant by name, with papers and options. */
export * as Registry from "./Registry.ts"

// variants: functions from an algorithm to an algorithm

export { behaviourCloning } from "./BehaviourCloning.ts"
export { categoricalCritic } from "./CategoricalCritic.ts"
export { deepSets } from "./DeepSets.ts"
export { delayedPolicy } from "./DelayedPolicy.ts"
export { huber } from "./Huber.ts"
export { layerNorm } from "./LayerNorm.ts"
export { quantileCritic } from "./QuantileCritic.ts"
export { softActor } from "./SoftActor.ts"
export { targetPolicySmoothing } from "./TargetPolicySmoothing.ts"
export { targetUpdate } from "./TargetUpdate.ts"
export { criticEnsemble, twinCritics } from "./TwinCritics.ts"
