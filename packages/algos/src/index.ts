import "@ornstein/jit/NodeVersion"

// algorithms as records of slots

export { Algorithm, Base, Papers, Phases } from "./family/index.ts"

// what actor and critics are made of

export { Architecture, Dense, Networks } from "./networks/index.ts"

// whole algorithms

export { A2c, ActorCritic, Ddpg, Recipe, Recipes } from "./bases/index.ts"

// variants: functions from an algorithm to an algorithm

export { behaviourCloning } from "./variants/BehaviourCloning.ts"
export { categoricalCritic } from "./variants/CategoricalCritic.ts"
export { criticEnsemble } from "./variants/CriticEnsemble.ts"
export { deepSets } from "./variants/DeepSets.ts"
export { delayedPolicy } from "./variants/DelayedPolicy.ts"
export { huber } from "./variants/Huber.ts"
export { layerNorm } from "./variants/LayerNorm.ts"
export { quantileCritic } from "./variants/QuantileCritic.ts"
export { softActor } from "./variants/SoftActor.ts"
export { targetPolicySmoothing } from "./variants/TargetPolicySmoothing.ts"
export { targetUpdate } from "./variants/TargetUpdate.ts"
export { twinCritics } from "./variants/TwinCritics.ts"

// every algorithm and variant by name

export { Registry } from "./registry/index.ts"
