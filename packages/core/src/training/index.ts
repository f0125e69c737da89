/** The loop: acting, learning, evaluating. */

/** Episodes without exploration, from fixed start states. */
export * as Evaluation from "./Evaluation.ts"
/** What a run from a dataset alone does, and cannot have. */
export * as FromDataset from "./FromDataset.ts"
/** Normalisation of what a learner sees. */
export * as Normalization from "./Normalization.ts"
/** What an on-policy learner cannot have beside it. */
export * as OnPolicy from "./OnPolicy.ts"
/** Running mean and variance, and the scale of rewards. */
export * as RunningStatistics from "./RunningStatistics.ts"
/** The training loop as a resumable stream of slices. */
export * as Training from "./Training.ts"
/** Long synchronous work in turns. */
export * as Turn from "./Turn.ts"
