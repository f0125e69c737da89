/** A learner in an engine's memory: networks, optimizers, programs. */

/** Acting by a compiled program, and what is drawn for it. */
export * as Actor from "./Actor.ts"
/** A learner in an engine's memory: acting and learning. */
export * as Agent from "./Agent.ts"
/** How an action is made of what a policy computes. */
export * as Decision from "./Decision.ts"
/** What an update draws by key: numbers, choices. */
export * as Draw from "./Draw.ts"
/** What others keep and compute beside a learner. */
export * as Extension from "./Extension.ts"
/** Losses, their gradients, and one step down them. */
export * as Gradient from "./Gradient.ts"
/** What training needs of an algorithm. */
export * as Learner from "./Learner.ts"
/** Networks as data: perceptrons and critics. */
export * as Network from "./Network.ts"
/** Optimizers as data: Adam, SGD, clipping, chains. */
export * as Optimizer from "./Optimizer.ts"
/** The optimizers that a configuration can name. */
export * as Optimizers from "./Optimizers.ts"
/** The trainable numbers of one network. */
export * as Parameters from "./Parameters.ts"
/** The programs of a learner. */
export * as Programs from "./Programs.ts"
/** The program that acts on any number of observations. */
export * as Rowwise from "./Rowwise.ts"
/** Scalars of updates, which may move. */
export * as Scalars from "./Scalars.ts"
/** Shapes asserted while programs are traced. */
export * as Shape from "./Shape.ts"
/** Graphs for any number of rows. */
export * as Template from "./Template.ts"
