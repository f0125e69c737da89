/** What actor and critics are made of. */

/** The slots of an algorithm that build its networks. */
export * as Architecture from "./Architecture.ts"
/** Networks for worlds whose dimensions are all alike (Zaheer et al., "Deep sets", 2017). */
export * as DeepSets from "./DeepSets.ts"
/** Layers on layers: the networks of DDPG and of what is made from it. */
export * as Dense from "./Dense.ts"
/** The networks that a configuration can name. */
export * as Networks from "./Networks.ts"
